#!/usr/bin/env python3
"""Compares the references in corewalk's heap snapshot with those in V8's, kind by kind.

References are counted by the type and class of the node they leave, their own type and
their name; names that differ from program to program count as one. What is missing or
too much of a kind tells which rule of V8's snapshot generator ours does not follow.

  tests/cores/edge_census.py --corewalk build/release/bin/corewalk --node 22 --program zoo
  tests/cores/edge_census.py OURS.heapsnapshot V8S.heapsnapshot

Exit status: 0 no kind differs by more than the tolerance, 1 some do, 2 there is no core.
"""

import argparse
import re
import sys
import tempfile
from collections import Counter
from pathlib import Path

from heap_snapshot import Snapshot
from program import Corewalk, CorewalkFailed
from verify_cores import core_folder

# Nodes of these types bear names out of the program.
NAMED_BY_PROGRAM = {'closure', 'regexp', 'string', 'concatenated string', 'sliced string', 'symbol',
                    'bigint', 'number', 'object', 'native'}
# Tags of code that hold the name of a function or of a builtin.
CODE_TAG = re.compile(r'\((?:(code|instruction stream) for .*'
                      r'|\S+ (builtin handle|builtin code|builtin instruction stream|builtin))\)',
                      re.DOTALL)
EPHEMERON = re.compile(r'\d+ / part of key ', re.DOTALL)
NUMBERED = {'element', 'hidden'}
WELL_KNOWN_PROPERTIES = {'__proto__', 'prototype'}
# The fewest references by which a kind may differ without a word, and the share of V8's count.
FEWEST, SHARE = 2, 0.01


def class_of(kind, name):
    """What nodes of this type and name are called in the table."""
    if name.startswith('system / '):
        return ' / '.join(name.split(' / ')[:2])
    if kind in NAMED_BY_PROGRAM:
        return '*'
    if kind == 'code':
        tag = CODE_TAG.fullmatch(name)
        if tag:
            return f'({tag[1] or tag[2]} of *)'
        return name if name.startswith('(') else '*'
    return name


def edge_name(kind, name):
    """What references of this type and name are called in the table."""
    if kind in NUMBERED or name.isdigit():
        return '#'
    if kind == 'context':
        return '*'
    if kind == 'property':
        return name if name in WELL_KNOWN_PROPERTIES else '*'
    if kind == 'shortcut':
        return re.sub(r'\d+$', '#', name)
    if EPHEMERON.match(name):
        return 'part of key'
    return re.sub(r'^\d+ / .*', '# / *', name, flags=re.DOTALL)


def live(snapshot, begins):
    """Which nodes the root reaches by references that hold."""
    weak = snapshot.edge_types.index('weak')
    kinds, targets = snapshot.edges['type'], snapshot.edges['to_node']
    reached = bytearray(len(begins) - 1)
    reached[0] = 1
    pending = [0]
    while pending:
        node = pending.pop()
        for at in range(begins[node], begins[node + 1]):
            target = targets[at] // snapshot.node_width
            if kinds[at] != weak and not reached[target]:
                reached[target] = 1
                pending.append(target)
    return reached


def census(path, by_class):
    """Live references by (node type, class, type, name), and the count of live nodes by class."""
    snapshot = Snapshot(path)
    begins = snapshot.first_edges
    reached = live(snapshot, begins)
    kinds = [snapshot.edge_types[kind] for kind in snapshot.edges['type']]
    names = snapshot.edges['name_or_index']
    known, classes = {}, {}
    edges, nodes = Counter(), Counter()
    for node, (kind, name) in enumerate(zip(snapshot.nodes['type'], snapshot.nodes['name'])):
        if not reached[node]:
            continue
        if (kind, name) not in classes:
            text = snapshot.types[kind]
            classes[kind, name] = (text, class_of(text, snapshot.strings[name]) if by_class else '')
        node_class = classes[kind, name]
        nodes[node_class] += 1
        for at in range(begins[node], begins[node + 1]):
            key = kinds[at], names[at]
            if key not in known:
                known[key] = '#' if kinds[at] in NUMBERED else edge_name(kinds[at],
                                                                         snapshot.strings[names[at]])
            edges[(*node_class, kinds[at], known[key])] += 1
    return edges, nodes


def differences(ours, theirs):
    """(key, ours, theirs) of all that differ by more than is tolerated, the biggest first."""
    found = [(key, ours[key], theirs[key]) for key in ours.keys() | theirs.keys()
             if abs(ours[key] - theirs[key]) > max(FEWEST, SHARE * theirs[key])]
    return sorted(found, key=lambda row: (-abs(row[1] - row[2]), row[0]))


def compare(ours, theirs, options):
    """Prints the differences of two files; True if there are none."""
    our_edges, our_nodes = census(ours, not options.by_type)
    their_edges, their_nodes = census(theirs, not options.by_type)
    same = True
    for what, mine, others in (('nodes', our_nodes, their_nodes),
                               ('references', our_edges, their_edges)):
        rows = differences(mine, others)
        missing = sum(max(0, theirs - ours) for _, ours, theirs in rows)
        surplus = sum(max(0, ours - theirs) for _, ours, theirs in rows)
        print(f'{what}: {sum(mine.values())} of ours, {sum(others.values())} of V8; '
              f'{len(rows)} kinds differ, {missing} missing, {surplus} too many')
        for key, ours_count, theirs_count in rows[:options.limit]:
            print(f'  {ours_count - theirs_count:+8} {ours_count:8} {theirs_count:8}  '
                  + '  '.join(part.replace('\n', ' ')[:60] for part in key))
        same = same and not rows
    return same


def main():
    """Compares two files, or ours of one core with V8's beside it."""
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('files', nargs='*', type=Path, help='our file and that of V8')
    parser.add_argument('--corewalk', type=Path, help='the built program')
    parser.add_argument('--node', help='line or version')
    parser.add_argument('--program', default='service')
    parser.add_argument('--limit', type=int, default=40, help='differences to print')
    parser.add_argument('--by-type', action='store_true', help='leave out the classes of nodes')
    options = parser.parse_args()
    if len(options.files) == 2:
        return 0 if compare(*options.files, options) else 1
    if options.files or not options.corewalk or not options.node:
        parser.error('two files, or --corewalk and --node')
    folder = core_folder(options.node, options.program)
    with tempfile.TemporaryDirectory() as scratch:
        ours = Path(scratch) / 'ours.heapsnapshot'
        try:
            Corewalk(options.corewalk).text('snapshot', folder / 'core', '-o', str(ours))
        except CorewalkFailed as failure:
            print(failure)
            return 1
        print(f'{options.program}, Node {options.node}')
        return 0 if compare(ours, folder / 'snapshot.heapsnapshot', options) else 1


if __name__ == '__main__':
    sys.exit(main())
