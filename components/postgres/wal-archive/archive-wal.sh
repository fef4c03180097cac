# PostgreSQL's archive_command: asks the container of the archive to send a file of pg_wal, and waits for the answer.
# It runs in the data directory, and reports success only once the file is in the archive, so that pg_stat_archiver and
# pg_wal tell how far the archive is behind. Until then the server keeps the file, and asks again.
#
# Arguments: the name of the file (%f), and how many files may wait. Beyond that, the oldest is given up rather than the
# disk be filled, as pgBackRest's archive-push-queue-max does: the archive has a gap then, and a new base backup follows.
name=$1
most=$2
requests=/var/lib/platform-wal/requests

age() { echo $(($(date +%s) - $(stat -c %Y "$1" 2>/dev/null || echo 0))); }

waiting=$(ls pg_wal/archive_status | grep -c '\.ready$')
case $name in
  *.history) ;;
  *)
    if [ "$waiting" -gt "$most" ]; then
      date -u +%Y-%m-%dT%H:%M:%SZ >/var/lib/platform-wal/gap
      echo "archive-wal: $waiting files wait, more than $most: $name is given up, and the archive has a gap" >&2
      exit 0
    fi
    ;;
esac

# Nobody would answer.
[ "$(age /var/lib/platform-wal/heartbeat)" -lt 15 ] || { echo "archive-wal: the container of the archive is down" >&2; exit 1; }

# An answer may be left of an attempt that was given up.
rm -f "$requests/$name.done" "$requests/$name.failed"
: >"$requests/$name.wanted"
tries=400
# A server that stops asks a last time. Docker would kill it if that took long.
[ "$(sed -n 8p postmaster.pid | tr -d ' ')" != stopping ] || tries=50
while [ "$tries" -gt 0 ]; do
  if [ -e "$requests/$name.done" ]; then
    rm -f "$requests/$name.done"
    exit 0
  fi
  if [ -e "$requests/$name.failed" ]; then
    rm -f "$requests/$name.failed"
    echo "archive-wal: $name was not archived; npm run logs -- wal-archiver says why" >&2
    exit 1
  fi
  sleep 0.1
  tries=$((tries - 1))
done
rm -f "$requests/$name.wanted"
echo "archive-wal: no answer for $name" >&2
exit 1
