#!/usr/bin/env python3
"""Compares two .heapsnapshot files of one heap as Chrome DevTools shows them.

  tests/cores/compare_snapshots.py V8.heapsnapshot CORE.heapsnapshot --class Session --explain 30

Exit status: 0 they agree as closely as graph_comparison.py asks, 1 they do not.
"""

import argparse
import sys
from pathlib import Path

from graph_comparison import differences, differing_kinds
from snapshot_readers import DEVTOOLS


def main():
    """Prints what differs."""
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('theirs', type=Path, help="V8's file")
    parser.add_argument('ours', type=Path, help='the file to judge')
    parser.add_argument('--class', action='append', default=[], dest='classes', metavar='NAME',
                        help='a class whose numbers have to be equal; may be repeated')
    parser.add_argument('--explain', type=int, default=0, metavar='N',
                        help='print the N kinds of nodes and of edges that differ most')
    options = parser.parse_args()
    flags = ['--kinds'] if options.explain else []
    theirs, ours = (DEVTOOLS.read(path, *flags) for path in (options.theirs, options.ours))
    found = list(differences(theirs, ours, options.classes))
    print(*found, sep='\n')
    if options.explain:
        print(*differing_kinds(theirs, ours, options.explain), sep='\n')
    return 1 if found else 0


if __name__ == '__main__':
    sys.exit(main())
