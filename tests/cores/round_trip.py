#!/usr/bin/env python3
"""Inspects objects by the thousand and compares them with V8's own snapshot.

Of the core of an out-of-memory death, 20 000 random objects: each is shown, none is
unreadable. Of a program whose heap V8 wrote down itself, 20 000 random objects: the
names and values of their properties are those in the snapshot. Addresses are no ids
there, so objects are compared by constructor and properties: each must be in the
snapshot as often as it was inspected, or oftener.

  tests/cores/round_trip.py --corewalk build/release/bin/corewalk --node 22

Exit status: 0 all is as it should be, 1 something differs, 2 no core could be made.
"""

import itertools
import random
import sys
from collections import Counter

from heap_snapshot import Snapshot
from program import Corewalk, CorewalkFailed, check_options
from verify_cores import core_folder

OBJECTS = 20000
SEED = 20000
CUT = 1024  # a snapshot has no more characters of a string
MAX_SHOWN = 20
# Objects with properties of their own alone: what V8's snapshot adds to others, such as the parts of
# a function, has names like properties.
PLAIN_KINDS = ('<Object: ',)


def sample(corewalk, core):
    """Random objects, in random order, always the same of a core."""
    addresses = []
    for row in corewalk.answer('findjsobjects', core)['rows']:
        if not row['name'].startswith('('):
            answer = corewalk.answer('findjsinstances', core, row['name'])
            addresses += [instance['address'] for instance in answer['rows']]
    chosen = random.Random(SEED)
    return chosen.sample(sorted(set(addresses)), min(OBJECTS, len(set(addresses))))


def unreadable(corewalk, core):
    """Lines for objects that inspect cannot show."""
    words = sample(corewalk, core)
    values = corewalk.values(core, words)
    if len(values) != len(words):
        yield f'{len(values)} values of {len(words)}'
    for word, value in zip(words, values):
        members = [member for part in ('properties', 'elements') for member in value.get(part, [])]
        bad = [member['name'] for member in members
               if member.get('value', member.get('getter'))['kind'] == 'unreadable']
        if value['kind'] == 'unreadable' or bad:
            yield f"{word}: {value['text']} {bad[:5]}"


def as_c_string(text):
    """A text as the snapshot has it."""
    return text.replace('\0', ' ')


def inspected_value(value):
    """What a snapshot tells of a property's value; None for what it leaves out."""
    if value['kind'] == 'number':  # no Smis, no fields that only ever held numbers
        return None
    if value['kind'] == 'string':
        return 'string', as_c_string(value.get('value', ''))[:CUT]
    is_object = value['kind'] == 'object' and value['type'] != 'RegExp'  # a kind of node of its own
    return ('object', value['type']) if is_object else ('other', '')


def is_unset(value):
    """True for what a literal has yet to fill: a snapshot has it unless numbers are expected there."""
    return value['kind'] == 'hole' or (value['type'], value['kind']) == ('Oddball', 'internal')


def inspected_objects(value):
    """Constructor and properties of an object as inspect shows it: each way a snapshot may have it."""
    properties, unset = [], []
    for member in value.get('properties', []):
        hidden = any(member.get(flag) for flag in ('accessor', 'symbol', 'private'))
        if not hidden and member['name'] != 'stack':  # of an Error: an accessor to the program
            kept = inspected_value(member['value'])
            if kept:
                named = (as_c_string(member['name']), *kept)
                (unset if is_unset(member['value']) else properties).append(named)
    for count in range(len(unset) + 1):
        for some in itertools.combinations(unset, count):
            yield value['type'], tuple(sorted([*properties, *some]))


