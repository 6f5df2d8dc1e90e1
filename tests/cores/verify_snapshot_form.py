#!/usr/bin/env python3
"""Copies the heap snapshots that V8 wrote through our writer and compares the bytes.

Proves that what corewalk writes has V8's form in every Node line: the header with its
columns and types, separators, escapes, the order of the strings.

  tests/cores/verify_snapshot_form.py --copy build/release/tests/cores/snapshot_copy --node 22

Exit status: 0 all files are equal, 1 one differs, 2 no core could be made.
"""

import argparse
import filecmp
import subprocess
import sys
import tempfile
from pathlib import Path

from verify_cores import core_folder

PROGRAMS = ('service', 'strings')


def first_difference(one, other):
    """Where two files differ, with what stands there."""
    left, right = one.read_bytes(), other.read_bytes()
    at = next((i for i, (a, b) in enumerate(zip(left, right)) if a != b),
              min(len(left), len(right)))
    begin = max(0, at - 40)
    return f'at byte {at}: {left[begin:at + 40]!r} became {right[begin:at + 40]!r}'


def main():
    """Checks the snapshots of one Node line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--copy', required=True, help='the program snapshot_copy')
    parser.add_argument('--node', required=True)
    options = parser.parse_args()
    equal = True
    with tempfile.TemporaryDirectory() as folder:
        for program in PROGRAMS:
            snapshot = core_folder(options.node, program) / 'snapshot.heapsnapshot'
            copy = Path(folder) / 'copy.heapsnapshot'
            subprocess.run([options.copy, options.node, snapshot, copy], check=True, timeout=300)
            if filecmp.cmp(snapshot, copy, shallow=False):
                print(f'{program} {options.node}: ok')
            else:
                print(f'{program} {options.node}: {first_difference(snapshot, copy)}')
                equal = False
    return 0 if equal else 1


if __name__ == '__main__':
    sys.exit(main())
