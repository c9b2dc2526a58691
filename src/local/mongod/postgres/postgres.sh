#!/bin/sh
# Starts PostgreSQL on a data folder's cluster, which is made from the template at first. The caller holds the
# cluster's lock, so whatever a killed server has left behind here can go.
# When the caller dies, PostgreSQL gets SIGQUIT, its immediate shutdown: nothing of it stays in the system.
# usage: postgres.sh ROOT ID [option of postgres …]
set -eu
root=$1
id=$2
shift 2
cluster=$root/data/$id
if [ ! -d "$cluster/pg" ]; then
  rm -rf "$cluster/pg.new"
  cp -a "$root/data/template" "$cluster/pg.new"
  mv "$cluster/pg.new" "$cluster/pg"
fi
rm -rf "$cluster/run" "$cluster/pg/postmaster.pid" "$cluster/pg/pg_documentdb_cursor_files/"*
mkdir "$cluster/run"
chmod 777 "$cluster/run"
exec chroot "$root" setpriv --reuid=65534 --regid=65534 --clear-groups --pdeathsig=QUIT \
  /usr/lib/postgresql/18/bin/postgres -D "/data/$id/pg" -k "/data/$id/run" -p 5432 \
  -c "documentdb.localhost_connection_string=host=/data/$id/run" "$@"
