#!/bin/bash
# Runs a Debian 13 program: trixie-run.sh CMD ARGS...
#
# CMD comes from the Debian 13 folder (see install.sh); the environment, the working folder, every file outside the system's own
# folders, and the network are this machine's. So a launcher's variables that name files (CA bundle, AZURE_CONFIG_DIR) just work.
# The mounts live in a mount namespace of this one command: they end with it, however it ends.
set -eu

here=$(cd "$(dirname "$(readlink -f "$0")")" && pwd)
. "$here/trixie-place.sh"

# What the Debian 13 folder brings itself; everything else at the top of this machine's tree is shown inside under its own name.
OWN_FOLDERS=" bin boot etc lib lib32 lib64 libx32 sbin usr var lost+found "

if [ "${POSTERN_TRIXIE_INSIDE:-}" != "$$" ]; then
  has_trixie || { echo "trixie-run.sh: no Debian 13 in $TRIXIE_DIR; run test/debian/install.sh trixie" >&2; exit 125; }
  [ "$#" -gt 0 ] || { echo "usage: trixie-run.sh CMD ARGS..." >&2; exit 125; }
  # exec keeps the process id, which tells the second pass that it is inside.
  export POSTERN_TRIXIE_INSIDE=$$
  if [ "$(id -u)" = 0 ]; then exec unshare --mount --propagation private "$0" "$@"; fi
  exec unshare --map-root-user --mount --propagation private "$0" "$@"
fi
unset POSTERN_TRIXIE_INSIDE

for path in /*; do
  name=${path#/}
  [[ "$OWN_FOLDERS" == *" $name "* ]] && continue
  [ -d "$path" ] || continue
  mkdir -p "$TRIXIE_DIR/$name"
  mount --rbind "$path" "$TRIXIE_DIR/$name"
done
mount --rbind /var/tmp "$TRIXIE_DIR/var/tmp"
for file in /etc/hosts /etc/resolv.conf; do
  [ -e "$file" ] || continue
  [ -e "$TRIXIE_DIR$file" ] || : >"$TRIXIE_DIR$file"
  mount --bind "$file" "$TRIXIE_DIR$file"
done

# PATH is Debian 13's alone: the outer one may name interpreters that are not its own.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
# shellcheck disable=SC2016
exec chroot "$TRIXIE_DIR" /bin/sh -c 'cd "$0" && exec "$@"' "$PWD" "$@"
