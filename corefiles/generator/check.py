"""Compares what programs say of their heaps with what V8 says of them."""

import json
from collections import Counter
from dataclasses import dataclass

# V8's name for the bytes of an ArrayBuffer that stand outside the heap.
ARRAY_BUFFER_DATA = 'system / JSArrayBufferData'


@dataclass(frozen=True)
class Counts:
    """What V8 itself counted in one snapshot."""

    objects: Counter
    functions: Counter
    external_bytes: int


def snapshot_counts(path):
    """Reads V8's counts, by name, out of a snapshot."""
    snapshot = json.loads(path.read_text(errors='replace'))
    meta, strings = snapshot['snapshot']['meta'], snapshot['strings']
    fields, kinds = meta['node_fields'], meta['node_types'][0]
    columns = [snapshot['nodes'][fields.index(name)::len(fields)]
               for name in ('type', 'name', 'self_size')]
    counts = {kind: Counter() for kind in kinds}
    external_bytes = 0
    for kind, name, size in zip(*columns):
        counts[kinds[kind]][strings[name]] += 1
        if strings[name] == ARRAY_BUFFER_DATA:
            external_bytes += size
    # V8 names regular expressions by their pattern.
    objects = counts['object'] + Counter(RegExp=sum(counts['regexp'].values()))
    return Counts(objects, counts['closure'], external_bytes)


def snapshot_of(folder, role):
    """The snapshot of one isolate."""
    named = folder / f'snapshot-{role}.heapsnapshot'
    return named if named.exists() else folder / 'snapshot.heapsnapshot'


def differences(isolate, counts):
    """Lines that say where the counts of a snapshot are not the expected ones."""
    prototypes, aliases = isolate.get('prototypes', {}), isolate.get('aliases', {})
    for name, count in isolate.get('classes', {}).items():
        found = counts.objects[name] - prototypes.get(name, 0)
        is_alias = found == 0 and counts.objects[aliases.get(name)] >= count
        if found != count and not is_alias:
            yield f'{name}: expected {count}, V8 says {found}'
    for name, count in isolate.get('at_least', {}).items():
        if counts.objects[name] < count:
            yield f'{name}: expected at least {count}, V8 says {counts.objects[name]}'
    for name, count in isolate.get('functions', {}).items():
        if counts.functions[name] != count:
            yield f'function {name}: expected {count}, V8 says {counts.functions[name]}'
    least = isolate.get('external_bytes_at_least', 0)
    if counts.external_bytes < least:
        yield f'external bytes: expected at least {least}, V8 says {counts.external_bytes}'


def check(folder):
    """Compares the expected counts of a core with V8's own snapshots."""
    expected = json.loads((folder / 'expected.json').read_text())
    return [f"{isolate['role']}: {line}" for isolate in expected['isolates']
            for line in differences(isolate, snapshot_counts(snapshot_of(folder, isolate['role'])))]
