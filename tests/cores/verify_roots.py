#!/usr/bin/env python3
"""Compares the roots corewalk finds in a core with those V8 listed in its own heap snapshots.

Each node below "(GC roots)" is compared as a multiset: type and name of the edge (a number counts for
any number: it is the edge's place in the list), size of the object. Some nodes describe the moment at
which the snapshot was written, not that of the death: of these only that they are there.

  tests/cores/verify_roots.py --corewalk build/release/bin/corewalk --node 22

Exit status: 0 all is as it should be, 1 something differs, 2 no core could be made.
"""

import json
import re
import subprocess
import sys
from collections import Counter

from heap_snapshot import Snapshot
from program import Corewalk, CorewalkFailed, check_options
from verify_cores import core_folder

PROGRAMS = ('service', 'workers')
# Stacks, and what C++ code that was running had in hand: docs/snapshot-differences.md.
OF_THE_MOMENT = {'Stack roots', 'Handle scope', 'Relocatable', 'Micro tasks'}
# Categories that V8 called otherwise in some versions, by their present name.
PRESENT_NAMES = {'Isolate': 'Stack roots', 'Partial snapshot cache': 'Startup object cache'}
SHOWN = 3


def edge_name(name):
    """The name without what tells the edge's place in its list."""
    return '#' if name.isdigit() else re.sub(r'^\d+ / ', '# / ', name)


def snapshot_roots(path):
    """Per category: V8's edges, as a multiset."""
    snapshot = Snapshot(path)
    sizes = snapshot.nodes['self_size']
    gc_roots = next(child for _, _, child in snapshot.edges_of(0)
                    if snapshot.name(child) == '(GC roots)')
    found = {}
    for _, _, group in snapshot.edges_of(gc_roots):
        label = snapshot.name(group).strip('()')
        edges = found.setdefault(PRESENT_NAMES.get(label, label), Counter())
        for kind, name, child in snapshot.edges_of(group):
            edges[kind, edge_name(name), sizes[child]] += 1
    return found


def our_roots(answer, isolate, categories):
    """The same of what `roots -v` lists."""
    found = {}
    for root in answer['roots']:
        if root['isolate'] != isolate or not root['in_snapshot']:
            continue
        category = root['category']
        if category == 'Strong root list' and category not in categories:
            category = 'Strong roots'  # up to V8 11.3 both have that name
        edges = found.setdefault(category, Counter())
        edges[root['edge_type'], edge_name(root['edge']), root['shallow_bytes']] += 1
    return found


def unsized(edges):
    """The edges without the sizes of their objects."""
    names = Counter()
    for (kind, name, _), count in edges.items():
        names[kind, name] += count
    return names


def same_edges(category, mine, true):
    """True if only those sizes differ that V8 counts otherwise."""
    more, less = mine - true, true - mine
    sizes_tell = category != 'External strings'  # theirs include the characters, from V8 13.6 on
    if sizes_tell and any(size for _, _, size in less):  # 0: of read-only objects, since then
        return False
    return unsized(more) == unsized(less)


def differences(ours, theirs):
    """What one isolate has otherwise than V8 says."""
    for category in sorted(ours.keys() | theirs.keys()):
        mine, true = ours.get(category, Counter()), theirs.get(category, Counter())
        if category in OF_THE_MOMENT:
            if category == 'Stack roots' and not mine:
                yield f'{category}: none, V8 has {true.total()}'
            continue
        if same_edges(category, mine, true):
            continue
        more = [str(edge) for edge in (mine - true)][:SHOWN]
        less = [str(edge) for edge in (true - mine)][:SHOWN]
        yield (f'{category}: {mine.total()} roots, V8 has {true.total()}; '
               f'{(mine - true).total()} only here: {", ".join(more)}; '
               f'{(true - mine).total()} only there: {", ".join(less)}')


def snapshots_of(folder):
    """(role, path) of each isolate's snapshot, the main thread's first."""
    for isolate in json.loads((folder / 'expected.json').read_text())['isolates']:
        for name in (f'snapshot-{isolate["role"]}.heapsnapshot', 'snapshot.heapsnapshot'):
            if (folder / name).exists():
                yield isolate['role'], folder / name
                break


def check(corewalk, folder):
    """What differs in one core. A worker's isolate is the one that differs least from its snapshot:
    they started in any order."""
    answer = corewalk.answer('roots', folder / 'core', '-v')
    left = sorted({root['isolate'] for root in answer['roots']})
    for role, path in snapshots_of(folder):
        theirs = snapshot_roots(path)
        found = {isolate: list(differences(our_roots(answer, isolate, theirs), theirs))
                 for isolate in left}
        best = min(left, key=lambda isolate: len(found[isolate]))
        left.remove(best)
        yield from (f'{role}: {text}' for text in found[best])


def main():
    """Prints each difference."""
    options = check_options(__doc__)
    corewalk = Corewalk(options.corewalk)
    failed = False
    for program in PROGRAMS:
        try:
            found = list(check(corewalk, core_folder(options.node, program)))
        except (CorewalkFailed, subprocess.TimeoutExpired) as problem:
            found = [str(problem)]
        for text in found:
            print(f'node {options.node} {program}: {text}')
        failed = failed or bool(found)
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
