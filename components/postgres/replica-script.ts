/**
 * Starts a replica in a container: copies the primary where there is no copy, and ends where the copy has become useless,
 * so that the engine starts the container again and a new copy is made. No Pulumi.
 *
 * It runs as root in the official image (docker-library/postgres 6edb0a8, 16/alpine3.23: busybox' sh, all programs of
 * PostgreSQL in the path). Its docker-entrypoint.sh then gives the folder to the user postgres, becomes that user, and
 * makes no new cluster where there is a PG_VERSION.
 *
 * Only SQL tells whether the primary still has what a copy lacks: `wal_status` of its slot. READ_REPLICATION_SLOT shows a
 * position again once the replica has asked for WAL that is gone (src/backend/replication/walsender.c of PostgreSQL 16,
 * StartReplication, PhysicalConfirmReceivedLocation).
 */

/**
 * Takes PGDATA, REPLICA_PRIMARY (how to connect, without a password), REPLICA_SLOT, REPLICA_SYNC (options of the copy) and
 * REPLICA_OWN (files that the server's user reads) from the environment; its arguments are the server's command.
 */
export const REPLICA_SCRIPT = `
say() { echo "replica: $*"; }

ask() { psql --no-psqlrc --tuples-only --no-align --dbname="$REPLICA_PRIMARY dbname=postgres" --command="$1"; }

# reserved, extended, unreserved or lost (postgresql.org/docs/16/view-pg-replication-slots.html); nothing without a slot.
slot_status() { ask "select wal_status from pg_replication_slots where slot_name = '$REPLICA_SLOT'"; }

# Whether the primary no longer has what the copy lacks.
is_behind() { status=$(slot_status 2>/dev/null) && case $status in "" | lost) true ;; *) false ;; esac; }

control() { LC_ALL=C pg_controldata --pgdata="$PGDATA" | sed -n "s/^$1: *//p"; }

is_copy() { [ -s "$PGDATA/PG_VERSION" ]; }

# In the background, as sh answers a signal only while it waits.
wait_for() { "$@" & wait $!; }

copy() {
  ask "select pg_drop_replication_slot(slot_name) from pg_replication_slots
    where slot_name = '$REPLICA_SLOT' and wal_status = 'lost'" >/dev/null &&
    ask "select pg_create_physical_replication_slot('$REPLICA_SLOT', true)
    where not exists (select from pg_replication_slots where slot_name = '$REPLICA_SLOT')" >/dev/null || return 1
  say "copying the primary"
  rm -rf "$PGDATA" "$PGDATA.new"
  pg_basebackup --dbname="$REPLICA_PRIMARY" --pgdata="$PGDATA.new" --slot="$REPLICA_SLOT" \\
    --wal-method=stream --checkpoint=fast --no-password $REPLICA_SYNC || return 1
  touch "$PGDATA.new/standby.signal"
  mv "$PGDATA.new" "$PGDATA"
  say "the copy is complete"
}

trap "exit 130" INT TERM
chown postgres $REPLICA_OWN || exit 1

if is_copy && [ ! -e "$PGDATA/standby.signal" ]; then
  say "was promoted, and follows no primary any more"
elif is_copy && system=$(ask "select system_identifier from pg_control_system()"); then
  if [ "$system" != "$(control 'Database system identifier')" ]; then
    say "the primary is not the one that this copy was made of; nothing was changed."
    say "If the copy is not needed, remove this container and its volume, and run up."
    wait_for sleep 30
    exit 1
  fi
  if is_behind; then
    say "the primary no longer has what this copy lacks"
    rm -rf "$PGDATA"
  fi
fi
until is_copy || wait_for copy; do
  wait_for sleep 2
done

# A server does not start with fewer connections than its primary had when the copy last followed it.
least=$(control 'max_connections setting')
for word; do
  case $word in max_connections=*) wanted=\${word#*=} ;; esac
done
[ "$least" -le "$wanted" ] || set -- "$@" -c "max_connections=$least"

docker-entrypoint.sh "$@" &
server=$!
# Again and again: the first signal may come before the server knows it.
stop() { (while kill -INT $server; do sleep 1; done) 2>/dev/null & }
trap stop INT TERM
(
  while sleep 20; do
    if [ -e "$PGDATA/standby.signal" ] && is_behind; then
      say "the primary no longer has what this copy lacks; making a new one"
      kill -INT $server
    fi
  done
) &
while kill -0 $server 2>/dev/null; do
  wait $server
done`;
