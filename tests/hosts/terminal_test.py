#!/usr/bin/env python3
"""Uses the program and the plugin at a terminal, as a person would.

  tests/hosts/terminal_test.py --corewalk build/ci/bin/corewalk \\
    --plugin build/ci/lib/corewalk/corewalk-lldb.so

What the machine lacks (LLDB, a core that takes long) is skipped, visibly.
"""

import argparse
import json
import os
import subprocess
import sys
import unittest
from pathlib import Path

from lldb_host import find_lldbs, version_of
from terminal import Terminal, plain

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / 'corefiles'))
from generator.cache import cache  # noqa: E402  pylint: disable=wrong-import-position

PARTIAL = 3
PERCENT = r'walking the heap \d+ %'
LLDB_PROMPT = r'\(lldb\) '
PROMPT = r'\(corewalk\) '
COLOR = '\x1b[1m'
# Walking less than this may end before anyone could press Ctrl-C.
LONG_WALK_BYTES = 1 << 30

OPTIONS = argparse.Namespace(corewalk=None, plugin=None, core=None, node=None)


def asked(*arguments):
    """One line that scripts/corefiles prints."""
    done = subprocess.run([ROOT / 'scripts' / 'corefiles', *arguments], stdout=subprocess.PIPE,
                          text=True, check=True)
    return done.stdout.strip()


def big_core():
    """A core with much to walk and its node binary, if the benchmarks left one in the cache."""
    for meta in sorted((cache() / 'cores').glob('bench-*/meta.json')):
        recipe = json.loads(meta.read_text(encoding='utf-8'))
        core = meta.parent / 'core'
        if (recipe['settings'].get('NATIVE_GB') == '0' and core.exists()
                and core.stat().st_size >= LONG_WALK_BYTES):
            return core, recipe['exe']
    raise unittest.SkipTest('no core of 1 GB or more in the cache; scripts/bench makes some')


class InShell(unittest.TestCase):
    """The program on a terminal."""

    def test_prompt(self):
        """Completion, help, an answer, a mistake and the way out."""
        with Terminal([OPTIONS.corewalk, OPTIONS.core]) as terminal:
            terminal.expect("'help' lists them")
            terminal.expect(PROMPT)
            terminal.send('help isol\t\n')
            terminal.expect('List the isolates')
            terminal.expect(PROMPT)
            terminal.send('findjsobj\t--limit 1 --sort si\t\n')
            terminal.expect('Instances')
            terminal.expect(r'Not shown: \d+ rows')
            terminal.expect(PROMPT)
            terminal.send('nosuch\n')
            terminal.expect("error: .*nosuch")
            terminal.expect(PROMPT)
            terminal.send('quit\n')
            terminal.expect_end()
            self.assertEqual(terminal.status, 0)

    def test_enter_turns_the_page(self):
        with Terminal([OPTIONS.corewalk, OPTIONS.core]) as terminal:
            terminal.expect(PROMPT)
            terminal.send('findjsinstances -n 3 Date\n')
            terminal.expect(r'Showing 1 to 3 of 3000')
            terminal.expect(PROMPT)
            terminal.send('\n')
            terminal.expect(r'Showing 4 to 6 of 3000')
            terminal.expect(PROMPT)
            terminal.send('quit\n')
            terminal.expect_end()
            self.assertEqual(terminal.status, 0)

    def test_color_only_if_wanted(self):
        line = [OPTIONS.corewalk, 'isolates', OPTIONS.core]
        with Terminal(line, {'NO_COLOR': ''}) as terminal:
            self.assertIn(COLOR, terminal.expect_end())
        with Terminal(line, {'NO_COLOR': '1'}) as terminal:
            self.assertNotIn('\x1b', terminal.expect_end())
        with Terminal([*line, '--no-color']) as terminal:
            self.assertNotIn('\x1b', terminal.expect_end())

    def test_ctrl_c(self):
        """What was counted so far comes out, marked as such; progress is taken away."""
        core, node = big_core()
        with Terminal([OPTIONS.corewalk, 'findjsobjects', core, node]) as terminal:
            terminal.expect(PERCENT)
            terminal.press_ctrl_c()
            rest = plain(terminal.expect_end())
            self.assertEqual(terminal.status, PARTIAL, rest)
            self.assertIn('warning: interrupted: all numbers are lower bounds', rest)
            self.assertIn('Instances', rest)

    def test_ctrl_c_at_the_prompt(self):
        """The prompt stays, and the next command answers in full."""
        core, node = big_core()
        with Terminal([OPTIONS.corewalk, core, node]) as terminal:
            terminal.expect(PROMPT)
            terminal.send('findjsobjects\n')
            terminal.expect(PERCENT)
            terminal.press_ctrl_c()
            terminal.expect('interrupted')
            terminal.expect(PROMPT)
            terminal.send('isolates\n')
            terminal.expect('main')
            terminal.expect(PROMPT)
            terminal.send('quit\n')
            terminal.expect_end()

    def test_progress_only_on_a_terminal(self):
        core, node = big_core()
        done = subprocess.run([OPTIONS.corewalk, 'findjsobjects', core, node],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              check=False, timeout=300)
        self.assertEqual(done.stderr, '')
        self.assertNotIn('\x1b', done.stdout)