class SnapshotObjects:
    """The objects of a snapshot, by constructor and properties."""

    def __init__(self, path):
        self.snapshot = Snapshot(path)
        self.string = self.snapshot.types.index('string')
        self.number = self.snapshot.types.index('number')
        self.object = self.snapshot.types.index('object')
        self.property = self.snapshot.edge_types.index('property')
        self.joined = {self.snapshot.types.index(name)
                       for name in ('concatenated string', 'sliced string')}

    def target(self, index):
        """What the node at the end of an edge is."""
        kind = self.snapshot.nodes['type'][index]
        name = self.snapshot.strings[self.snapshot.nodes['name'][index]]
        if kind == self.string:
            return 'string', name[:CUT]
        if kind in self.joined:
            return 'joined', ''
        return ('object', name) if kind == self.object else ('other', '')

    def counts(self):
        """How often each constructor with these properties occurs."""
        nodes = self.snapshot.nodes
        found, at = Counter(), 0
        for index, count in enumerate(nodes['edge_count']):
            if nodes['type'][index] == self.object:
                name = self.snapshot.strings[nodes['name'][index]]
                found[name, tuple(sorted(self.properties(at, count)))] += 1
            at += count
        return found

    def properties(self, begin, count):
        """The properties among some edges, but those with a getter or a setter."""
        edges = self.snapshot.edges
        found = {}
        for edge in range(begin, begin + count):
            if edges['type'][edge] == self.property:
                name = self.snapshot.strings[edges['name_or_index'][edge]]
                found[name] = edges['to_node'][edge] // self.snapshot.node_width
        accessors = {name[4:] for name in found if name.startswith(('get ', 'set '))}
        for name, target in found.items():
            is_added = name == '__proto__' or name.startswith(('get ', 'set ', '<symbol', '#'))
            is_number = self.snapshot.nodes['type'][target] == self.number
            # A class with private methods marks its objects with its context, under its name.
            is_brand = self.target(target) == ('object', 'system / Context')
            if not is_added and not is_brand and not is_number and name not in accessors:
                yield (name, *self.target(target))


def shape(found):
    """Constructors and properties with the kinds of their values; joined strings are strings."""
    shapes = Counter()
    for (name, properties), count in found.items():
        kinds = tuple((key, 'string' if kind == 'joined' else kind, '' if kind in ('string', 'joined') else text)
                      for key, kind, text in properties)
        shapes[name, kinds] += count
    return shapes


def texts(found, kind):
    """How often a property of a constructor is a string of this kind with this text."""
    counts = Counter()
    for (name, properties), count in found.items():
        for key, other, text in properties:
            if other == kind:
                counts[name, key, text] += count
    return counts


def not_in_snapshot(corewalk, folder):
    """Lines for inspected objects that the snapshot does not have."""
    core = folder / 'core'
    wanted = SnapshotObjects(folder / 'snapshot.heapsnapshot').counts()
    known = shape(wanted)
    found = Counter()
    for value in corewalk.values(core, sample(corewalk, core), '-l', '0', '--string-length', str(CUT)):
        # A Proxy has no properties, and another type in older snapshots.
        if value['text'].startswith(PLAIN_KINDS) and value['kind'] == 'object' and value['type'] != 'Proxy':
            ways = list(inspected_objects(value))
            found[next((way for way in ways if shape({way: 1}).keys() <= known.keys()), ways[0])] += 1
    print(f'  {sum(found.values())} objects compared with the snapshot')
    for (name, properties), count in (shape(found) - known).items():
        yield f'{count} {name} {str(properties)[:200]}'
    # A snapshot does not say what V8 joins lazily, so any text may be one of those.
    joined = {(name, key) for name, key, _ in texts(wanted, 'joined')}
    for (name, key, text), count in (texts(found, 'string') - texts(wanted, 'string')).items():
        if (name, key) not in joined:
            yield f'{count} {name}.{key} {text[:60]!r}'


def main():
    """Checks the cores of one Node line."""
    options = check_options(__doc__)
    corewalk = Corewalk(options.corewalk)
    wrong = 0
    try:
        for title, lines in (
                ('oom', unreadable(corewalk, core_folder(options.node, 'oom') / 'core')),
                ('service', not_in_snapshot(corewalk, core_folder(options.node, 'service')))):
            lines = list(lines)
            wrong += len(lines)
            print(f'{title} {options.node}: {len(lines)} differences' if lines
                  else f'{title} {options.node}: ok')
            for line in lines[:MAX_SHOWN]:
                print(f'  {line}')
    except CorewalkFailed as failure:
        print(failure)
        wrong += 1
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main())
