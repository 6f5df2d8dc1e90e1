#!/usr/bin/env python3
"""Checks the compiled code in the stacks that `bt` finds: whole, and as gdb has it.

Every stack goes without a gap from where the thread stood to where it began; V8's frames begin
and end where C++ was called and called. gdb cannot see through JavaScript: what lies before the
first of it, and all of a thread that runs none, has to be the same calls, at the same addresses, by
the same names.
Exit status: 0 all agree, 1 some differ.
"""

import json
import subprocess
import sys
from pathlib import Path

from program import Corewalk, check_options
from verify_cores import core_folder

PROGRAMS = ('stacks', 'oom', 'workers', 'stacks-regexp')
SECONDS = 120
V8_ENDS = ('entry', 'regexp')  # what C++ calls
THREAD_STARTS = {'__clone3', 'clone3', '__clone', 'clone', None}  # None: libc without symbols


def gdb_stacks(folder):
    """The calls of each thread as gdb sees them, by thread id."""
    node = json.loads((folder / 'meta.json').read_text())['exe']
    done = subprocess.run(['gdb', '-nx', '-batch', '-x', Path(__file__).with_name('gdb_stacks.py'),
                           node, folder / 'core'],
                          capture_output=True, text=True, timeout=SECONDS, check=True)
    threads = [json.loads(text) for text in done.stdout.splitlines() if text.startswith('{"thr')]
    return {thread['thread_id']: thread['calls'] for thread in threads}


def is_native(frame):
    """True for a call of compiled code."""
    return frame['kind'] == 'native'


def wrong_ends(stack, aborted):
    """One sentence for each end of a stack that is not where it should be."""
    frames = stack['frames']
    if not stack['complete'] or not frames:
        yield 'is not complete'
        return
    if any(frame['module'] is None for frame in frames if is_native(frame)):
        yield 'has compiled code of no module'
    last = frames[-1]
    if not is_native(last):
        yield f'ends with {last["kind"]}'
    elif last['module'].endswith('/node'):
        if last['symbol'] != '_start' or 'node::Start(int, char**)' not in symbols_of(stack):
            yield f'ends with {last["symbol"]}'
    elif last['symbol'] not in THREAD_STARTS or 'libc.so' not in last['module']:
        yield f'ends with {last["symbol"]}'
    starts_in_libc = 'libc.so' in (frames[0]['module'] or '')
    if aborted and not (starts_in_libc and 'abort' in symbols_of(stack)):
        yield f'begins with {frames[0]["symbol"]}, not with abort()'


def symbols_of(stack):
    """The functions of compiled code."""
    return [frame['symbol'] for frame in stack['frames'] if is_native(frame)]


def wrong_borders(stack):
    """One sentence for each place where V8's frames do not begin or end as they must."""
    frames = stack['frames']
    for before, after in zip(frames, frames[1:]):
        if is_native(before) and not is_native(after) and after['kind'] != 'exit':
            yield f'{before["symbol"]} is called by a frame of kind {after["kind"]}'
        if not is_native(before) and is_native(after) and before['kind'] not in V8_ENDS:
            yield f'{after["symbol"]} called a frame of kind {before["kind"]}'


def is_same_name(ours, theirs):
    """True if two names agree, or one of them is not known."""
    if ours is None or theirs is None:
        return True
    name, shortened, clone = ours.partition('(...)')
    return theirs.startswith(name) and theirs.endswith(clone) if shortened else ours == theirs


def differences(stack, theirs):
    """One sentence for each call in which gdb differs."""
    frames = stack['frames']
    foreign = [number for number, frame in enumerate(frames) if not is_native(frame)]
    ours = [(int(frame['return_address'], 16), frame['symbol'])
            for frame in frames[:foreign[0] if foreign else len(frames)]]
    if not foreign and len(ours) != len(theirs):
        yield f'{len(ours)} calls, {len(theirs)} in gdb'
    for number, (mine, other) in enumerate(zip(ours, theirs)):
        if mine[0] != other[0] or not is_same_name(mine[1], other[1]):
            yield f'frame {number}: {mine[0]:#x} {mine[1]}, in gdb {other[0]:#x} {other[1]}'


def check(corewalk, line, program):
    """Checks all stacks of one core; returns the number of things that are wrong."""
    folder = core_folder(line, program)
    in_regexp = program == 'stacks-regexp'
    stacks = corewalk.answer('bt', folder / 'core', '--all')['stacks']
    reference = gdb_stacks(folder)
    wrong = []
    calls = 0
    for number, stack in enumerate(stacks):
        found = [*wrong_ends(stack, number == 0 and not in_regexp), *wrong_borders(stack),
                 *differences(stack, reference.get(stack['thread_id'], []))]
        wrong += [f'thread {stack["thread_id"]} {text}' for text in found]
        calls += sum(is_native(frame) for frame in stack['frames'])
    main_stack = next(stack for stack in stacks if stack['isolate'] == 0)
    if in_regexp and main_stack['frames'][0]['kind'] != 'regexp':  # any thread takes the signal
        wrong.append('no regular expression is on the stack')
    if len(stacks) != len(reference):
        wrong.append(f'{len(stacks)} threads, {len(reference)} in gdb')
    print(f'{program}, Node {line}: {len(stacks)} threads, {calls} native calls, '
          f'{len(wrong)} differences')
    for text in wrong:
        print(f'  {text}')
    return len(wrong)


def main():
    """Checks the programs on one Node line."""
    arguments = check_options(__doc__)
    corewalk = Corewalk(arguments.corewalk)
    failures = sum(check(corewalk, arguments.node, program) for program in PROGRAMS)
    return 1 if failures else 0


if __name__ == '__main__':
    sys.exit(main())
