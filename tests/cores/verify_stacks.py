#!/usr/bin/env python3
"""Compares the stack that `bt` finds in a core with the one the program printed before it died.

Function names, their order, and current file, line and column of all calls that have a source; V8's
own functions (Array.map) have none and stand in both for orientation only. Functions that the
program knows to be optimised have to be found in optimised code, others inlined into them.
Exit status: 0 all agree, 1 some differ, 2 no core could be made.
"""

import argparse
import json
import re
import sys

from program import Corewalk
from verify_cores import core_folder

PROGRAMS = ('stacks', 'stacks-baseline', 'stacks-callbacks', 'stacks-maglev', 'stacks-oom',
            'stacks-turbofan', 'stacks-uncaught', 'stacks-wasm', 'stacks-worker')
MIN_INLINED = {'turbofan': 4, 'maglev': 3}
CALL = re.compile(r'^ *at (?:(?P<name>.*) \()?(?P<file>[^()]+):(?P<line>\d+):(?P<column>\d+)\)?$')


def bare(name):
    """'new Order', 'Order.total [as run]' and 'async f' as the functions themselves are called."""
    name = re.sub(r' \[as .*\]$', '', name or '')
    name = re.sub(r'^(new|async) ', '', name)
    if name.endswith('<anonymous>'):
        return ''
    return re.sub(r'^.*\.(?=\[)', '', name) if name.endswith(']') else name.rpartition('.')[2]


def stated(isolate):
    """(name, file, line, column) of the calls as the program saw them."""
    calls = [text for text in isolate['stack'] if not text.strip().startswith('at async ')]
    matches = [CALL.match(text) for text in calls]
    return [(bare(m['name']), m['file'], int(m['line']), int(m['column'])) for m in matches if m]


def found(stack):
    """The same from the core."""
    calls = []
    for frame in stack['frames']:
        place = frame['position'] or frame['definition']
        if place is None or not place['line']:
            continue
        position = frame['position'] or {'line': None, 'column': None}
        calls.append((frame['name'] or '', place['file'], position['line'], position['column']))
    return calls


def same(ours, theirs, position):
    """True if two calls agree; the program stands at process.abort() in its innermost function,
    on the line where it had made its stack, but behind it."""
    if position == 0:
        return ours[:3] == theirs[:3]
    # A method's name may be inferred where V8's trace shows none: `run: () => ...`.
    return ours[1:] == theirs[1:] and (ours[0] == theirs[0] or not theirs[0])


def differences(ours, theirs):
    """One sentence for each call that differs."""
    if len(ours) != len(theirs):
        yield f'{len(ours)} calls instead of {len(theirs)}'
    for position, (mine, other) in enumerate(zip(ours, theirs)):
        if not same(mine, other, position):
            yield f'call {position}: {mine} instead of {other}'


def not_optimized(isolate, stack):
    """One sentence for each call that is optimised by the program's word alone."""
    frames = [frame for frame in stack['frames'] if frame['kind'] == 'optimized']
    names = {frame['name'] for frame in frames}
    for name in isolate.get('optimized', ()):
        if name not in names:
            yield f'{name} is optimised, but was not found so'
    inlined = [frame['name'] for frame in frames if frame['inlined']]
    if len(inlined) < MIN_INLINED.get(isolate.get('compiler'), 0):
        yield f'only {len(inlined)} calls were found inlined: {inlined}'


def missing_kinds(isolate, stack):
    """One sentence for each kind of frame that has to be there."""
    for kind in isolate.get('kinds', ()):
        if kind not in {frame['kind'] for frame in stack['frames']}:
            yield f'no {kind} frame'


def lost_in_registers(isolate, stack):
    """One sentence for each function whose first register does not hold what it should."""
    for name, text in isolate.get('registers', {}).items():
        frame = next(frame for frame in stack['frames'] if frame['name'] == name)
        held = frame['registers'][0]['text'] if frame['registers'] else None
        if held != f'<String: "{text}">':
            yield f'the first register of {name} holds {held}'


def check(corewalk, line, program):
    """Compares one core; returns how many things are wrong."""
    folder = core_folder(line, program)
    isolates = json.loads((folder / 'expected.json').read_text())['isolates']
    stacks = corewalk.answer('bt', folder / 'core', '--all', '-v')['stacks']
    failures = 0
    for number, isolate in enumerate(isolates):
        theirs = stated(isolate)
        stack = next(stack for stack in stacks if stack['isolate'] == number)
        wrong = [*differences(found(stack), theirs), *not_optimized(isolate, stack),
                 *lost_in_registers(isolate, stack), *missing_kinds(isolate, stack)]
        compiler = isolate.get('compiler')
        how = '' if compiler is None else f' ({compiler or "interpreted"})'
        print(f'{program}, {isolate["role"]}{how}, Node {line}: {len(theirs)} calls, '
              f'{len(wrong)} differences')
        for text in wrong:
            print(f'  {text}')
        failures += len(wrong) or not theirs
    return failures


def main():
    """Checks the programs on one Node line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--corewalk', required=True)
    parser.add_argument('--node', required=True)
    parser.add_argument('--program', choices=PROGRAMS, help='only this one')
    arguments = parser.parse_args()
    corewalk = Corewalk(arguments.corewalk)
    programs = [arguments.program] if arguments.program else PROGRAMS
    return 1 if sum(check(corewalk, arguments.node, program) for program in programs) else 0


if __name__ == '__main__':
    sys.exit(main())
