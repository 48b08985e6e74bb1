#!/bin/bash
# Installs the real, unmodified clients that test/clients drives. Owns nothing else, and changes nothing that is already there.
#
#   test/debian/install.sh base     Debian 12's own clients: azure-cli, the Python SDK, gunicorn, rclone, and Chromium; PostgreSQL 15;
#                                   Prometheus, for its promtool
#   test/debian/install.sh long     what the long tests break things with: Patroni, etcd, HAProxy, libfaketime, iptables
#   test/debian/install.sh bench    wrk, the load of the benchmarks
#   test/debian/install.sh trixie   a Debian 13 folder with the newer az and SDK (5 to 6 minutes, 1.8 GB)
#   test/debian/install.sh          all of them
#
# Needs root and apt-get. Without them it says what it left out and exits 0: the suites skip what is not there, and say so.
set -u

here=$(cd "$(dirname "$0")" && pwd)
. "$here/trixie-place.sh"

BASE_PACKAGES="ca-certificates azure-cli python3-azure python3-azure-storage gunicorn rclone chromium libnss3-tools postgresql-15 prometheus"
LONG_PACKAGES="patroni python3-etcd etcd-server haproxy faketime iptables iproute2"
BENCH_PACKAGES="wrk"
TRIXIE_PACKAGES="ca-certificates,azure-cli,python3-azure,python3-azure-storage,gunicorn"
LOG=${TMPDIR:-/tmp}/postern-test-install.log

say() { echo "test clients: $*"; }

left_out() { say "LEFT OUT $1: $2. To get it: $3"; }

may_install() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; }

# Several sessions or a boot script may hold apt's lock; waiting is right, a prompt never is.
# A mirror that does not answer is not waited for longer than a test run has.
apt_quietly() {
  DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=900 -o Dpkg::Use-Pty=0 \
    -o Acquire::Retries=1 -o Acquire::http::Timeout=20 -o Acquire::https::Timeout=20 "$@" >>"$LOG" 2>&1 </dev/null
}

missing_packages() {
  for package in "$@"; do
    dpkg-query -W -f='${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || echo "$package"
  done
}

# Those that apt can get: one that a distribution does not have must not keep the others away.
obtainable_packages() {
  for package in "$@"; do
    apt-cache show "$package" >/dev/null 2>&1 && echo "$package"
  done
}

install_packages() {
  local wanted
  wanted=$(missing_packages "$@")
  [ -z "$wanted" ] && return 0
  # A source that does not answer must not stop the others: update's exit code says nothing about the packages wanted here.
  apt_quietly update
  # shellcheck disable=SC2046,SC2086
  apt_quietly install -y --no-install-recommends $(obtainable_packages $wanted)
  # shellcheck disable=SC2086
  [ -z "$(missing_packages $wanted)" ]
}

# What a package starts as a service is of no use here, and would take ports.
without_services() {
  local policy=/usr/sbin/policy-rc.d
  [ -e "$policy" ] && { "$@"; return; }
  # Also when this script is stopped: left behind, it would keep services from starting ever after.
  trap "rm -f '$policy'" EXIT
  printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod +x "$policy"
  "$@"
  local outcome=$?
  rm -f "$policy"
  trap - EXIT
  return $outcome
}

# One line, however many.
in_a_row() { echo $*; }

install_set() {
  local name=$1 packages=$2 missing
  # shellcheck disable=SC2046,SC2086
  missing=$(in_a_row $(missing_packages $packages))
  if [ -z "$missing" ]; then say "$name is there"; return; fi
  if ! may_install; then
    left_out "$missing ($name)" "not root, or no apt-get" "as root on Debian 12: apt-get install --no-install-recommends $missing"
    return
  fi
  # shellcheck disable=SC2086
  if without_services install_packages $missing; then say "$name installed"; return; fi
  # shellcheck disable=SC2046,SC2086
  missing=$(in_a_row $(missing_packages $packages))
  left_out "$missing ($name)" "apt-get could not get it, see $LOG" "as root on Debian 12: apt-get install --no-install-recommends $missing"
}

# The mirror this machine already uses, so that a machine with a mirror of its own needs no setting here.
debian_mirror() {
  apt-get indextargets --format '$(REPO_URI) $(LABEL) $(COMPONENT)' 'Created-By: Packages' 2>/dev/null |
    awk '$2 == "Debian" && $3 == "main" { print $1; exit }'
}

build_trixie() {
  local target=$1 building="$1.building.$$" mirror
  mirror=$(debian_mirror)
  [ -n "$mirror" ] || { echo "no Debian mirror in apt's sources" >>"$LOG"; return 1; }
  rm -rf "$TRIXIE_DIR".building.*
  mkdir -p "$(dirname "$target")"
  mmdebstrap --quiet --variant=minbase --include="$TRIXIE_PACKAGES" --keyring=/usr/share/keyrings \
    --dpkgopt=force-unsafe-io --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/doc/*' \
    trixie "$building" "$mirror" >>"$LOG" 2>&1 </dev/null || { rm -rf "$building"; return 1; }
  # The first az command writes an index of its commands; the marker is the last thing, so a folder without it is never used.
  echo "$TRIXIE_PACKAGES" >"$building/$TRIXIE_MARKER"
  rm -rf "$target"
  mv "$building" "$target"
}

install_trixie() {
  local way="as root on Debian: apt-get install mmdebstrap; test/debian/install.sh trixie"
  if has_trixie; then say "trixie is there ($TRIXIE_DIR)"; return; fi
  may_install || { left_out trixie "not root, or no apt-get" "$way"; return; }
  install_packages mmdebstrap || { left_out trixie "mmdebstrap could not be installed, see $LOG" "$way"; return; }
  say "building the Debian 13 folder in $TRIXIE_DIR (5 to 6 minutes)"
  (
    flock 9
    has_trixie || build_trixie "$TRIXIE_DIR"
  ) 9>"$(mkdir -p "$(dirname "$TRIXIE_DIR")" && echo "$TRIXIE_DIR.lock")"
  if has_trixie; then say "trixie built"; else left_out trixie "mmdebstrap failed, see $LOG" "$way"; fi
}

case "${1:-all}" in
  base) install_set base "$BASE_PACKAGES" ;;
  long) install_set long "$LONG_PACKAGES" ;;
  bench) install_set bench "$BENCH_PACKAGES" ;;
  trixie) install_trixie ;;
  all) install_set base "$BASE_PACKAGES"; install_set long "$LONG_PACKAGES"; install_trixie ;;
  *) echo "usage: test/debian/install.sh [base|long|bench|trixie]" >&2; exit 2 ;;
esac
