#!/bin/sh
# Starts redis-server as user redis: with flags, with a *.conf file, or as a whole command.
set -eu

case ${1:-} in
  -* | *.conf) set -- redis-server "$@" ;;
esac

if [ "${1:-}" = redis-server ]; then
  # Snapshots and append-only files are for the server's eyes only.
  umask 0077
  # The official image's build has protected mode off; Debian's has it on, and refuses every
  # client but those on the loopback. What the settings say about it stands.
  case " $* " in
    *protected-mode*) ;;
    *.conf\ *) grep -qs '^ *protected-mode' "$2" || set -- "$@" --protected-mode no ;;
    *) set -- "$@" --protected-mode no ;;
  esac
  if [ "$(id -u)" = 0 ]; then
    find . ! -user redis -exec chown redis:redis {} +
    exec setpriv --reuid=redis --regid=redis --init-groups -- "$@"
  fi
fi
exec "$@"
