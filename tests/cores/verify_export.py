#!/usr/bin/env python3
"""Checks the options of `corewalk snapshot` by what Chrome DevTools makes of the files.

Compressed files hold the same bytes. A redacted one has the same rows and none of the
program's texts. A pruned one is smaller and adds up to the same. Ids of nodes lead back
to the objects. Strings are as long as they may be.

  tests/cores/verify_export.py --corewalk build/release/bin/corewalk --node 22

Exit status: 0 all is as it should be, 1 something differs, 2 no core could be made.
"""

import gzip
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from heap_snapshot import Snapshot
from program import Corewalk, CorewalkFailed, check_options
from snapshot_readers import DEVTOOLS, NODE_LINE, node_of
from verify_cores import core_folder, report

PROGRAM = 'service'
CLASS = 'Account'
MARKER = 'corewalk-marker-service'  # a text that the program keeps
UNREDACTED = 'TransactionService'   # the name of one of its classes
STRING_LIMIT = 20
PRUNE = '100KB'
SAMPLES = 5
DECOMPRESS = 'process.stdout.write(zlib.zstdDecompressSync(fs.readFileSync(%s)))'


class Exporter:
    """Writes snapshots of one core."""

    def __init__(self, corewalk, core, scratch):
        self.corewalk, self.core, self.scratch = corewalk, core, scratch

    def write(self, name, *flags):
        """The path of a new file."""
        path = self.scratch / name
        self.corewalk.text('snapshot', self.core, '-o', str(path), *flags)
        return path


def rows_of(answer):
    """What the Summary view shows, without the order."""
    return {row['key']: tuple(row.values()) for row in answer['classes']}


def wrong_compression(export, plain):
    """Lines for compressed files that do not hold what the plain one does."""
    if gzip.decompress(export.write('packed.heapsnapshot.gz').read_bytes()) != plain.read_bytes():
        yield 'the .gz file holds something else'
    packed = export.write('packed.heapsnapshot.zst')
    line = [node_of(NODE_LINE), '--no-warnings', '-e', DECOMPRESS % json.dumps(str(packed))]
    if subprocess.run(line, stdout=subprocess.PIPE, check=True).stdout != plain.read_bytes():
        yield 'the .zst file holds something else'


def wrong_redaction(export, plain, answer):
    """Lines for what a redacted file gives away, or lost."""
    path = export.write('redacted.heapsnapshot', '--redact')
    text = path.read_text()
    if MARKER not in plain.read_text():
        yield f'{MARKER} is not in the file that is not redacted'
    if MARKER in text:
        yield f'{MARKER} is in the redacted file'
    if UNREDACTED not in text:
        yield f'{UNREDACTED} is not in the redacted file'
    redacted = DEVTOOLS.read(path)
    if rows_of(redacted) != rows_of(answer):
        yield 'the redacted file has other rows'


def wrong_pruning(export, answer):
    """Lines for totals that a pruned file lacks."""
    pruned = DEVTOOLS.read(export.write('pruned.heapsnapshot', '--prune', PRUNE))
    if pruned['nodeCount'] >= answer['nodeCount']:
        yield f"pruned: {pruned['nodeCount']} nodes of {answer['nodeCount']}"
    totals = [each['statistics']['total'] for each in (pruned, answer)]
    if totals[0] != totals[1]:
        yield f'pruned: {totals[0]} bytes of {totals[1]}'


def wrong_ids(export, plain):
    """Lines for ids that do not lead back to the objects."""
    snapshot = Snapshot(plain)
    ids = [str(number) for number, name, kind
           in zip(*(snapshot.nodes[field] for field in ('id', 'name', 'type')))
           if snapshot.strings[name] == CLASS and snapshot.types[kind] == 'object'][:SAMPLES]
    flags = [word for number in ids for word in ('--find', f'@{number}')]
    places = export.corewalk.answer('snapshot', export.core, *flags)['rows']
    listed = export.corewalk.answer('findjsinstances', export.core, '-n', '0', CLASS)['rows']
    found, known = ([row['address'] for row in rows] for rows in (places, listed))
    if len(ids) != SAMPLES or not set(found) <= set(known):
        yield f'ids {ids} of {CLASS} lead to {found}'


def wrong_strings(export):
    """Lines for strings that are longer than they may be."""
    snapshot = Snapshot(export.write('short.heapsnapshot', '--string-limit', str(STRING_LIMIT)))
    longest = max(len(snapshot.strings[name])
                  for name, kind in zip(snapshot.nodes['name'], snapshot.nodes['type'])
                  if snapshot.types[kind] == 'string')
    if longest != STRING_LIMIT:
        yield f'the longest string has {longest} characters, not {STRING_LIMIT}'


def verify(export):
    """Lines that say what is wrong with the files of one core."""
    plain = export.write('plain.heapsnapshot')
    answer = DEVTOOLS.read(plain)
    yield from wrong_compression(export, plain)
    yield from wrong_redaction(export, plain, answer)
    yield from wrong_pruning(export, answer)
    yield from wrong_ids(export, plain)
    yield from wrong_strings(export)


def main():
    """Verifies the core of one Node line."""
    options = check_options(__doc__)
    core = core_folder(options.node, PROGRAM) / 'core'
    with tempfile.TemporaryDirectory() as scratch:
        export = Exporter(Corewalk(options.corewalk), core, Path(scratch))
        try:
            lines = list(verify(export))
        except CorewalkFailed as failure:
            lines = [str(failure)]
    return 1 if report(f'{options.node} {PROGRAM}', lines) else 0


if __name__ == '__main__':
    sys.exit(main())
