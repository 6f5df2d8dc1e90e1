#!/usr/bin/env python3
"""`v8 source list` in LLDB follows the frame that is selected there.

Selects frame after frame of the core of stacks.js: those of its innermost functions have to be
listed in their order, four lines each, as they stand in the file; repeated, the next four.

  tests/hosts/source_list_test.py --plugin build/ci/lib/corewalk/corewalk-lldb.so --node 22

Exit status: 0 all is listed, 1 something is not, 77 there is no LLDB.
"""

import argparse
import re
import subprocess
import sys
from pathlib import Path

from lldb_host import LldbFailed, answers, find_lldbs, version_of

ROOT = Path(__file__).resolve().parent.parent.parent
SKIPPED = 77
FRAMES = range(3, 12)
SCENARIO = ROOT / 'corefiles' / 'support' / 'stack_scenario.js'
INNERMOST = ('die(', 'constructor(', 'total(')
LISTED = re.compile(r'^ +(\d+) (.*)$')


def asked(program, *arguments):
    """One line that a program of ours prints."""
    done = subprocess.run([ROOT / 'scripts' / 'corefiles', program, *arguments],
                          stdout=subprocess.PIPE, text=True, check=True)
    return Path(done.stdout.strip())


def lines_of(answer):
    """(number, text) of the lines that an answer lists."""
    return [(int(m[1]), m[2].strip()) for m in map(LISTED.match, answer.splitlines()) if m]


def mistakes(plugin, lldb, node, core):
    """One sentence for each thing that is wrong in one LLDB."""
    source = SCENARIO.read_text(encoding='utf-8').splitlines()
    left = list(INNERMOST)
    for frame in FRAMES:
        select = f'frame select {frame}'
        commands = [select, 'v8 source list', 'v8 source list -n 4', 'v8 source list -n  4',
                    'jssource -l 2']
        found = answers(lldb, plugin, node, core, commands)
        first = lines_of(found['v8 source list'])
        if not first or not left:
            continue
        if left[0] not in first[0][1]:
            yield f'frame {frame}: {first[0]} instead of {left[0]}'
        del left[0]
        following = lines_of(found['v8 source list -n  4'])  # the same command once more
        expected = [(i + 1, line.strip()) for i, line in enumerate(source)]
        begin = first[0][0] - 1
        if first != expected[begin:begin + 4]:
            yield f'frame {frame}: {first} instead of {expected[begin:begin + 4]}'
        if following != expected[begin + 4:begin + 8]:
            yield f'frame {frame}: {following} instead of {expected[begin + 4:begin + 8]}'
        if lines_of(found['jssource -l 2']) != expected[1:5]:
            yield f"frame {frame}: {found['jssource -l 2']!r} is not what begins at line 2"
    for name in left:
        yield f'no frame of {name}'


def main():
    """Checks one Node line in every LLDB there is."""
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--plugin', required=True, type=Path, help='the built plugin')
    parser.add_argument('--node', required=True, metavar='LINE', help='a Node line')
    options = parser.parse_args()
    lldbs = find_lldbs()
    if not lldbs:
        print('skipped: no LLDB on PATH or in COREWALK_LLDBS')
        return SKIPPED
    node = asked('node', '--node', options.node)
    core = asked('path', '--node', options.node, '--program', 'stacks') / 'core'
    wrong = 0
    for lldb in lldbs:
        try:
            found = list(mistakes(options.plugin, lldb, node, core))
        except LldbFailed as failure:
            found = [str(failure)]
        wrong += len(found)
        print(f'Node {options.node}, LLDB {version_of(lldb)}: {len(found)} mistakes')
        for line in found:
            print(f'  {line}')
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main())
