#!/bin/sh
# Deletes a cluster. The caller holds its lock, so no server runs on it; one that was killed may have left a segment of
# shared memory behind, whose key stands in the seventh line of PostgreSQL's pid file.
# usage: discard.sh FOLDER
folder=$1
key=$(sed -n '7s/^ *\([0-9][0-9]*\) .*/\1/p' "$folder/pg/postmaster.pid" 2>/dev/null)
[ -z "$key" ] || ipcrm -M "$key" 2>/dev/null
rm -rf "$folder"
