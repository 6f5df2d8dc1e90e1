"""Counts the objects of a .heapsnapshot file under the names corewalk gives them."""

import json
from collections import Counter
from dataclasses import dataclass, field

# Node types that are one row of corewalk whatever the name of the node.
ROW_OF_TYPE = {
    'closure': 'Function',
    'regexp': 'RegExp',
    'string': '(string)',
    'concatenated string': '(concatenated string)',
    'sliced string': '(sliced string)',
    'symbol': '(symbol)',
    'bigint': '(bigint)',
    'number': '(number)',
}
ARRAY_BUFFER_DATA = 'system / JSArrayBufferData'


@dataclass
class SnapshotCounts:
    """What V8 counted in one isolate."""

    rows: Counter = field(default_factory=Counter)
    functions: Counter = field(default_factory=Counter)  # closures by name
    buffer_bytes: int = 0  # of ArrayBuffers outside the heap


class Snapshot:
    """The tables of one .heapsnapshot file."""

    def __init__(self, path):
        tables = json.loads(path.read_text(errors='replace'))
        meta = tables['snapshot']['meta']
        self.strings = tables['strings']
        self.nodes, self.edges = tables['nodes'], tables['edges']
        self.node_fields, self.edge_fields = meta['node_fields'], meta['edge_fields']
        self.types, self.edge_types = meta['node_types'][0], meta['edge_types'][0]

    def node_column(self, name):
        """One field of all nodes."""
        return self.nodes[self.node_fields.index(name)::len(self.node_fields)]

    def counts(self):
        """All nodes, by row."""
        found = SnapshotCounts()
        columns = zip(*(self.node_column(name) for name in ('type', 'name', 'self_size')))
        native = []
        for index, (kind, name, size) in enumerate(columns):
            kind, name = self.types[kind], self.strings[name]
            if kind == 'object':
                found.rows[name] += 1
            elif kind in ROW_OF_TYPE:
                found.rows[ROW_OF_TYPE[kind]] += 1
                if kind == 'closure':
                    found.functions[name] += 1
            elif name == ARRAY_BUFFER_DATA:
                found.buffer_bytes += size
            elif kind == 'native':
                native.append(index)
        found.rows.update(self.names_of_wrappers(native))
        return found

    def names_of_wrappers(self, native):
        """The constructors of those native nodes that stand for a JavaScript object as well.

        Node tells V8 of the C++ object behind some JavaScript objects, and V8 makes one node of
        both, with the name of the C++ class. The edges of the JavaScript object are still there."""
        for index in native:
            prototype = self.target(index, '__proto__')
            constructor = prototype is not None and self.target(prototype, 'constructor')
            if constructor is not False and constructor is not None:
                yield self.strings[self.node_column('name')[constructor]]

    def target(self, index, edge_name):
        """The node at the end of the edge of this name, or None."""
        width, count = len(self.edge_fields), self.node_column('edge_count')
        begin = self.first_edges()[index]
        kind, name, node = (self.edge_fields.index(part)
                            for part in ('type', 'name_or_index', 'to_node'))
        for at in range(begin, begin + count[index] * width, width):
            if (self.edge_types[self.edges[at + kind]] in ('property', 'internal', 'shortcut')
                    and self.strings[self.edges[at + name]] == edge_name):
                return self.edges[at + node] // len(self.node_fields)
        return None

    def first_edges(self):
        """Where the edges of each node begin."""
        if not hasattr(self, '_first_edges'):
            self._first_edges, at = [], 0
            for count in self.node_column('edge_count'):
                self._first_edges.append(at)
                at += count * len(self.edge_fields)
        return self._first_edges
