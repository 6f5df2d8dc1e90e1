#!/usr/bin/env python3
"""Shows that verify_graph.py would notice: V8's own file agrees with itself, and every copy of it
in which something is wrong does not.

  tests/cores/graph_judge_test.py

Exit status: 0 all is as it should be, 1 a wrong copy was accepted or V8's own file was not.
"""

import json
import sys
import tempfile
from pathlib import Path

from graph_comparison import differences
from snapshot_readers import DEVTOOLS, NODE_LINE
from verify_cores import core_folder, report

PROGRAM = 'service'


class Changeable:
    """A snapshot whose nodes and edges can be changed one by one."""

    def __init__(self, text):
        self.tables = json.loads(text)
        meta = self.tables['snapshot']['meta']
        self.node_fields, self.edge_fields = meta['node_fields'], meta['edge_fields']
        self.node_types, self.edge_types = meta['node_types'][0], meta['edge_types'][0]
        self.first_edges = [0]
        for count in self.tables['nodes'][self.node_fields.index('edge_count')::self.width]:
            self.first_edges.append(self.first_edges[-1] + count)

    @property
    def width(self):
        """How many numbers a node has."""
        return len(self.node_fields)

    def node(self, index, field):
        """Where a field of a node stands in the table of nodes."""
        return index * self.width + self.node_fields.index(field)

    def edge(self, index, field):
        """Where a field of an edge stands in the table of edges."""
        return index * len(self.edge_fields) + self.edge_fields.index(field)

    def instances(self, name):
        """The objects of a class."""
        nodes, strings = self.tables['nodes'], self.tables['strings']
        return [index for index in range(len(self.first_edges) - 1)
                if strings[nodes[self.node(index, 'name')]] == name
                and self.node_types[nodes[self.node(index, 'type')]] == 'object']

    def edges_of(self, index):
        """The edges of a node."""
        return range(self.first_edges[index], self.first_edges[index + 1])

    def retype(self, edges, old, new):
        """Gives those of the edges that have one type another."""
        table = self.tables['edges']
        for index in edges:
            at = self.edge(index, 'type')
            if self.edge_types[table[at]] == old:
                table[at] = self.edge_types.index(new)

    def resize(self, index, bytes_more):
        """Makes a node larger."""
        self.tables['nodes'][self.node(index, 'self_size')] += bytes_more

    def redirect(self, index, target):
        """Lets an edge point at another node."""
        self.tables['edges'][self.edge(index, 'to_node')] = target * self.width

    def append_nodes(self, count):
        """Adds nodes that nothing refers to."""
        self.tables['nodes'] += self.tables['nodes'][-self.width:] * count
        at = self.node_fields.index('edge_count') - self.width
        for _ in range(count):
            self.tables['nodes'][at] = 0
            at -= self.width
        self.tables['snapshot']['node_count'] += count

    def write(self, path):
        """Writes the file, in V8's order."""
        path.write_text(json.dumps(self.tables, separators=(',', ':')))


def no_change(_):
    """V8's own file."""


def one_size(copy):
    """One object of the program is 8 bytes larger."""
    copy.resize(copy.instances('Account')[7], 8)


def one_class_name(copy):
    """One object of the program has another class."""
    nodes, victim = copy.tables['nodes'], copy.instances('Customer')[9]
    nodes[copy.node(victim, 'name')] = nodes[copy.node(copy.instances('Account')[0], 'name')]


def one_retained_size(copy):
    """One object lets go of what it holds."""
    copy.retype(copy.edges_of(copy.instances('Customer')[11]), 'property', 'weak')


def one_distance(copy):
    """The first node of the program is reached by one step less."""
    root = next(edge for edge in copy.edges_of(0)
                if copy.tables['edges'][copy.edge(edge, 'type')] == copy.edge_types.index('shortcut'))
    window = copy.tables['edges'][copy.edge(root, 'to_node')] // copy.width
    copy.redirect(copy.edges_of(window)[-1], copy.instances('RefundService')[5])


def no_user_roots(copy):
    """Nothing tells the objects of the program from those of the engine."""
    copy.retype(copy.edges_of(0), 'shortcut', 'internal')


def some_edges(copy):
    """Two of a hundred internal edges are hidden ones."""
    edges = range(0, copy.first_edges[-1], 50)
    copy.retype(edges, 'internal', 'hidden')


def some_nodes(copy):
    """Two of a thousand nodes are too many."""
    copy.append_nodes(copy.tables['snapshot']['node_count'] // 500)


# Each change, and what has to be among the differences that are found.
WRONG = {one_size: 'shallow of', one_class_name: 'count of', one_retained_size: 'retained of',
         one_distance: 'distance of', no_user_roots: 'retained of global', some_edges: 'hidden edges',
         some_nodes: 'nodes:'}


def found_differences(text, theirs, classes, change, path):
    """What the judge says of a changed copy."""
    copy = Changeable(text)
    change(copy)
    copy.write(path)
    return [str(line) for line in differences(theirs, DEVTOOLS.read(path), classes)]


def main():
    """Judges every copy."""
    folder, wrong = core_folder(NODE_LINE, PROGRAM), 0
    text = (folder / 'snapshot.heapsnapshot').read_text()
    classes = json.loads((folder / 'expected.json').read_text())['isolates'][0]['classes']
    theirs = DEVTOOLS.read(folder / 'snapshot.heapsnapshot')
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / 'copy.heapsnapshot'
        wrong += report(no_change.__doc__,
                        found_differences(text, theirs, classes, no_change, path))
        for change, sign in WRONG.items():
            found = found_differences(text, theirs, classes, change, path)
            noticed = any(line.startswith(sign) for line in found)
            wrong += report(change.__doc__, () if noticed else [f'not noticed: {sign}', *found])
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main())
