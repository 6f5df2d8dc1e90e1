"""The folder where Node binaries and finished cores are kept between runs."""

import contextlib
import fcntl
import os
import shutil
import sys
import tempfile
from pathlib import Path


class Failure(Exception):
    """Something the caller has to change; the message says what."""


def say(text):
    """Progress, kept apart from the answers on stdout."""
    print(text, file=sys.stderr, flush=True)


def cache():
    """The folder itself: COREWALK_CACHE, or corewalk in the user's cache folder."""
    named = os.environ.get('COREWALK_CACHE')
    if named:
        return Path(named).absolute()
    home = os.environ.get('XDG_CACHE_HOME') or Path.home() / '.cache'
    return Path(home) / 'corewalk'


@contextlib.contextmanager
def alone(name):
    """Lets one process at a time make the thing called name."""
    locks = cache() / 'locks'
    locks.mkdir(parents=True, exist_ok=True)
    with open(locks / name, 'w') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def built_in_place(target):
    """A scratch folder that becomes target only if the body succeeds."""
    target.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix='.making-', dir=target.parent))
    scratch.chmod(0o755)
    try:
        yield scratch
        shutil.rmtree(target, ignore_errors=True)
        scratch.rename(target)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
