#!/usr/bin/env bash
# Builds dist/TA_alibaba_sls-<version>.spl from the sources, under build/ and without writing anywhere else but
# .cache/ (libraries). Every failure ends with one sentence on stderr and exit code 1.
#
#   ./package.sh                      the package to install: Splunk's Python 3.9 and 3.13 on Linux x86_64 and
#                                     aarch64 and on Windows x64
#   ./package.sh --dev-python 3.11    also dist/...-dev.spl, which runs under 3.11 on this machine as well
#   ./package.sh --dev-python         the same for the Python of .venv
#   ./package.sh --offline            use the library cache only
#   ./package.sh --wheelhouse <dir>   fetch what the cache lacks from this folder (tools/wheelhouse.py fills one)
#   ./package.sh --no-cache           fetch every library anew
set -euo pipefail
started_in=$PWD
cd "$(dirname "${BASH_SOURCE[0]}")"

fail() { echo "package.sh: $*" >&2; exit 1; }
step() { "$python" -m "tools.$1" "${@:2}"; }

python=.venv/bin/python
[ -x "$python" ] || fail "there is no $python, run 'make env' first"
"$python" -c 'import sys; sys.exit(not (3, 9) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null \
    || fail "$python is $("$python" --version 2>&1), Python 3.9 to 3.13 is needed: remove .venv and run 'make env'"
"$python" -c 'import cyclonedx, jsonschema, splunk_add_on_ucc_framework' 2>/dev/null \
    || fail ".venv lacks ucc-gen or another tool of requirements/dev.txt, run 'make env'"

options=()
while [ $# -gt 0 ]; do
    case "$1" in
        --offline) options+=(--offline) ;;
        --wheelhouse)
            [ -n "${2:-}" ] || fail "--wheelhouse needs a folder"
            [[ "$2" = /* ]] && folder=$2 || folder=$started_in/$2
            [ -d "$folder" ] || fail "--wheelhouse $2 is not a folder"
            options+=(--wheelhouse "$folder"); shift ;;
        --no-cache) rm -rf .cache/wheels ;;
        --dev-python)
            if [[ "${2:-}" =~ ^[0-9] ]]; then version=$2; shift
            else version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])'); fi
            options+=(--dev-python "$version") ;;
        *) fail "unknown option $1, see the first lines of package.sh" ;;
    esac
    shift
done

if command -v flock >/dev/null; then # two builds at a time would share build/
    mkdir -p .cache
    exec 9>.cache/package.lock
    flock 9
fi

step stage                                    # sources -> build/stage
step pages                                    # ucc-gen: build/stage -> build/ucc/TA_alibaba_sls
step assemble ${options[@]+"${options[@]}"}   # libraries, checks, dist/*.spl
