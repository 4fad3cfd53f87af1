#!/usr/bin/env bash
# Locks requirements/lib.in and dev.in for Python 3.9 to 3.13 with hashes; the first lines of each .txt stay.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

uv=.cache/uv/bin/uv
[ -x "$uv" ] || { .venv/bin/python -m venv .cache/uv && .cache/uv/bin/pip install --quiet uv; }

lock() { # lock <name> [flags]
    local file=requirements/$1 header
    header=$(sed '/^#/!Q' "$file.txt")
    "$uv" pip compile --quiet --universal --python-version 3.9 --generate-hashes \
        --no-header --no-annotate --no-emit-index-url "${@:2}" "$file.in" -o "$file.new"
    { echo "$header"; cat "$file.new"; } > "$file.txt"
    rm "$file.new"
}

lock lib --no-deps
lock dev
