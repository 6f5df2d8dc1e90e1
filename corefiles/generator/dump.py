"""Runs a program and takes its core, by the kernel or by gdb."""

import contextlib
import json
import os
import re
import resource
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from .cache import Failure, alone, built_in_place, say
from .packages import installed, node_binary, stripped_binary

ANNOUNCEMENT = '{"isolates":'
CORE_PATTERN = Path('/proc/sys/kernel/core_pattern')

HOW_TO_GET_CORES = """\
No core could be had. One of these must hold:
  * {pattern} is a plain file name (now: '{now}'); as root:
      echo core > {pattern}
    and core files are allowed (limit now: {limit}):
      ulimit -c unlimited
  * gdb is installed and may trace its own children; in a container this needs
    the SYS_PTRACE capability, elsewhere /proc/sys/kernel/yama/ptrace_scope <= 1"""


def make(recipe):
    """Makes the core of a recipe unless it is there already."""
    target = recipe.directory
    with alone(target.name):
        if not (target / 'meta.json').exists():
            say(f'making {recipe.label}')
            with built_in_place(target) as scratch:
                dump(recipe, scratch)
    return target


def dump(recipe, folder):
    """Fills a folder with core, expected.json, snapshots and meta.json."""
    node = stripped_binary(recipe.release) if recipe.stripped else node_binary(recipe.release)
    command = [str(node), *recipe.node_flags, str(recipe.program.path)]
    if recipe.program.live:
        run = dump_live(recipe, command, folder)
    elif recipe.program.stop_in:
        run = dump_by_gdb(recipe, command, folder)
    elif kernel_writes_files():
        run = dump_by_kernel(recipe, command, folder)
    else:
        run = dump_by_gdb(recipe, command, folder)
    keep_sparse(folder / 'core')
    write_json(folder / 'expected.json', announced(run.output, recipe))
    write_json(folder / 'meta.json', {
        'program': recipe.program.name,
        'node': recipe.release.version,
        'exe': str(node),
        'command': command,
        'settings': dict(recipe.settings),
        'snapshots': sorted(path.name for path in folder.glob('*.heapsnapshot')),
        'pid': run.pid,
        'taken_by': run.taken_by,
        'coredump_filter': f'{recipe.filter:#x}',
        'stripped': recipe.stripped,
    })


@dataclass(frozen=True)
class Run:
    """What became of a process whose core was taken."""

    pid: int
    output: str
    taken_by: str


def announced(output, recipe):
    """The expected counts: the last announcement in the program's output."""
    lines = [line for line in output.splitlines() if line.startswith(ANNOUNCEMENT)]
    if not lines:
        raise Failure(f'{recipe.label} ended before it said what its heap holds:\n{output[-2000:]}')
    return json.loads(lines[-1])


def write_json(path, value):
    """Writes a value the way people like to read it."""
    path.write_text(json.dumps(value, indent=2) + '\n')


def child_environment(recipe):
    """What the program reads, and nothing of the caller's that a core could give away."""
    environment = dict(recipe.settings, PATH=os.defpath,
                       COREFILES_SNAPSHOT='1' if recipe.snapshot else '0')
    if recipe.program.packages:
        environment['NODE_PATH'] = str(installed(recipe.program.packages))
    return environment


def allow_cores():
    """Raises the limit on core files, which children inherit, as far as it goes."""
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    for limit in (resource.RLIM_INFINITY, hard):
        with contextlib.suppress(ValueError, PermissionError):
            resource.setrlimit(resource.RLIMIT_CORE, (limit, limit))
            return


def start(recipe, command, folder, output):
    """Starts a child that works in the folder and writes to output."""
    # A child inherits the filter.
    Path('/proc/self/coredump_filter').write_text(f'{recipe.filter:#x}')
    return subprocess.Popen(command, cwd=folder, env=child_environment(recipe),
                            stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)


def run_to_the_end(recipe, command, folder):
    """Runs a child until it ends by itself; gives its process and output."""
    with tempfile.TemporaryFile('w+', errors='replace') as output:
        child = start(recipe, command, folder, output)
        try:
            child.wait(recipe.program.seconds)
        except subprocess.TimeoutExpired as error:
            child.kill()
            child.wait()
            raise Failure(f'{recipe.label} was still running after {error.timeout} s') from error
        output.seek(0)
        return child, output.read()


def kernel_writes_files():
    """Whether the kernel would write a whole core as a file."""
    limit = resource.getrlimit(resource.RLIMIT_CORE)[0]
    return not CORE_PATTERN.read_text().startswith('|') and limit == resource.RLIM_INFINITY


