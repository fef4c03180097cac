#!/usr/bin/env bash
# Installs Docker from the distribution's packages if it is missing, and starts it. For fresh CI machines with
# Debian or a derivative, as root. Does nothing if an engine answers.
set -euo pipefail

answers() { docker version --format '{{.Server.Version}}' >/dev/null 2>&1; }

answers && exit 0
if ! command -v dockerd >/dev/null; then
  echo "Installing Docker (apt-get install docker.io) ..."
  export DEBIAN_FRONTEND=noninteractive
  apt-get -qq update
  apt-get -qq install -y --no-install-recommends docker.io >/dev/null
fi

if [[ -d /run/systemd/system ]]; then
  echo "Starting Docker (systemctl start docker) ..."
  systemctl start docker
else
  log=/var/log/learning-platform-dockerd.log
  echo "Starting Docker (dockerd in the background; it keeps running, log in $log) ..."
  setsid dockerd </dev/null >>"$log" 2>&1 &
fi
for ((second = 0; second < 30; second++)); do
  answers && exit 0
  sleep 1
done
echo "Docker was started but does not answer" >&2
exit 1
