#!/usr/bin/env bash
# Makes the image of the web tests, if the engine does not have it yet: busybox, and nginx, Node.js and ss from Debian's packages.
# The programs are copied with the libraries that they load. nginx is unpacked, not installed, so that no server starts on this machine.
#   tests/docker/web-image.sh TAG
set -euo pipefail
tag=${1:?the tag of the image}
if docker image inspect "$tag" >/dev/null 2>&1; then exit 0; fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root
mkdir -p "$root"/{bin,etc,tmp,proc,sys,dev,run,app,usr/bin,usr/sbin,var/log/nginx,var/lib/nginx}

# Copies a program, and every library that it asks for, to the same place.
take() {
  local program=$1 target=$2 library
  cp -L "$program" "$root$target"
  ldd "$program" | grep -q 'not found' && { echo "$program lacks a library:" >&2; ldd "$program" | grep 'not found' >&2; return 1; }
  for library in $(ldd "$program" | grep -oE '/[^ )]+'); do
    [ -e "$root$library" ] || { mkdir -p "$root$(dirname "$library")"; cp -L "$library" "$root$library"; }
  done
}

need() { command -v "$1" || { echo "no $1: apt-get install $2" >&2; return 1; }; }

nginx=$(command -v nginx || true)
if [ -z "$nginx" ]; then
  (cd "$work" && apt-get -qq -o APT::Sandbox::User=root download nginx && dpkg-deb -x nginx_*.deb unpacked)
  nginx=$work/unpacked/usr/sbin/nginx
fi
take "$nginx" /usr/sbin/nginx
take "$(readlink -f "$(need node nodejs)")" /usr/bin/node
take "$(need ss iproute2)" /usr/bin/ss
cp "$(need busybox busybox-static)" "$root/bin/busybox"
for tool in $("$root/bin/busybox" --list); do
  [ -e "$root/bin/$tool" ] || ln -s busybox "$root/bin/$tool"
done
printf 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n' > "$root/etc/passwd"
printf 'root:x:0:\nnogroup:x:65534:\n' > "$root/etc/group"
chmod 1777 "$root/tmp"
tar -C "$root" -c . | docker import - "$tag" >/dev/null
