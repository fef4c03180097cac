#!/usr/bin/env bash
# Starts PostgreSQL; makes the cluster first where the volume is empty. Takes what the official
# image takes: POSTGRES_USER, POSTGRES_PASSWORD, POSTGRES_DB, POSTGRES_INITDB_ARGS (each also as *_FILE),
# POSTGRES_INITDB_WALDIR, POSTGRES_HOST_AUTH_METHOD, PGDATA, and
# /docker-entrypoint-initdb.d with *.sh, *.sql and *.sql.gz.
set -euo pipefail

# A new cluster is made here and moved up when it is whole: a container that is killed meanwhile
# leaves no half-made cluster which the next start would take for a good one.
making=$PGDATA/initialising

fail() {
  echo "postgres entrypoint: $*" >&2
  exit 1
}

# value_of NAME DEFAULT: what the variable says, or the file that NAME_FILE points to.
value_of() {
  local file=$1_FILE
  if [[ ${!1:-} && ${!file:-} ]]; then
    fail "$1 and $file are both set; set one"
  elif [[ ${!file:-} ]]; then
    [[ -r ${!file} ]] || fail "$file: ${!file} cannot be read by user $(id -u)"
    printf '%s' "$(<"${!file}")"
  else
    printf '%s' "${!1:-$2}"
  fi
}

as_postgres() {
  if ((EUID == 0)); then
    setpriv --reuid=postgres --regid=postgres --init-groups env HOME=/var/lib/postgresql "$@"
  else
    "$@"
  fi
}

own_directories() {
  mkdir -p "$PGDATA" "${POSTGRES_INITDB_WALDIR:-$PGDATA}"
  if ((EUID == 0)); then
    find "$PGDATA" /var/run/postgresql "${POSTGRES_INITDB_WALDIR:-$PGDATA}" \
      ! -user postgres -exec chown postgres:postgres {} +
  fi
  as_postgres chmod 700 "$PGDATA" || true # fails where another user was chosen with --user
}

sql() {
  psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --no-password \
    --host=/var/run/postgresql --username="$POSTGRES_USER" --dbname="$POSTGRES_DB" "$@"
}

run_init_file() {
  case $1 in
    *.sh)
      echo "running $1"
      # A script that is not executable is sourced, as in the official image.
      if [[ -x $1 ]]; then "$1"; else . "$1"; fi
      ;;
    *.sql)
      echo "running $1"
      sql --file="$1"
      ;;
    *.sql.gz)
      echo "running $1"
      gunzip --stdout "$1" | sql
      ;;
    *) echo "ignoring $1: neither .sh nor .sql nor .sql.gz" ;;
  esac
}

# Runs as postgres, in a process of its own.
initialise() {
  local waldir=() file files=(/docker-entrypoint-initdb.d/*) final=$PGDATA
  export PGDATA=$making PGPASSWORD=$POSTGRES_PASSWORD
  [[ ! ${POSTGRES_INITDB_WALDIR:-} ]] || waldir=(--waldir="$POSTGRES_INITDB_WALDIR")
  # /tmp as well: the client tools are from another build than the server and look there.
  # The last one is split on purpose: it holds several arguments.
  # shellcheck disable=SC2086
  initdb --pgdata="$PGDATA" --username="$POSTGRES_USER" --pwfile=<(printf '%s\n' "$POSTGRES_PASSWORD") \
    --set=listen_addresses='*' --set=unix_socket_directories='/var/run/postgresql, /tmp' \
    "${waldir[@]}" ${POSTGRES_INITDB_ARGS:-}
  local method=${POSTGRES_HOST_AUTH_METHOD:-$(postgres -C password_encryption "$@")}
  printf '\nhost all all all %s\n' "$method" >>"$PGDATA/pg_hba.conf"

  if [[ $POSTGRES_DB != postgres || -e ${files[0]} ]]; then
    # On the socket only: no client, and no health probe over TCP, meets a half-made cluster.
    pg_ctl --pgdata="$PGDATA" --silent --wait start \
      --options="$(printf '%q ' "$@" -c "listen_addresses=")" >/dev/null
    if [[ $POSTGRES_DB != postgres ]]; then
      sql --dbname=postgres --set=db="$POSTGRES_DB" <<<'create database :"db"'
    fi
    for file in "${files[@]}"; do
      [[ ! -e $file ]] || run_init_file "$file"
    done
    pg_ctl --pgdata="$PGDATA" --silent --wait --mode=fast stop
  fi
  find "$making" -mindepth 1 -maxdepth 1 ! -name PG_VERSION -exec mv --target-directory="$final" {} +
  mv "$making/PG_VERSION" "$final/" # the last one: it says that a cluster is here
  rmdir "$making"
}

if [[ ${1:-} == --initialise-as-postgres ]]; then
  shift
  initialise "$@"
  exit
fi

[[ ${1:-} != -* ]] || set -- postgres "$@"
[[ ${1:-} == postgres ]] || exec "$@"
for argument; do
  case $argument in
    -\? | --help | -V | --version | --describe-config) exec "$@" ;;
  esac
done

shift
own_directories
if [[ -e $making && ! -s $PGDATA/PG_VERSION ]]; then
  echo "the initialisation of $PGDATA was interrupted: starting it over"
  find "$PGDATA" -mindepth 1 -delete
fi
# As file_env of the official entrypoint (docker-library/postgres 6edb0a8, docker-entrypoint.sh): at each start,
# and what came from a file is in the server's own environment too. Assigned on their own: the exit code
# of a command within `export` is lost.
POSTGRES_PASSWORD=$(value_of POSTGRES_PASSWORD "")
POSTGRES_USER=$(value_of POSTGRES_USER postgres)
POSTGRES_DB=$(value_of POSTGRES_DB "$POSTGRES_USER")
POSTGRES_INITDB_ARGS=$(value_of POSTGRES_INITDB_ARGS "")
export POSTGRES_PASSWORD POSTGRES_USER POSTGRES_DB POSTGRES_INITDB_ARGS
unset POSTGRES_PASSWORD_FILE POSTGRES_USER_FILE POSTGRES_DB_FILE POSTGRES_INITDB_ARGS_FILE

if [[ -s $PGDATA/PG_VERSION ]]; then
  echo "$PGDATA holds a cluster: initialisation skipped"
else
  if [[ ! $POSTGRES_PASSWORD && ${POSTGRES_HOST_AUTH_METHOD:-} != trust ]]; then
    fail "no superuser password: set POSTGRES_PASSWORD or POSTGRES_PASSWORD_FILE" \
      "(POSTGRES_HOST_AUTH_METHOD=trust lets everybody in without one)"
  fi
  # In the background, as bash answers a signal only while it waits.
  trap 'exit 130' INT TERM
  as_postgres "${BASH_SOURCE[0]}" --initialise-as-postgres "$@" &
  wait $!
  trap - INT TERM
fi
if ((EUID == 0)); then
  exec setpriv --reuid=postgres --regid=postgres --init-groups env HOME=/var/lib/postgresql postgres "$@"
fi
exec postgres "$@"
