#!/usr/bin/env bash
# Create .venv, install novate into it, build the Rust prover. Called by the Makefile; safe to repeat.
set -euo pipefail
cd "$(dirname "$0")/.."

PYTHON=${PYTHON:-python3}
PYTHON_MIN=3.11
RUST_MIN=1.91

# A fresh rustup is not on the path of shells that were open before it.
command -v cargo >/dev/null || PATH="$PATH:$HOME/.cargo/bin"

missing=0
need() {
    echo "novate: $1" >&2
    missing=1
}

# True when version $1 is at least version $2.
at_least() {
    [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]
}

if ! command -v "$PYTHON" >/dev/null; then
    need "Python $PYTHON_MIN or newer is missing: apt install python3 python3-venv, or name one with PYTHON=/path/to/python3"
else
    found=$("$PYTHON" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null || echo 0)
    if ! at_least "$found" "$PYTHON_MIN"; then
        need "Python $PYTHON_MIN or newer is needed, $PYTHON is $found: install one and name it with PYTHON=/path/to/python$PYTHON_MIN"
    elif ! "$PYTHON" -c 'import ensurepip, venv' 2>/dev/null; then
        need "Python's venv module is missing: apt install python$found-venv"
    fi
fi

if ! command -v cargo >/dev/null; then
    need "Rust $RUST_MIN or newer is missing: install it from https://rustup.rs and open a new shell"
else
    # Asked as one line: "cargo 1.91.0 (...)".
    found=$(cargo --version 2>/dev/null | awk '{ print $2 }' || true)
    if ! at_least "${found:-0}" "$RUST_MIN"; then
        need "Rust $RUST_MIN or newer is needed, cargo is ${found:-broken}: rustup update stable, or install it from https://rustup.rs"
    fi
fi

if ! echo 'int main(void) { return 0; }' | "${CC:-cc}" -x c -o /dev/null - 2>/dev/null; then
    need "a C compiler that can link is missing: apt install gcc libc6-dev"
fi

[ "$missing" = 0 ] || exit 1

# A virtual environment outlives the Python it was made with; then it is of no use.
if ! .venv/bin/python -c '' 2>/dev/null; then
    rm -rf .venv
    "$PYTHON" -m venv .venv
fi

export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$PWD/target}"
# BabyBear's vector code is chosen when it is compiled: without it the prover is several times slower.
export RUSTFLAGS="${RUSTFLAGS--C target-cpu=native}"

build_requires='import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"])'
read -r -a backend <<<"$(.venv/bin/python -c "$build_requires")"

# The first build is long, so pip shows that it lives; later ones are short and quiet.
quiet=(--quiet)
note=
if [ ! -d "$CARGO_TARGET_DIR/release" ]; then
    quiet=()
    note=", some minutes the first time"
fi
echo "novate: installing packages and building the prover$note" >&2
.venv/bin/python -m pip install --quiet "${backend[@]}"
# Without isolation: the second build needs no network and finds the first one's work.
PATH="$PWD/.venv/bin:$PATH" MATURIN_PEP517_ARGS="--locked" \
    .venv/bin/python -m pip install "${quiet[@]}" --no-build-isolation --editable '.[dev]'

.venv/bin/python -c 'import novate._stark' ||
    { echo "novate: the prover was built but does not load; the lines above say why" >&2; exit 1; }
