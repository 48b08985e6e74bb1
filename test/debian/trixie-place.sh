# Where the Debian 13 folder is, and how to know that it is whole. Sourced by install.sh and trixie-run.sh.
TRIXIE_DIR=${POSTERN_TEST_CACHE:-${HOME:-/root}/.cache/postern-test}/trixie
TRIXIE_MARKER=.postern-complete

has_trixie() { [ -e "$TRIXIE_DIR/$TRIXIE_MARKER" ]; }