class InLldb(unittest.TestCase):
    """The plugin in every LLDB there is."""

    @classmethod
    def setUpClass(cls):
        cls.lldbs = find_lldbs()
        if not cls.lldbs:
            raise unittest.SkipTest('no LLDB on PATH or in COREWALK_LLDBS')

    def in_each(self, core, node, play):
        """Plays a scene on a terminal with the core loaded, in every LLDB."""
        for lldb in self.lldbs:
            line = [lldb, '--no-lldbinit', '-o', f'plugin load {OPTIONS.plugin}',
                    '-o', f'target create {node} --core {core}']
            with self.subTest(lldb=version_of(lldb)), Terminal(line) as terminal:
                terminal.expect(r'was loaded\.')
                terminal.expect(LLDB_PROMPT)
                play(terminal)
                terminal.send('quit\n')
                terminal.expect_end()
                self.assertEqual(terminal.status, 0)

    def test_enter_turns_the_page(self):
        def play(terminal):
            terminal.send('v8 findjsinstances -n 3 Date\n')
            terminal.expect(r'Showing 1 to 3 of 3000')
            terminal.expect(LLDB_PROMPT)
            terminal.send('\n')
            terminal.expect(r'Showing 4 to 6 of 3000')
            terminal.expect(LLDB_PROMPT)
        self.in_each(OPTIONS.core, OPTIONS.node, play)

    def test_completion_and_help(self):
        def play(terminal):
            terminal.send('v8 isol\t\n')
            terminal.expect('Committed')
            terminal.expect(LLDB_PROMPT)
            terminal.send('help v8\n')
            for name in ('doctor', 'findjsinstances', 'findjsobjects'):
                terminal.expect(rf'{name} +-- ')
            terminal.expect(LLDB_PROMPT)
            terminal.send('v8 help heap\n')
            terminal.expect('USAGE: v8 heap')
            terminal.expect(LLDB_PROMPT)
        self.in_each(OPTIONS.core, OPTIONS.node, play)

    def test_ctrl_c(self):
        def play(terminal):
            terminal.send('v8 findjsobjects\n')
            terminal.expect(PERCENT)
            terminal.press_ctrl_c()
            answer = plain(terminal.expect(r'interrupted: all numbers are lower bounds'))
            self.assertNotIn('error:', answer)
            terminal.expect(LLDB_PROMPT)
            terminal.send('v8 isolates\n')
            terminal.expect('main')
            terminal.expect(LLDB_PROMPT)
        self.in_each(*big_core(), play)


def main():
    """Runs the tests on a core of Node 22."""
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--corewalk', required=True, type=os.path.abspath)
    parser.add_argument('--plugin', required=True, type=os.path.abspath)
    rest = parser.parse_known_args(namespace=OPTIONS)[1]
    OPTIONS.core = os.path.join(asked('path', '--node', '22', '--program', 'service'), 'core')
    OPTIONS.node = asked('node', '--node', '22')
    unittest.main(argv=[sys.argv[0], *rest], verbosity=2)


if __name__ == '__main__':
    main()
