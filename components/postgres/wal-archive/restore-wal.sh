# PostgreSQL's restore_command: asks the container of the archive for a file, and waits for it.
# Arguments: the name of the file (%f), and where it goes (%p). Exit code 1 says that the archive has no such file; 255
# ends the recovery, since PostgreSQL takes any code above 125 for a failure of the command (xlogarchive.c,
# RestoreArchivedFile).
name=$1
to=$2
fetched=/var/lib/platform-wal/fetched

rm -f "$fetched/$name.done" "$fetched/$name.failed" "$fetched/$name.none"
: >"$fetched/$name.wanted"
tries=1200
while [ "$tries" -gt 0 ]; do
  if [ -e "$fetched/$name.done" ]; then
    mv "$fetched/$name" "$to" && rm -f "$fetched/$name.done"
    exit
  fi
  if [ -e "$fetched/$name.none" ]; then
    rm -f "$fetched/$name.none"
    exit 1
  fi
  [ ! -e "$fetched/$name.failed" ] || break
  sleep 0.05
  tries=$((tries - 1))
done
echo "restore-wal: the archive could not be asked for $name" >&2
exit 255
