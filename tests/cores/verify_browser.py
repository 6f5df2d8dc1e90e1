#!/usr/bin/env python3
"""Opens a snapshot by corewalk in Chrome DevTools, in a headless Chromium, and reads the screen.

The Summary view has to show the classes of the program with the numbers of corewalk's
own table. The heap has 250 MB.

  tests/cores/verify_browser.py --corewalk build/release/bin/corewalk --picture summary.png

Exit status: 0 all is as it should be, 1 something differs, 2 no core could be made.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from program import Corewalk
from snapshot_readers import HERE, NODE_LINE, node_of
from verify_cores import core_folder, report
from verify_graph import write_snapshot

PROGRAM, ITERATIONS = 'bench', 60000
SECONDS = 1800
NAME = re.compile(r'^(?P<name>.*?)×(?P<count>[\d,]+)$')
KILOBYTES = re.compile(r'^(?P<number>[\d,.]+)\s*kB')


def shown_rows(browser, snapshot, picture):
    """What stands on the screen: name, count, and the size that each class retains."""
    line = [node_of(NODE_LINE), HERE / 'devtools' / 'browser_summary.mjs', browser, snapshot,
            picture]
    done = subprocess.run(line, stdout=subprocess.PIPE, text=True, timeout=SECONDS, check=True)
    for name, _, _, retained in json.loads(done.stdout)['rows']:
        match = NAME.match(name)
        if match:
            yield match['name'], int(match['count'].replace(',', '')), retained


def shows(text, size):
    """Whether a size on the screen is that many bytes, as far as its digits tell."""
    match = KILOBYTES.match(text)
    half_a_digit = 0.05 if '.' in text else 0.5
    return bool(match) and abs(float(match['number'].replace(',', '')) - size / 1000) <= half_a_digit


def wrong_rows(classes, table, shown):
    """Lines for classes of the program that the screen does not show, or with other numbers."""
    on_screen = {name: (count, retained) for name, count, retained in shown}
    top = max(classes, key=lambda name: table[name]['retained_bytes'])
    if top not in on_screen:
        yield f'{top} retains most and is not on the screen'
    for name in classes:
        if name in on_screen:
            count, retained = on_screen[name]
            row = table[name]
            if count != row['count'] or not shows(retained, row['retained_bytes']):
                yield (f'{name}: the screen shows {count} that retain {retained!r}, corewalk '
                       f"{row['count']} that retain {row['retained_bytes']}")


def main():
    """Verifies one snapshot."""
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--corewalk', required=True, type=Path, help='the built program')
    parser.add_argument('--node', default=NODE_LINE, metavar='LINE', help='the Node line')
    parser.add_argument('--browser', default='chromium', help='the command of Chromium')
    parser.add_argument('--iterations', default=ITERATIONS, type=int, help='the size of the heap')
    parser.add_argument('--picture', type=Path, help='where to keep the picture of the screen')
    options = parser.parse_args()
    folder = core_folder(options.node, PROGRAM, '--set', f'ITERS={options.iterations}')
    classes = json.loads((folder / 'expected.json').read_text())['isolates'][0]['classes']
    answer = Corewalk(options.corewalk).answer('findjsobjects', folder / 'core', '--live')
    with tempfile.TemporaryDirectory() as scratch:
        snapshot = Path(scratch) / 'core.heapsnapshot'
        write_snapshot(options.corewalk, folder / 'core', 0, snapshot)
        picture = options.picture or Path(scratch) / 'picture.png'
        shown = list(shown_rows(options.browser, snapshot, picture))
    table = {row['name']: row for row in answer['rows']}
    return 1 if report(f'{options.node} in the browser', wrong_rows(classes, table, shown)) else 0


if __name__ == '__main__':
    sys.exit(main())
