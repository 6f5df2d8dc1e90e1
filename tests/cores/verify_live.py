#!/usr/bin/env python3
"""Checks that live objects are told from dead ones, on cores where nothing was collected.

Of each class of the program, those that it kept are live and those that it dropped are
dead. What is live and what is dead make the whole, class by class. Live rows have a
distance from the roots and retain at least their own bytes; nothing is dead and kept.

  tests/cores/verify_live.py --corewalk build/release/bin/corewalk --node 22

Exit status: 0 all is as it should be, 1 something differs, 2 no core could be made.
"""

import json
import sys

from program import Corewalk, CorewalkFailed, check_options
from verify_cores import core_folder, report

PROGRAMS = ('livedead', 'midalloc', 'midgc')
SYSTEM_DISTANCE = 100_000_000  # what only the engine holds is further away than this


def rows_of(corewalk, core, *flags):
    """The rows of findjsobjects by name."""
    answer = corewalk.answer('findjsobjects', core, *flags)
    return {row['name']: row for row in answer['rows']}


def wrong_counts(expected, live, dead):
    """Lines for classes whose live or dead objects are not those of the program."""
    for name, reachable in expected['reachable'].items():
        dropped = expected['classes'][name] - reachable
        for what, rows, want in (('live', live, reachable), ('dead', dead, dropped)):
            found = rows.get(name, {}).get('count', 0)
            if found != want:
                yield f'{name}: {found} are {what}, of {want}'


def wrong_sums(every, live, dead):
    """Lines for classes whose live and dead objects are not all of them.

    Sizes do not add up: what an array's elements take counts for the array as long as it
    alone holds them, and the dead hold nothing.
    """
    for name in sorted(set(every) | set(live) | set(dead)):
        whole, *parts = (rows.get(name, {}).get('count', 0) for rows in (every, live, dead))
        if whole != sum(parts):
            yield f'{name}: {whole} objects, {parts[0]} live and {parts[1]} dead'


def wrong_live_columns(expected, live):
    """Lines for rows of the program's live objects that lack what is told of the living."""
    for name, reachable in expected['reachable'].items():
        if reachable and name in live:
            row = live[name]
            if not 1 <= row['distance'] < SYSTEM_DISTANCE:
                yield f"{name}: its distance is {row['distance']}"
            if row['retained_bytes'] < row['shallow_bytes']:
                yield f"{name}: retains {row['retained_bytes']} of {row['shallow_bytes']} bytes"


def verify(corewalk, line, program):
    """Lines that say what is wrong with one core."""
    folder = core_folder(line, program)
    expected = json.loads((folder / 'expected.json').read_text())['isolates'][0]
    every, live, dead = (rows_of(corewalk, folder / 'core', *flags)
                         for flags in ((), ('--live',), ('--dead',)))
    yield from wrong_counts(expected, live, dead)
    yield from wrong_sums(every, live, dead)
    yield from wrong_live_columns(expected, live)


def main():
    """Verifies the cores of one Node line."""
    options = check_options(__doc__)
    corewalk, wrong = Corewalk(options.corewalk), 0
    for program in PROGRAMS:
        try:
            wrong += report(f'{options.node} {program}', verify(corewalk, options.node, program))
        except CorewalkFailed as failure:
            wrong += report(f'{options.node} {program}', [str(failure)])
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main())
