#!/usr/bin/env python3
"""Compares the stack that `bt` finds in a core with the one the program printed before it died.

Function names, their order, and current file, line and column of all calls that have a source; V8's
own functions (Array.map) have none and stand in both for orientation only.
Exit status: 0 all agree, 1 some differ.
"""

import argparse
import json
import re
import subprocess
import sys
from pathlib import Path

from program import Corewalk

ROOT = Path(__file__).resolve().parent.parent.parent
PROGRAMS = ('stacks', 'stacks-baseline')
CALL = re.compile(r'^ *at (?:(?P<name>.*) \()?(?P<file>[^()]+):(?P<line>\d+):(?P<column>\d+)\)?$')


def core_of(line, program):
    """The folder of a core, made if need be."""
    done = subprocess.run([ROOT / 'scripts' / 'corefiles', 'path', '--node', line, '--program',
                           program], stdout=subprocess.PIPE, text=True, check=True)
    return Path(done.stdout.strip())


def bare(name):
    """'new Order', 'Order.total [as run]' and 'async f' as the functions themselves are called."""
    name = re.sub(r' \[as .*\]$', '', name or '')
    name = re.sub(r'^(new|async) ', '', name)
    return '' if name.endswith('<anonymous>') else name.rpartition('.')[2]


def stated(folder):
    """(name, file, line, column) of the calls as the program saw them."""
    stack = json.loads((folder / 'expected.json').read_text())['isolates'][0]['stack']
    matches = [CALL.match(text) for text in stack if not text.strip().startswith('at async ')]
    return [(bare(m['name']), m['file'], int(m['line']), int(m['column'])) for m in matches if m]


def found(corewalk, folder):
    """The same from the core."""
    stack = corewalk.answer('bt', folder / 'core')['stacks'][0]
    calls = []
    for frame in stack['frames']:
        place = frame['position'] or frame['definition']
        if place is None:
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


def main():
    """Checks the programs on one Node line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--corewalk', required=True)
    parser.add_argument('--node', required=True)
    arguments = parser.parse_args()
    corewalk = Corewalk(arguments.corewalk)
    failed = False
    for program in PROGRAMS:
        folder = core_of(arguments.node, program)
        theirs = stated(folder)
        wrong = list(differences(found(corewalk, folder), theirs))
        failed = failed or bool(wrong) or not theirs
        print(f'{program}, Node {arguments.node}: {len(theirs)} calls, {len(wrong)} differences')
        for text in wrong:
            print(f'  {text}')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
