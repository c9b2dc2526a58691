#!/usr/bin/env bash
# Unpacks PostgreSQL 18 with the DocumentDB extension (a MongoDB-compatible engine, MIT licence) from Debian's own
# packages into a folder of its own, outside the system's packages. Does nothing when it is there.
# usage: install.sh ROOT
# Its progress is on standard output, a line for each phase; an error is the last line on standard error.
set -euo pipefail
root=${1:?usage: install.sh ROOT}
part=$root.part
fail() { echo "$1" >&2; exit 1; }
complete() { [[ -e $root/.complete ]]; }

complete && exit 0
[[ $(id -u) == 0 ]] || fail "Installing the database engine needs root (it makes device nodes and runs chroot)."
command -v apt-get >/dev/null || fail "Installing the database engine needs Debian's apt-get."

# one installation at a time: the lock ends with the process that holds it
mkdir -p "$(dirname "$root")"
exec 9>"$root.lock"
flock --nonblock 9 || { echo "another process is installing the database engine; waiting for it"; flock 9; }
complete && exit 0
[[ ! -e $root ]] || rmdir "$root" 2>/dev/null || fail "$root is there already and holds something else than the database engine."

mirror=$(sed -nE 's/^URIs: *(.*debian)\/?$/\1/p; s/^deb +(\[[^]]*\] +)?(http[^ ]*debian)\/? .*/\2/p' \
  /etc/apt/sources.list.d/*.sources /etc/apt/sources.list.d/*.list /etc/apt/sources.list 2>/dev/null | head -n 1 || true)
[[ -n $mirror ]] || fail "Installing the database engine needs a Debian mirror, and none is named in apt's sources."

trap 'rm -rf "$part"' EXIT
rm -rf "$part"
if ! command -v mmdebstrap >/dev/null; then
  echo "1/3 installing mmdebstrap with apt-get"
  apt-get update -qq >&2
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq -o DPkg::Lock::Timeout=120 mmdebstrap >/dev/null
fi

echo "2/3 downloading and unpacking PostgreSQL 18 with DocumentDB (540 MB, under a minute) into $root"
# the extension is in Debian unstable; a frozen mirror's Release file may be past its date
mmdebstrap --quiet --variant=extract --components=main \
  --aptopt='Acquire::Check-Valid-Until "false"' --aptopt='APT::Install-Recommends "false"' \
  --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='path-exclude=/usr/share/man/*' \
  --include=postgresql-18-documentdb,dash,base-files,libc-bin,util-linux unstable "$part" "$mirror" >&2

echo "3/3 making the empty database that new data folders start from"
for folder in bin sbin lib lib64; do [[ -e $part/$folder ]] || ln -s "usr/$folder" "$part/$folder"; done
[[ -e $part/usr/bin/sh ]] || ln -s dash "$part/usr/bin/sh"
mkdir -p "$part/tmp" "$part/data" "$part/dev/shm"
chmod 1777 "$part/tmp" "$part/dev/shm" "$part/data"
[[ -c $part/dev/null ]] || mknod -m 666 "$part/dev/null" c 1 3
[[ -c $part/dev/urandom ]] || mknod -m 666 "$part/dev/urandom" c 1 9
printf 'root:x:0:0:root:/root:/bin/sh\nmongod:x:65534:65534:mongod:/tmp:/bin/sh\n' >"$part/etc/passwd"
printf 'root:x:0:\nmongod:x:65534:\n' >"$part/etc/group"
printf '127.0.0.1 localhost\n' >"$part/etc/hosts"
# Debian registers this file in a maintainer script, which an extracted tree does not run
extensions=$part/usr/share/postgresql/18/extension
[[ -e $extensions/postgis.control ]] || ln -s postgis-3.control "$extensions/postgis.control"
# copied for each new data folder: that saves initdb and CREATE EXTENSION at each first start
inside() { chroot --userspec=65534:65534 "$part" "$@" >&2 9>&-; }
bin=/usr/lib/postgresql/18/bin
inside $bin/initdb -D /data/template -U documentdb --no-locale -E UTF8 -A trust
cat >>"$part/data/template/postgresql.conf" <<CONF
shared_preload_libraries = 'pg_cron,pg_documentdb_core,pg_documentdb'
cron.database_name = 'postgres'
cron.launch_active_jobs = off
listen_addresses = ''
unix_socket_directories = '/tmp'
max_connections = 200
shared_buffers = 128MB
log_min_messages = warning
documentdb.localhost_connection_string = 'host=/tmp'
CONF
inside $bin/pg_ctl -D /data/template -w -o '-p 1' -l /tmp/template.log start
inside $bin/psql -qAt -h /tmp -p 1 -U documentdb postgres -c 'SET client_min_messages=error; CREATE EXTENSION documentdb CASCADE'
inside $bin/pg_ctl -D /data/template -w -m fast stop
touch "$part/.complete"
mv "$part" "$root"
