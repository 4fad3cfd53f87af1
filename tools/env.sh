#!/usr/bin/env bash
# Makes .venv from requirements/: what builds and tests (dev.txt), and what ships (lib.txt), so that unit tests can
# import it; and fetches the data that tests read (cim.txt). PYTHON=<path> chooses the interpreter; otherwise the first CPython 3.9 to 3.13 on PATH is taken.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

fail() { echo "make env: $*" >&2; exit 1; }
fits() {
    "$1" -c 'import sys; sys.exit(sys.implementation.name != "cpython" or not (3, 9) <= sys.version_info[:2] <= (3, 13))' \
        >/dev/null 2>&1
}

choose() {
    for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11 python3.10 python3.9}; do
        if command -v "$candidate" >/dev/null && fits "$candidate"; then command -v "$candidate"; return; fi
    done
    fail "found no CPython 3.9 to 3.13 (looked for ${PYTHON:-python3 and python3.9 to python3.13}); install one or set PYTHON"
}

locked() {
    .venv/bin/python -m pip "$1" --quiet --disable-pip-version-check --require-hashes "${@:2}" \
        || fail "pip could not fetch the locked packages, its message is above; is the network reachable?"
}

if ! { [ -x .venv/bin/python ] && fits .venv/bin/python; }; then
    python=$(choose)
    rm -rf .venv
    "$python" -m venv .venv || fail "$python cannot make virtual environments; on Debian install python3-venv"
fi
# The locked pip first: older ones do not see that a locked urllib3 fits a request for urllib3[socks].
awk '/^pip==/ { found = 1 } found { print } found && !/\\$/ { exit }' requirements/dev.txt | locked install -r /dev/stdin
locked install -r requirements/dev.txt
locked install --no-deps --no-build-isolation -r requirements/lib.txt
locked download --no-deps --dest .cache/cim -r requirements/cim.txt
touch .venv/.ready
