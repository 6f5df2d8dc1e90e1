#!/usr/bin/env python3
"""Compares corewalk with the programs of corefiles/ and with V8, on real cores.

For each program: the objects it made are all found, and no others; where V8 wrote
a snapshot of the same heap, every row has V8's count; every byte of every page is
accounted for. A worker's isolate is compared by itself, and the isolates together
make the whole. What differs for a reason stands in known_differences.tsv.

  tests/cores/verify_cores.py --corewalk build/release/bin/corewalk --node 22
  tests/cores/verify_cores.py --corewalk build/release/bin/corewalk --node 22 --program strings

Exit status: 0 all is as it should be, 1 something differs, 2 no core could be made.
"""

import argparse
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

from comparison import (differing_buffer_bytes, differing_rows, unsound,
                        wrong_expectations)
from heap_snapshot import Snapshot
from known_differences import known_differences
from program import Corewalk, CorewalkFailed

ROOT = Path(__file__).resolve().parent.parent.parent
PROGRAMS = ('service', 'strings', 'elements', 'buffers', 'zoo', 'wasm', 'workers', 'holders',
            'livedead', 'midalloc', 'midgc', 'oom', 'live')
COUNTED_ONCE = ('(number)', '(string)', '(symbol)')  # partly in the read-only space that all share


def core_folder(line, program, *options):
    """The folder of a core, made if need be."""
    command = [ROOT / 'scripts' / 'corefiles', 'path', '--node', line, '--program', program, *options]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        sys.exit(2)
    return Path(done.stdout.strip())


def snapshot_of(folder, role):
    """V8's counts of one isolate, or None if there is no snapshot."""
    for name in (f'snapshot-{role}.heapsnapshot', 'snapshot.heapsnapshot'):
        if (folder / name).exists():
            return Snapshot(folder / name).counts()
    return None


def pair_isolates(expected, corewalk, core):
    """Each expected isolate with the census of it: the one that lacks least of its classes."""
    if len(expected) == 1:
        return [(expected[0], corewalk.census(core))]
    left = [corewalk.census(core, index) for index in range(len(expected))]
    pairs = []
    for isolate in expected:
        best = min(left, key=lambda census: len(list(wrong_expectations(isolate, census))))
        left.remove(best)
        pairs.append((isolate, best))
    return pairs


def differences_of(folder, pairs):
    """The differences between corewalk and V8, in all isolates."""
    for isolate, census in pairs:
        counts = snapshot_of(folder, isolate['role'])
        if counts:
            yield from differing_rows(counts, census)
            yield from differing_buffer_bytes(counts, census)


def judge(differences, wrong, known):
    """Lines for all that has no reason, and for each reason that did not occur."""
    used = set()
    for difference in differences:
        reason = next((k for k in known if k.explains(difference.row, difference.surplus)), None)
        if reason is None:
            yield str(difference)
        used.add(reason)
    for name, made, found in wrong:
        reason = next((k for k in known if k.explains(name, found - made)), None)
        if reason is None:
            yield f'{name}: {made} were made, corewalk counts {found}'
        used.add(reason)
    for reason in known:
        if reason not in used and not reason.is_optional:
            yield f'listed as known, but not so: {reason}'


def parts_make_whole(corewalk, core, pairs):
    """Lines that say where the isolates do not add up to the process."""
    if len(pairs) == 1:
        return
    whole, parts = corewalk.census(core).javascript('count'), Counter()
    for _, census in pairs:
        parts += census.javascript('count')
    for row in whole:
        if whole[row] != parts[row] and row not in COUNTED_ONCE:
            yield f'{row}: {whole[row]} in all isolates together, {parts[row]} one by one'


def healthy_doctor(corewalk, core):
    """Lines that say which check of doctor fails."""
    for check in corewalk.answer('doctor', core)['checks']:
        if not check['passed']:
            yield f"doctor: {check['name']}: {check['detail']}"


def verify(corewalk, line, program):
    """Lines that say what is wrong with one core."""
    folder = core_folder(line, program)
    core = folder / 'core'
    expected = json.loads((folder / 'expected.json').read_text())['isolates']
    pairs = pair_isolates(expected, corewalk, core)
    known = [k for k in known_differences() if k.applies(line, program)]
    wrong = [w for isolate, census in pairs for w in wrong_expectations(isolate, census)]
    yield from judge(differences_of(folder, pairs), wrong, known)
    for _, census in pairs:
        yield from unsound(census)
    yield from unsound(corewalk.census(core))
    yield from parts_make_whole(corewalk, core, pairs)
    yield from healthy_doctor(corewalk, core)


def same_table(corewalk, line, *options):
    """Lines, if a variant of the service's core has other instances of its classes."""
    program = 'service'
    made = json.loads((core_folder(line, program) / 'expected.json').read_text())['isolates'][0]
    census = corewalk.census(core_folder(line, program, *options) / 'core')
    for name, count, found in wrong_expectations(made, census):
        yield f'{name}: {count} were made, corewalk counts {found}'
    yield from unsound(census)


def variants(line):
    """Cores of the same program under other circumstances, by what is special about them."""
    yield 'stripped node', ('--stripped',)
    yield 'all mappings saved', ('--filter', '0x7f')
    yield 'no collection before', ('--no-snapshot',)


def report(title, lines):
    """Prints one result; returns how many lines there were."""
    lines = list(lines)
    print(f"{title}: {'ok' if not lines else 'WRONG'}", flush=True)
    for line in lines:
        print(f'  {line}', flush=True)
    return len(lines)


def main():
    """Verifies the cores of one Node line."""
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--corewalk', required=True, type=Path, help='the built program')
    parser.add_argument('--node', required=True, metavar='LINE', help='a Node line, or any version')
    parser.add_argument('--program', action='append', choices=PROGRAMS,
                        help='only this one; may be repeated')
    options = parser.parse_args()
    corewalk, wrong = Corewalk(options.corewalk), 0
    for program in options.program or PROGRAMS:
        try:
            wrong += report(f'{options.node} {program}', verify(corewalk, options.node, program))
        except CorewalkFailed as failure:
            wrong += report(f'{options.node} {program}', [str(failure)])
    for name, recipe in () if options.program else variants(options.node):
        wrong += report(f'{options.node} {name}', same_table(corewalk, options.node, *recipe))
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main())
