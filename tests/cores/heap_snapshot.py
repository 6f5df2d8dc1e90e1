"""Counts the objects of a .heapsnapshot file under the names corewalk gives them."""

import functools
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
# Up to V8 8.4 a proxy is "system", like most of V8's own objects.
ROW_OF_HIDDEN = {'system / JSProxy': 'Proxy'}
# Structs and arrays of WebAssembly go by their type: "$type3 (wasm)".
WASM_SUFFIX, WASM_ROW = ' (wasm)', '(wasm object)'
ARRAY_BUFFER_DATA = 'system / JSArrayBufferData'


@dataclass
class SnapshotCounts:
    """What V8 counted in one isolate."""

    rows: Counter = field(default_factory=Counter)
    bytes: Counter = field(default_factory=Counter)  # of the objects themselves, by row
    functions: Counter = field(default_factory=Counter)  # closures by name
    buffer_bytes: int = 0  # of ArrayBuffers outside the heap

    def add(self, row, size):
        """Counts one object."""
        self.rows[row] += 1
        self.bytes[row] += size

    def __iadd__(self, other):
        self.rows += other.rows
        self.bytes += other.bytes
        self.functions += other.functions
        self.buffer_bytes += other.buffer_bytes
        return self


class Snapshot:
    """The tables of one .heapsnapshot file."""

    def __init__(self, path):
        tables = json.loads(path.read_text(errors='replace'))
        meta = tables['snapshot']['meta']
        self.strings = tables['strings']
        self.types, self.edge_types = meta['node_types'][0], meta['edge_types'][0]
        self.nodes = columns(tables['nodes'], meta['node_fields'])
        self.edges = columns(tables['edges'], meta['edge_fields'])
        self.node_width = len(meta['node_fields'])

    def counts(self):
        """All nodes, by row."""
        found = SnapshotCounts()
        native = []
        fields = zip(self.nodes['type'], self.nodes['name'], self.nodes['self_size'])
        for index, (kind, name, size) in enumerate(fields):
            kind, name = self.types[kind], self.strings[name]
            if kind == 'object':
                found.add(WASM_ROW if name.endswith(WASM_SUFFIX) else name, size)
            elif kind in ROW_OF_TYPE:
                found.add(ROW_OF_TYPE[kind], size)
                if kind == 'closure':
                    found.functions[name] += 1
            elif kind == 'hidden' and name in ROW_OF_HIDDEN:
                found.add(ROW_OF_HIDDEN[name], size)
            elif name == ARRAY_BUFFER_DATA:
                found.buffer_bytes += size
            elif kind == 'native':
                native.append(index)
        for index, name in self.constructors_of_wrappers(native):
            found.add(name, self.nodes['self_size'][index])
        return found

    def constructors_of_wrappers(self, native):
        """Those native nodes that stand for a JavaScript object as well, with its constructor.

        Node tells V8 of the C++ object behind some JavaScript objects, and V8 makes one node of
        both, with the name of the C++ class. The edges of the JavaScript object are still there."""
        if not native:
            return
        first_edges = self.first_edges
        for index in native:
            prototype = self.target(first_edges, index, '__proto__')
            constructor = prototype and self.target(first_edges, prototype, 'constructor')
            if constructor:
                yield index, self.strings[self.nodes['name'][constructor]] or 'Object'

    def target(self, first_edges, index, edge_name):
        """The node at the end of the edge of this name, or None."""
        for at in range(first_edges[index], first_edges[index + 1]):
            if (self.edge_types[self.edges['type'][at]] == 'property'
                    and self.strings[self.edges['name_or_index'][at]] == edge_name):
                return self.edges['to_node'][at] // self.node_width
        return None

    def name(self, node):
        """What V8 calls a node."""
        return self.strings[self.nodes['name'][node]]

    def edges_of(self, node):
        """(type, name, target) of each edge of a node; numbers are names as well."""
        begins = self.first_edges
        for at in range(begins[node], begins[node + 1]):
            kind = self.edge_types[self.edges['type'][at]]
            name = self.edges['name_or_index'][at]
            text = str(name) if kind in ('element', 'hidden') else self.strings[name]
            yield kind, text, self.edges['to_node'][at] // self.node_width

    @functools.cached_property
    def first_edges(self):
        """Where the edges of each node begin, and where the last ones end."""
        begins = [0]
        for count in self.nodes['edge_count']:
            begins.append(begins[-1] + count)
        return begins


def columns(values, names):
    """A flat table, by column."""
    return {name: values[at::len(names)] for at, name in enumerate(names)}