def dump_by_kernel(recipe, command, folder):
    """Runs a program to its death and finds the core that the kernel wrote."""
    began = time.time()
    child, output = run_to_the_end(recipe, command, folder)
    if child.returncode >= 0:
        raise Failure(f'{recipe.label} ended with {child.returncode} and no core:\n{output[-2000:]}')
    core = kernel_core(folder, child.pid, began)
    if not core:
        return dump_by_gdb(recipe, command, folder)
    shutil.move(core, folder / 'core')
    return Run(child.pid, output, 'kernel')


def kernel_core(folder, pid, began):
    """The core of a process, by the rules of core(5); None if there is none."""
    pattern = CORE_PATTERN.read_text().strip()
    uses_pid = Path('/proc/sys/kernel/core_uses_pid').read_text().strip() == '1'
    if uses_pid and '%p' not in pattern:
        pattern += '.%p'
    known = {'%p': str(pid), '%%': '%'}
    name = re.sub('%.', lambda match: known.get(match[0], '*'), pattern)
    base = Path('/') if name.startswith('/') else folder
    fresh = [path for path in base.glob(name.lstrip('/')) if path.stat().st_mtime >= began - 1]
    return fresh[0] if len(fresh) == 1 else None


def dump_by_gdb(recipe, command, folder):
    """Runs a program under gdb, which writes the core when a signal stops it, or a breakpoint."""
    program = recipe.program
    before, after = [], []
    if program.stop_in:
        before = ['-ex', f'rbreak {program.stop_in}', '-ex', 'disable 1']
        after = ['-ex', 'enable 1', '-ex', f'ignore 1 {program.stop_after}', '-ex', 'signal 0']
    under_gdb = [*gdb(), '-ex', 'set disable-randomization off', *before, '-ex', 'run', *after,
                 '-ex', 'info inferiors', '-ex', 'generate-core-file core', '-ex', 'kill',
                 '--args', *command]
    _, output = run_to_the_end(recipe, under_gdb, folder)
    pid = re.search(r'^\* 1 +process (\d+)', output, re.MULTILINE)
    if not pid or not (folder / 'core').exists():
        raise Failure(no_core_advice() + f'\ngdb said:\n{output[-2000:]}')
    return Run(int(pid[1]), output, 'gdb run')


def dump_live(recipe, command, folder):
    """Takes the core of a program that waits, as gcore does, then ends it."""
    with tempfile.TemporaryFile('w+', errors='replace') as output:
        child = start(recipe, command, folder, output)
        try:
            text = wait_for_announcement(child, output, recipe)
            taken = subprocess.run(
                [*gdb(), '-p', str(child.pid), '-ex', 'generate-core-file core'], cwd=folder,
                capture_output=True, text=True, timeout=recipe.program.seconds, check=False)
        finally:
            child.kill()
            child.wait()
    if not (folder / 'core').exists():
        raise Failure(no_core_advice() + f'\ngdb said:\n{taken.stdout}{taken.stderr}')
    return Run(child.pid, text, 'gcore')


def wait_for_announcement(child, output, recipe):
    """The output of a running child, as soon as it holds the announcement."""
    give_up = time.monotonic() + recipe.program.seconds
    while child.poll() is None and time.monotonic() < give_up:
        text = os.pread(output.fileno(), 1 << 20, 0).decode(errors='replace')
        if ANNOUNCEMENT in text and text.endswith('\n'):
            return text
        time.sleep(0.1)
    raise Failure(f'{recipe.label} was not ready to be dumped')


def gdb():
    """The start of every gdb command line."""
    if not shutil.which('gdb'):
        raise Failure(no_core_advice())
    return ['gdb', '--batch', '-nx', '-iex', 'set debuginfod enabled off']


def no_core_advice():
    """What a person has to change before cores can be made here."""
    limit = resource.getrlimit(resource.RLIMIT_CORE)[0]
    return HOW_TO_GET_CORES.format(pattern=CORE_PATTERN, now=CORE_PATTERN.read_text().strip(),
                                   limit='none' if limit == resource.RLIM_INFINITY else limit)


def keep_sparse(core):
    """Turns the zeros in a core into holes; gdb writes them in full."""
    sparse = core.with_name('core.sparse')
    subprocess.run(['cp', '--sparse=always', core, sparse], check=True)
    sparse.chmod(0o644)
    sparse.replace(core)
