"""Heaps of known size, their cores, and the program that is measured."""

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


class Failure(Exception):
    """Something the caller has to change; the message says what."""


@dataclass(frozen=True)
class Heap:
    """A heap that corefiles/programs/bench.js can build."""

    name: str
    sessions: int
    native_gb: int = 0
    plain: str = ''             # the same heap without the native memory
    memory_gb: float = 0        # needed while it is made
    disk_gb: float = 0

    @property
    def settings(self):
        """The options that make scripts/corefiles build it."""
        return ['--set', f'ITERS={self.sessions}', '--set', f'NATIVE_GB={self.native_gb}']


HEAPS = {heap.name: heap for heap in (
    Heap('0.25gb', 60000, memory_gb=0.6, disk_gb=0.6),
    Heap('1gb', 235000, memory_gb=2, disk_gb=2),
    Heap('3gb', 700000, memory_gb=5, disk_gb=5),
    Heap('1gb+7gb', 235000, native_gb=7, plain='1gb', memory_gb=10, disk_gb=10),
)}


def say(text):
    """Progress, kept apart from the answer on stdout."""
    print(text, file=sys.stderr, flush=True)


def free_memory_gb():
    """What the kernel thinks a new program can have."""
    for line in Path('/proc/meminfo').read_text().splitlines():
        if line.startswith('MemAvailable:'):
            return int(line.split()[1]) * 1024 / 1e9
    return 0


def core_of(heap, node):
    """The core of a heap, made if need be."""
    command = [ROOT / 'scripts' / 'corefiles', 'list', '--program', 'bench', '--node', node, *heap.settings]
    listed = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    folder = Path(listed.split(maxsplit=2)[2].strip())
    if not listed.startswith('made'):
        require_room(heap, folder)
        command[1] = 'make'
        made = subprocess.run(['nice', *command], stdout=subprocess.PIPE, check=False)
        if made.returncode != 0:
            raise Failure(f'the core of {heap.name} could not be made')
    return folder / 'core'


def require_room(heap, folder):
    """Fails if making the core of a heap would hurt the machine."""
    there = next(path for path in folder.parents if path.exists())
    disk_gb = shutil.disk_usage(there).free / 1e9
    for need, have, what in ((heap.memory_gb, free_memory_gb(), 'memory'),
                             (heap.disk_gb, disk_gb, f'disk space in {there}')):
        if have < need:
            raise Failure(f'making {heap.name} needs {need:g} GB of {what}, there are {have:.1f}; '
                          f'choose others with --heap: {" ".join(HEAPS)}')


def built(folder):
    """A Release build of corewalk."""
    generator = ['-G', 'Ninja'] if shutil.which('ninja') else []
    configure = ['cmake', *generator, '-S', ROOT, '-B', folder, '-DCMAKE_BUILD_TYPE=Release',
                 '-DCOREWALK_TESTS=OFF', '-DCOREWALK_PLUGIN=OFF']
    build = ['cmake', '--build', folder, '--target', 'corewalk', '--parallel']
    for command in (configure, build):
        if subprocess.run(command, stdout=sys.stderr, check=False).returncode != 0:
            raise Failure('corewalk could not be built')
    return folder / 'bin' / 'corewalk'
