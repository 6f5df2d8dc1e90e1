#!/usr/bin/env python3
"""Compares the snapshot that corewalk makes of a core with V8's own of the same heap.

Chrome DevTools' own code loads both. Its totals, the rows of its Summary view with
their sizes, and the distances from the roots have to agree; how closely, stands in
graph_comparison.py. What differs for a reason stands in graph_differences.tsv.
The table of live objects has the same numbers for the program's classes, and the
other programs that people open snapshots with read the file.

  tests/cores/verify_graph.py --corewalk build/release/bin/corewalk --node 22
  tests/cores/verify_graph.py --corewalk build/release/bin/corewalk --node 22 \\
      --program strings --explain 40    # the kinds of nodes and edges that differ most

Exit status: 0 all is as it should be, 1 something differs, 2 no core could be made.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from graph_comparison import Difference, differences, differing_kinds, name_of
from known_differences import known_differences
from program import Corewalk, CorewalkFailed
from snapshot_readers import DEVTOOLS, MEMLAB, V8_HEAP_PARSER, ReaderFailed
from verify_cores import core_folder, judge, report

PROGRAMS = ('service', 'strings', 'elements', 'buffers', 'zoo', 'wasm', 'workers', 'holders')
TABLE = Path(__file__).resolve().parent / 'graph_differences.tsv'
TABLE_COLUMNS = {'count': 'count', 'retained_bytes': 'retained', 'distance': 'distance'}
SECONDS = 600
SYSTEM_DISTANCE = 100_000_000  # DevTools' for what only the engine holds; the table has none


def write_snapshot(corewalk, core, isolate, path):
    """Lets corewalk write the snapshot of one isolate."""
    line = [corewalk, 'snapshot', core, '--isolate', str(isolate), '-o', path]
    done = subprocess.run(line, capture_output=True, text=True, timeout=SECONDS, check=False)
    if done.returncode != 0:
        raise CorewalkFailed(f'snapshot exits {done.returncode}: {done.stderr.strip()[:300]}')


def missing_objects(expected, answer):
    """How many objects of a program's classes a snapshot lacks or has too many."""
    counts = {name_of(row['key']): row['count'] for row in answer['classes']}
    classes = expected.get('classes', {})
    return sum(abs(counts.get(name, 0) - count) for name, count in classes.items())


def pairs(folder, expected, files, *flags):
    """Each isolate that the program tells of, with V8's file and corewalk's that fits it best."""
    left = {path: DEVTOOLS.read(path, *flags) for path in files}
    for isolate in expected:
        named = folder / f"snapshot-{isolate['role']}.heapsnapshot"
        theirs = named if named.exists() else folder / 'snapshot.heapsnapshot'
        best = min(left, key=lambda path, want=isolate: missing_objects(want, left[path]))
        yield isolate, DEVTOOLS.read(theirs, *flags), left.pop(best), best


def table_differences(options, core, index, isolate, theirs):
    """The differences of the table of live objects. Classes some of whose instances V8 counts under
    another name are left out: prototypes of subclasses, objects that go by a tag."""
    answer = Corewalk(options.corewalk).answer('findjsobjects', core, '--live', '--isolate',
                                               str(index))
    table = {row['name']: row for row in answer['rows']}
    elsewhere = {*isolate.get('prototypes', {}), *isolate.get('aliases', {})}
    for row in theirs['classes']:
        name = name_of(row['key'])
        if name in isolate.get('classes', {}) and name not in elsewhere:
            for ours, number in TABLE_COLUMNS.items():
                found = table.get(name, {}).get(ours, 0)
                only_system = found is None and row[number] >= SYSTEM_DISTANCE
                if found != row[number] and not only_system:
                    yield Difference(f'live table: {number} of {name}', found, row[number])


def other_readers(path, devtools):
    """Lines that say what the other readers make of a file, if not the same."""
    for reader in (MEMLAB, V8_HEAP_PARSER):
        try:
            count = reader.read(path)['nodeCount']
        except ReaderFailed as failure:
            yield str(failure)
            continue
        if count != devtools['nodeCount']:
            yield f"{reader.script} finds {count} nodes, DevTools {devtools['nodeCount']}"


def verify(options, program, scratch):
    """Lines that say what is wrong with the snapshots of one core."""
    folder = core_folder(options.node, program)
    expected = json.loads((folder / 'expected.json').read_text())['isolates']
    files = [scratch / f'{program}-{index}.heapsnapshot' for index in range(len(expected))]
    for index, path in enumerate(files):
        write_snapshot(options.corewalk, folder / 'core', index, path)
    found, lines, flags = [], [], ['--kinds'] if options.explain else []
    for isolate, theirs, ours, path in pairs(folder, expected, files, *flags):
        found += differences(theirs, ours, isolate.get('classes', {}))
        found += table_differences(options, folder / 'core', files.index(path), isolate, theirs)
        lines += other_readers(path, ours)
        if options.explain:
            lines += [f'  {kind}' for kind in differing_kinds(theirs, ours, options.explain)]
    known = [k for k in known_differences(TABLE) if k.applies(options.node, program)]
    return [*judge(found, (), known), *lines]


def main():
    """Verifies the snapshots of one Node line."""
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--corewalk', required=True, type=Path, help='the built program')
    parser.add_argument('--node', required=True, metavar='LINE', help='a Node line, or any version')
    parser.add_argument('--program', action='append', choices=PROGRAMS,
                        help='only this one; may be repeated')
    parser.add_argument('--explain', type=int, default=0, metavar='N',
                        help='print the N kinds of nodes and of edges that differ most')
    options, wrong = parser.parse_args(), 0
    with tempfile.TemporaryDirectory() as scratch:
        for program in options.program or PROGRAMS:
            try:
                lines = verify(options, program, Path(scratch))
            except (CorewalkFailed, ReaderFailed) as failure:
                lines = [str(failure)]
            wrong += report(f'{options.node} {program}', lines)
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main())
