#!/usr/bin/env python3
"""Checks that the printed path to an object says what holds it, for every kind of holder.

The program `holders` makes one object of a class of its own for each kind, and says
which words the path has to have, in which order.

  tests/cores/verify_paths.py --corewalk build/release/bin/corewalk --node 22
  tests/cores/verify_paths.py --corewalk build/release/bin/corewalk --node 22 --print

Exit status: 0 all is as it should be, 1 something differs, 2 no core could be made.
"""

import argparse
import json
import re
import sys
from pathlib import Path

from program import Corewalk, CorewalkFailed
from verify_cores import core_folder, report

PROGRAM = 'holders'


def address_of(corewalk, core, name):
    """The one object of a class."""
    rows = corewalk.answer('findjsinstances', core, name)['rows']
    if len(rows) != 1:
        raise CorewalkFailed(f'{name}: {len(rows)} objects, not one')
    return rows[0]['address']


def printed_path(corewalk, core, name):
    """The shortest path to the object of a class, in one line."""
    text = corewalk.text('path', core, address_of(corewalk, core, name))
    return ' '.join(text.split())


def first_missing(words, text):
    """The first of the patterns that does not follow those before it; None if all do."""
    at = 0
    for word in words:
        match = re.compile(word).search(text, at)
        if not match:
            return word
        at = match.end()
    return None


def verify_holder(corewalk, core, holder, prints):
    """Lines that say what the path to one object lacks."""
    try:
        text = printed_path(corewalk, core, holder['class'])
    except CorewalkFailed as failure:
        yield f"{holder['kind']}: {failure}"
        return
    if prints:
        print(f"{holder['kind']}:\n  {text}")
    words = [*holder['path'], rf"\b{holder['class']}\b"]
    missing = first_missing(words, text)
    if missing:
        yield f"{holder['kind']}: no {missing!r} where it should be in: {text}"


def main():
    """Verifies the core of one Node line."""
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--corewalk', required=True, type=Path, help='the built program')
    parser.add_argument('--node', required=True, metavar='LINE', help='a Node line, or any version')
    parser.add_argument('--print', action='store_true', help='print every path')
    options = parser.parse_args()
    folder = core_folder(options.node, PROGRAM)
    holders = json.loads((folder / 'expected.json').read_text())['isolates'][0]['holders']
    lines = [line for holder in holders
             for line in verify_holder(Corewalk(options.corewalk), folder / 'core', holder,
                                       options.print)]
    return 1 if report(f'{options.node} {PROGRAM}', lines) else 0


if __name__ == '__main__':
    sys.exit(main())
