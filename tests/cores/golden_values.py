#!/usr/bin/env python3
"""Compares what inspect prints of every kind of value with the text kept in tests/cores/golden.

The values are those of corefiles/programs/values.js; verify_values.py compares them with
what the process said of them, this script guards their printed form. Addresses and the
place of the checkout differ from core to core and are left out.

  tests/cores/golden_values.py --corewalk build/release/bin/corewalk --node 22
  tests/cores/golden_values.py --corewalk build/release/bin/corewalk --node 22 --update
  tests/cores/golden_values.py --corewalk build/release/bin/corewalk --node 22 \\
    --plugin build/release/lib/corewalk/corewalk-lldb.so

With --plugin, what every LLDB prints is compared too. Exit status: 0 all is as kept, 1 something
differs, 2 no core could be made.
"""

import argparse
import difflib
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from program import Corewalk, CorewalkFailed
from verify_cores import ROOT, core_folder

sys.path.insert(0, str(ROOT / 'tests' / 'hosts'))
# pylint: disable=wrong-import-position
from lldb_host import LldbFailed, answers, find_lldbs, version_of  # noqa: E402

GOLDEN = ROOT / 'tests' / 'cores' / 'golden'
FLAGS = ('--depth', '2', '-l', '6', '-s')
MAX_SHOWN = 40


def addresses(corewalk, core):
    """The objects that hold a value of each kind, in order of their labels."""
    words = [row['address'] for row in corewalk.answer('findjsinstances', core, 'Exhibit')['rows']]
    labels = [value['properties'][0]['value']['value'] for value in corewalk.values(core, words, '-F')]
    return [word for _, word in sorted(zip(labels, words))]


def printed_in_shell(corewalk, core, words):
    """What the program prints of the objects."""
    return corewalk.text('inspect', core, *FLAGS, f'@{words}')


def printed_in_lldb(lldb, plugin, core, line, words):
    """What the plugin prints of them."""
    command = [ROOT / 'scripts' / 'corefiles', 'node', '--node', line]
    node = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
    show = f'v8 inspect {" ".join(FLAGS)} @{words}'
    return answers(lldb, plugin, node, core, [show])[show]


def comparable(text):
    """The text without what differs from core to core of the same program."""
    text = re.sub(r'0x[0-9a-f]{5,}', '0x', text)
    text = re.sub(r'[^\s\'"(:]*/corefiles/', 'corefiles/', text)
    # Small buffers lie anywhere in a pool.
    text = re.sub(r'(<Buffer: .*)byteOffset=\d+', r'\1byteOffset=', text)
    # Weak collections have no order: their hashes are random.
    return re.sub(r'(?m)(^.* \(weak\)(,|}>}>)\n)+', sorted_lines, text)


def sorted_lines(found):
    """The lines of a match in order, without the ends that depend on it."""
    return ''.join(sorted(re.sub(r'(,|}>}>)\n', '\n', found.group(0)).splitlines(keepends=True)))


def differences(golden, printed):
    """Lines that say where a text is not as kept."""
    kept = golden.read_text(encoding='utf-8') if golden.exists() else ''
    lines = difflib.unified_diff(kept.splitlines(), comparable(printed).splitlines(),
                                 str(golden.relative_to(ROOT)), 'now', lineterm='', n=1)
    return list(lines)


def verify(options, corewalk, golden, words):
    """How the texts of all hosts differ, by host; `words` is a file to write."""
    core = core_folder(options.node, 'values') / 'core'
    words.write_text('\n'.join(addresses(corewalk, core)), encoding='utf-8')
    in_shell = printed_in_shell(corewalk, core, words)
    if options.update:
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(comparable(in_shell), encoding='utf-8')
    found = {'the program': differences(golden, in_shell)}
    for lldb in find_lldbs() if options.plugin else ():
        in_lldb = printed_in_lldb(lldb, options.plugin, core, options.node, words)
        found[f'LLDB {version_of(lldb)}'] = differences(golden, in_lldb)
    return found


def main():
    """Checks the text of one Node line."""
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--corewalk', required=True, type=Path, help='the built program')
    parser.add_argument('--plugin', type=Path, help='the built plugin: look in every LLDB there is, too')
    parser.add_argument('--node', required=True, metavar='LINE', help='a Node line')
    parser.add_argument('--update', action='store_true', help='keep the text as it is now')
    options = parser.parse_args()
    golden = GOLDEN / f'values-node{options.node}.txt'
    try:
        with tempfile.TemporaryDirectory(prefix='corewalk-') as folder:
            found = verify(options, Corewalk(options.corewalk), golden, Path(folder) / 'words')
    except (CorewalkFailed, LldbFailed) as failure:
        found = {'failed': [str(failure)]}
    for host, lines in found.items():
        print(f'golden values {options.node}, {host}: {f"{len(lines)} lines differ" if lines else "ok"}')
        for line in lines[:MAX_SHOWN]:
            print(f'  {line}')
    return 1 if any(found.values()) else 0


if __name__ == '__main__':
    sys.exit(main())
