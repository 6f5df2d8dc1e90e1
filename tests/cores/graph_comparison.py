"""Compares what Chrome DevTools shows for two snapshots of one heap: V8's own, and corewalk's."""

from dataclasses import dataclass

NODES, EDGES = 0.001, 0.01  # how far, of V8's number, the totals may be off
BIGGEST_ROWS, ROW = 50, 0.01  # the same for the rows that retain most
NUMBERS = ('count', 'shallow', 'retained')
# Of an isolate's own classes the distances are the same, that of each object included.
EXACT_NUMBERS = (*NUMBERS, 'distance', 'distanceSum')


@dataclass(frozen=True)
class Difference:
    """A number that is further from V8's than it may be."""

    row: str
    ours: int
    theirs: int

    @property
    def surplus(self):
        """How much more corewalk has."""
        return (self.ours or 0) - (self.theirs or 0)

    def __str__(self):
        share = f' ({self.surplus / self.theirs:+.2%})' if self.theirs else ''
        return f'{self.row}: corewalk {self.ours}, V8 {self.theirs}{share}'


def differences(theirs, ours, user_classes):
    """All that is further off than it may be; user_classes are those of the program."""
    yield from beyond('nodes', ours['nodeCount'], theirs['nodeCount'], NODES)
    for kind in keys_of(theirs['edgesByType'], ours['edgesByType']):
        yield from beyond(f'{kind} edges', ours['edgesByType'].get(kind, 0),
                          theirs['edgesByType'].get(kind, 0), EDGES)
    their_rows, our_rows = rows_of(theirs), rows_of(ours)
    biggest = biggest_of(theirs) | biggest_of(ours)
    for key in keys_of(their_rows, our_rows):
        if name_of(key) in user_classes:
            yield from row_differences(key, our_rows, their_rows, EXACT_NUMBERS, 0)
        elif key in biggest:
            yield from row_differences(key, our_rows, their_rows, NUMBERS, ROW)
    if theirs['userRoots'] != ours['userRoots']:
        yield Difference(f"user roots {ours['userRoots']} for {theirs['userRoots']}",
                         len(ours['userRoots']), len(theirs['userRoots']))


def beyond(name, ours, theirs, share):
    """The difference of two numbers if it is more than a share of theirs."""
    if abs(ours - theirs) > share * abs(theirs):
        yield Difference(name, ours, theirs)


def keys_of(theirs, ours):
    """The keys of either, in order."""
    return sorted(set(theirs) | set(ours))


def rows_of(answer):
    """The rows of the Summary view by the key that DevTools groups by."""
    return {row['key']: row for row in answer['classes']}


def biggest_of(answer):
    """The keys of the rows that retain most."""
    rows = sorted(answer['classes'], key=lambda row: -row['retained'])
    return {row['key'] for row in rows[:BIGGEST_ROWS]}


def name_of(key):
    """The class of a row. Its key begins with where the class is in a script, if known: 78,9,13,Foo."""
    return key[1:] if key.startswith(',') else key.split(',', 3)[3]


def label_of(key):
    """The key of a row for a reader. An object without a class goes by its properties, which come in
    the order of their hashes, another in each process: here they are sorted."""
    label = key.lstrip(',')
    if label.startswith('{') and label.endswith('}'):
        label = '{' + ', '.join(sorted(label[1:-1].split(', '))) + '}'
    return label


def row_differences(key, ours, theirs, numbers, share):
    """The numbers of one row that are too far off."""
    for number in numbers:
        pair = (rows.get(key, {}).get(number, 0) for rows in (ours, theirs))
        yield from beyond(f'{number} of {label_of(key)}', *pair, share)


def differing_kinds(theirs, ours, most):
    """The kinds of nodes, and then of edges, whose counts differ most."""
    for table in ('nodeKinds', 'edgeKinds'):
        kinds = [Difference(f'{table[:4]} {kind}', ours[table].get(kind, 0),
                            theirs[table].get(kind, 0))
                 for kind in keys_of(theirs[table], ours[table])]
        kinds = [kind for kind in kinds if kind.surplus]
        yield from sorted(kinds, key=lambda kind: -abs(kind.surplus))[:most]
