"""Reads .heapsnapshot files with the programs that people open them with.

Each runs in Node, from devtools/, with its packages from npm in the cache of corefiles."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent / 'corefiles'))

# pylint: disable=wrong-import-position
from generator.catalog import releases
from generator.packages import installed, node_binary

NODE_LINE = '22'
SECONDS = 1800
HEAP_MEGABYTES = 12000


def node_of(line):
    """The node binary of a line."""
    release, = (release for release in releases() if release.line == line)
    return node_binary(release)


class ReaderFailed(Exception):
    """A reader did not accept a file."""


@dataclass(frozen=True)
class Reader:
    """One program, and the npm packages it is in."""

    script: str
    packages: tuple

    def read(self, path, *flags):
        """What the reader finds in a snapshot."""
        line = [node_of(NODE_LINE), f'--max-old-space-size={HEAP_MEGABYTES}',
                HERE / 'devtools' / self.script, path, *flags]
        done = subprocess.run(line, capture_output=True, text=True, timeout=SECONDS, check=False,
                              env=dict(os.environ, NODE_PATH=str(installed(self.packages))))
        if done.returncode != 0:
            raise ReaderFailed(f'{self.script} on {path}: {done.stderr.strip()[-1000:]}')
        return json.loads(done.stdout)


DEVTOOLS = Reader('devtools_reader.mjs',
                  ('chrome-devtools-frontend@1.0.1705227', 'esbuild@0.28.2'))
MEMLAB = Reader('memlab_reader.js', ('@memlab/core@2.0.5',))
V8_HEAP_PARSER = Reader('v8_heap_parser_reader.js', ('@vscode/v8-heap-parser@0.1.0',))
