"""Compares what corewalk finds in one isolate with what the program and V8 say of it."""

from dataclasses import dataclass

# A row of corewalk that no snapshot has; what it holds V8 counts with the class.
PROTOTYPES = '(prototype)'


@dataclass(frozen=True)
class Difference:
    """A row whose count is not V8's."""

    row: str
    ours: int
    theirs: int

    @property
    def surplus(self):
        """How many more corewalk counts."""
        return self.ours - self.theirs

    def __str__(self):
        return f'{self.row}: corewalk counts {self.ours}, V8 {self.theirs}'


def wrong_expectations(expected, census):
    """(name, made, found) of all that the program made and corewalk counts otherwise."""
    rows, aliases = census.javascript('count'), expected.get('aliases', {})
    for name, count in expected.get('classes', {}).items():
        renamed = rows[name] == 0 and rows[aliases.get(name)] >= count
        if rows[name] != count and not renamed:
            yield name, count, rows[name]
    for name, count in expected.get('at_least', {}).items():
        if rows[name] + census.prototypes[name] < count:
            yield name, count, rows[name]
    least, found = expected.get('external_bytes_at_least', 0), census.total('external_bytes')
    if found < least:
        yield 'external bytes', least, found


def differing_rows(counts, census):
    """The rows whose count is not that of V8's own snapshot, in either direction."""
    ours = census.javascript('count')
    del ours[PROTOTYPES]
    ours += census.prototypes
    theirs = counts.rows
    return [Difference(row, ours[row], theirs[row]) for row in sorted(set(ours) | set(theirs))
            if ours[row] != theirs[row] and not row.startswith('system')]


def differing_buffer_bytes(counts, census):
    """The bytes of ArrayBuffers outside the heap, if V8 has another sum. V8 leaves out external
    strings, which corewalk counts in the same column."""
    external = census.javascript('external_bytes')
    ours = sum(external.values()) - external['(string)']
    if ours != counts.buffer_bytes:
        yield Difference('(bytes of buffers)', ours, counts.buffer_bytes)


def unsound(census):
    """Lines that say where the census does not account for all bytes of a healthy core."""
    coverage = census.coverage
    if not coverage['complete'] or coverage['damaged_bytes'] or coverage['missing_bytes']:
        yield f'coverage is not complete: {coverage}'
    labels = ('object', 'filler', 'free', 'unused', 'unswept', 'damaged', 'missing')
    labelled = sum(coverage[f'{label}_bytes'] for label in labels)
    if labelled != coverage['page_bytes']:
        yield f"{labelled} of {coverage['page_bytes']} bytes of pages are labelled"
    if census.total('shallow_bytes') != coverage['object_bytes']:
        yield (f"the rows add up to {census.total('shallow_bytes')} bytes, the objects on the pages "
               f"to {coverage['object_bytes']}")
