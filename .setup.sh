# Makes .venv exactly as the lock files say. Sourced by run and test, which stand in the project's folder.
# "setup run" installs what the product needs, "setup dev" the tools of ./test as well.
#
# .venv/stamp is removed first and written last: what was installed (run or dev), for which Python and folder, and the
# digest of all that decides what is installed. Other lock files are installed over the old ones; without a stamp, with
# another Python or in another folder .venv is made anew. So an interrupted set-up never leaves half an environment.

say() { printf '%s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

check_python() {
    command -v "$python" >/dev/null 2>&1 ||
        die "Python 3.11 or newer is needed, and there is no $python here. On Debian: apt-get install python3 python3-venv"
    "$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' ||
        die "Python 3.11 to 3.14 is needed, and $python is $("$python" -V 2>&1). Another one: PYTHON=python3.12 $0"
    "$python" -c 'import ensurepip, venv' 2>/dev/null ||
        die "$python cannot make virtual environments. On Debian: apt-get install python3-venv"
}

# Prints the last two lines of the stamp that a finished set-up with these files has; nothing without a usable .venv.
fingerprint() {
    [ -x .venv/bin/python ] || return 0
    .venv/bin/python -I - "$@" <<'PYTHON' 2>/dev/null || :
import hashlib, os, pathlib, sys
digest = hashlib.sha256()
for name in sys.argv[1:]:
    digest.update(pathlib.Path(name).read_bytes())
print(sys.version.split()[0], os.getcwd())
print(digest.hexdigest())
PYTHON
}

# Two set-ups at once would pull the environment from under each other.
lock() {
    if ! (set -C && echo $$ >.venv.lock) 2>/dev/null; then
        other=$(cat .venv.lock 2>/dev/null || :)
        if [ -n "$other" ] && kill -0 "$other" 2>/dev/null; then
            die "Another set-up is at work here (process $other). Try again when it has finished."
        fi
        echo $$ >.venv.lock
    fi
    trap 'rm -f .venv.lock; say "The set-up did not finish. The next call begins afresh."' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
}

unlock() {
    trap - EXIT INT TERM
    rm -f .venv.lock
}

pip() { PIP_DISABLE_PIP_VERSION_CHECK=1 .venv/bin/python -m pip "$@"; }
pip_install() { pip install -qq --no-compile --no-deps --no-build-isolation "$@"; }
pip_locked() { pip_install --require-hashes "$@"; }

# torch for Linux is its CPU build: PyPI only has the one that brings 2.7 GB of CUDA. Where pip finds it without an
# index (a folder of wheels, or it is installed already) torch's own index is not asked; it is asked for torch alone.
install_torch() {
    if pip_locked --dry-run --no-index -r requirements-torch.lock >/dev/null 2>&1; then
        pip_locked --no-index -r requirements-torch.lock
    elif ! pip_locked --index-url https://download.pytorch.org/whl/cpu -r requirements-torch.lock; then
        say "torch could not be had from download.pytorch.org. With its wheel in a folder: PIP_FIND_LINKS=FOLDER $0"
        return 1
    fi
}

# No "install ... ||" anywhere: it would switch set -e off in here.
install() {
    say "Set-up 1/3: torch, CPU build (about 200 MB) ..."
    pip_locked -r requirements-build.lock
    install_torch
    say "Set-up 2/3: the other packages ..."
    pip_locked -r "$1"
    pip_install -e .
    pip check -qq
    say "Set-up 3/3: byte code ..."
    # On all cores and without what is rarely imported: pip takes twice as long. A file of an old Python is no failure.
    .venv/bin/python -W ignore -m compileall -qq -j 0 -x '/(tests|transformers/models)/' .venv/lib || :
}

# A .venv that has the tools of ./test keeps them.
setup() {
    kind=$1
    if [ "$(head -n 1 .venv/stamp 2>/dev/null)" = dev ]; then kind=dev; fi
    locks="requirements-build.lock requirements-torch.lock requirements.lock"
    last=requirements.lock
    if [ "$kind" = dev ]; then
        last=requirements-dev.lock
        locks="$locks $last"
    fi
    # shellcheck disable=SC2086
    now=$(echo "$kind" && fingerprint $locks pyproject.toml)
    if [ "$now" = "$(cat .venv/stamp 2>/dev/null)" ]; then return 0; fi

    python=${PYTHON:-python3}
    anew=no
    if [ "$(echo "$now" | sed -n 2p)" != "$(sed -n 2p .venv/stamp 2>/dev/null || echo none)" ]; then
        anew=yes
        check_python
    fi
    lock
    rm -f .venv/stamp
    if [ "$anew" = yes ]; then
        rm -rf .venv
        "$python" -m venv .venv
    fi
    install "$last"
    # shellcheck disable=SC2086
    { echo "$kind"; fingerprint $locks pyproject.toml; } >.venv/stamp.new
    mv .venv/stamp.new .venv/stamp
    unlock
}
