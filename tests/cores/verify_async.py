#!/usr/bin/env python3
"""Compares the chains that `bt --async` finds with what the program async.js says of itself.

The chain of the function that ran at death equals the "at async" lines of the stack that V8 gave the
program just before: names, files, lines and columns. The chains that nothing resumes have the steps
and lines that the program noted.

  tests/cores/verify_async.py --corewalk build/release/bin/corewalk --node 22

Exit status: 0 all agree, 1 some differ, 2 no core could be made.
"""

import json
import re
import sys

from program import Corewalk, CorewalkFailed, check_options
from verify_cores import core_folder

ASYNC_CALL = re.compile(
    r'^ *at async (?:(?P<name>.*) \()?(?P<file>[^()]+):(?P<line>\d+):(?P<column>\d+)\)?$')


def stated_calls(stack):
    """(name, file, line, column) of the callers that V8 listed."""
    matches = filter(None, map(ASYNC_CALL.match, stack))
    return [((m['name'] or '').rpartition('.')[2], m['file'], int(m['line']), int(m['column']))
            for m in matches]


def found_calls(chain):
    """The same of a chain, but for the function that ran."""
    places = [(step['name'], step['position']) for step in chain['steps'][1:]]
    return [(name, place['file'], place['line'], place['column']) if place else (name,)
            for name, place in places]


def waiting(chain):
    """Names of the steps above the promise at the bottom."""
    return [step['name'] for step in chain['steps'] if step['kind'] != 'promise']


def same_steps(ours, theirs, is_cycle):
    """True if two chains are the same; a circle may be entered anywhere."""
    if not is_cycle:
        return ours == theirs
    ours = ours[1:] if len(ours) > len(theirs) else ours
    return sorted(ours) == sorted(theirs)


def differences(corewalk, folder):
    """One sentence for each chain that differs."""
    expected = json.loads((folder / 'expected.json').read_text())['isolates'][0]
    chains = corewalk.answer('bt', folder / 'core', '--async', '--limit', '0')['async_chains']
    running = [chain for chain in chains if chain['steps'][0]['name'] == 'innermost']
    theirs = stated_calls(expected['stack'])
    if not theirs:
        yield 'the program saw no callers'
    if [found_calls(chain) for chain in running] != [theirs]:
        yield f'{[found_calls(chain) for chain in running]} instead of {theirs}'
    for stated in expected['chains']:
        is_cycle = stated.get('cycle', False)
        alike = [chain for chain in chains if chain['cycle'] == is_cycle
                 and same_steps(waiting(chain), stated['steps'], is_cycle)]
        count = sum(chain['count'] for chain in alike)
        if count != stated['count'] or len(alike) != 1:
            near = [waiting(c) for c in chains if stated['steps'][-1] in waiting(c)]
            yield f"{count} chains {stated['steps']} instead of {stated['count']}; near: {near}"
            continue
        for step in alike[0]['steps']:
            line = step['position'] and step['position']['line']
            if step['kind'].startswith('async') and line != expected['lines'].get(step['name']):
                yield f"{step['name']} at {line}, not {expected['lines'].get(step['name'])}"


def main():
    """Checks the core of one Node line."""
    options = check_options(__doc__)
    try:
        wrong = list(differences(Corewalk(options.corewalk), core_folder(options.node, 'async')))
    except CorewalkFailed as failure:
        wrong = [str(failure)]
    print(f'async {options.node}: {len(wrong)} differences')
    for line in wrong:
        print(f'  {line}')
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main())
