#!/bin/sh
# Makes what compose.yaml's servers need to know and nobody else may: once, under deploy/secrets. Keep database-key and state-key somewhere safe as well.
set -eu
umask 077
cd "$(dirname "$0")"
mkdir -p secrets
for name in database-key state-key; do
  [ -e "secrets/$name" ] || openssl rand -base64 32 > "secrets/$name"
done
for name in database-password admin-token; do
  [ -e "secrets/$name" ] || openssl rand -hex 24 > "secrets/$name"
done
# The servers read them as the image's user, and only it may. Rootless podman maps it: podman unshare chown does the same there.
if [ "$(id -u)" = 0 ]; then chown 65532:65532 secrets/*; fi
