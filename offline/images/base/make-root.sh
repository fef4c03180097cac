#!/usr/bin/env bash
# Makes the root file system of a minimal Debian 12 in DIRECTORY, with nothing of this
# machine or its network in it. Needs root and debootstrap.
set -euo pipefail
root=$1

debootstrap --variant=minbase bookworm "$root"
# debootstrap copies these two from the machine that it runs on.
: >"$root/etc/resolv.conf"
echo localhost >"$root/etc/hostname"
# Debian's own mirror, as debootstrap noted it; updates and security lie beside it.
mirror=$(awk '$1 == "deb" { print $2; exit }' "$root/etc/apt/sources.list")
cat >"$root/etc/apt/sources.list" <<SOURCES
deb $mirror bookworm main
deb $mirror bookworm-updates main
deb $mirror-security bookworm-security main
SOURCES
cat >"$root/etc/dpkg/dpkg.cfg.d/slim" <<'DPKG'
path-exclude /usr/share/doc/*
path-include /usr/share/doc/*/copyright
path-exclude /usr/share/man/*
path-exclude /usr/share/locale/*
path-exclude /usr/share/info/*
DPKG
find "$root/usr/share/doc" -type f ! -name copyright -delete
# The folders stay: the post-install script of Java's package writes into man1.
find "$root"/usr/share/{man,locale,info} -type f -delete
rm -rf "$root"/var/lib/apt/lists/* "$root"/var/log/* \
  "$root"/var/cache/{apt,debconf}/* "$root"/var/lib/dpkg/*-old
