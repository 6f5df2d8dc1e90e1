#!/usr/bin/env python3
"""Compares what the plugin prints in LLDB with what the program prints in a shell.

Every command, on real cores of one Node line, in every LLDB there is (COREWALK_LLDBS adds more
than those on PATH). The texts are the same, but for how each host calls a command.

  tests/hosts/compare_hosts.py --corewalk build/ci/bin/corewalk \\
    --plugin build/ci/lib/corewalk/corewalk-lldb.so --node 22

Exit status: 0 all texts are the same, 1 some differ, 77 there is nothing to compare with.
"""

import argparse
import difflib
import json
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

from lldb_host import SECONDS, LldbFailed, answers, find_lldbs, version_of

ROOT = Path(__file__).resolve().parent.parent.parent
SKIPPED = 77
MAX_LINES_SHOWN = 20

COMMANDS = (
    'findjsobjects',
    'findjsobjects --internals',
    'findjsobjects --sort size',
    'findjsobjects --sort name --limit 20',
    "findjsobjects --filter 'Service$' --min-size 1KB",
    'findjsobjects --isolate 0',
    'findjsobjects --json --internals',
    'findjsobjects -d',
    'findjsobjects -d --internals --sort size --limit 40',
    'findjsobjects -d --json --limit 40',
    'findjsobjects --live',
    'findjsobjects --live --sort retained --limit 20',
    'findjsobjects --live --internals --json --limit 40',
    'findjsobjects --dead',
    'findjsobjects --dead --json --isolate 0',
    'findjsinstances Function -n 5',
    "findjsinstances '(string)' -v -n 5 --isolate 0",
    'findjsinstances Object -n 5 --json',
    'nodeinfo',
    'nodeinfo --json',
    'isolates',
    'isolates --json',
    'heap',
    'heap --isolate 0',
    'heap --json',
    'info',
    'info --threads --mappings',
    'info --mappings --json',
    'bt',
    'bt --all',
    'bt --all --json',
    'roots',
    'roots -v --filter Stack',
    'roots --json',
    'path --class TransactionService',
    'path --class TransactionService --limit 2 --json',
    'dominators',
    'dominators --depth 3 --limit 4 --isolate 0',
    'dominators --json',
    'snapshot --find @4001',
    'findrefs -n owner',
    'findrefs -r -n owner --limit 20',
    'findrefs -r -n owner --limit 5 --json',
    'findrefs -s length --json',
    'functions --limit 20',
    'functions --name Service -l',
    'functions --file service --sort file --json',
    'strings service --limit 20',
    "strings -e 'n[aeiou]de' --limit 5 --json",
    'strings -d --limit 20',
    'strings -d --json',
    'doctor',
    'doctor --json',
    'version',
    'version --json',
    # What is refused.
    'findjsobjects --isolate 99',
    "findjsobjects --filter '('",
    'findjsobjects --sort age',
    'findjsinstances NoSuchClass',
    'findjsinstances',
    'findjsobjects --live --dead',
    'findjsobjects --sort retained',
    'path',
    'path 0x10',
    'path --class NoSuchClass',
    'retainers 0x10',
    'snapshot',
)
SOURCES = ('source list --frame 1', 'source list --frame 2 -F', 'source list --frame 1 -l 3 -n 5',
           'source list --frame 1 --json', 'source list 0x10', 'whatis 0x10', 'whatis 0x401000')
RETENTION = ('retainers {}', 'retainers --depth 3 --limit 2 {}', 'retainers --weak --json {}',
             'path {}', 'path -v {}', 'path --all 3 {}', 'path --all 2 --json {}',
             'dominators {}', 'dominators --json {}', 'inspect --retained {}',
             'inspect --retained --json {}')
OF_NODE = ('getactivehandles', 'getactivehandles --filter TCP --json', 'getactiverequests', 'timers',
           'timers --isolate 1 --json', 'modules', 'modules --filter sample --json', 'nodeinfo',
           'nodeinfo --show-secrets --json')
OF_WORKERS = ('findjsobjects --isolate 1', 'findjsobjects -d --isolate 2 --limit 10',
              'heap --isolate 1', 'findjsinstances Object -n 3 --isolate 2',
              'findjsobjects --live --isolate 1', 'dominators --isolate 1 --limit 3',
              'roots --isolate 1')
OF_DAMAGED = ('findjsobjects --limit 5', 'findjsinstances Function -n 2', 'heap', 'info', 'doctor',
              'findjsobjects --json --limit 5', 'findjsobjects --live --limit 5',
              'path --class Object --limit 2', 'dominators --limit 3')


def asked(program, *arguments):
    """One line that a program of ours prints."""
    done = subprocess.run([ROOT / 'scripts' / 'corefiles', program, *arguments],
                          stdout=subprocess.PIPE, text=True, check=True)
    return Path(done.stdout.strip())


def printed_in_shell(corewalk, command, core, node):
    """The answer of the program, then its warnings and errors."""
    name, *arguments = shlex.split(command)
    if arguments[:1] == ['list']:  # the second word of a name
        name, *arguments = f'{name} {arguments[0]}', *arguments[1:]
    files = [] if name == 'version' else [core, '--exe', node]
    done = subprocess.run([corewalk, *name.split(), *files, *arguments], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=SECONDS, check=False)
    return done.stdout + done.stderr


def in_words_of_shell(text):
    """The text of the plugin, with commands as one calls them in a shell."""
    text = text.replace("'v8 ", "'corewalk ")
    return re.sub(r'USAGE: v8 (\S+)', r'USAGE: corewalk \1 CORE [EXE]', text)


def differences(shell, plugin):
    """Lines that say where two answers differ."""
    if not shell.strip():
        return ['the program printed nothing']
    lines = list(difflib.unified_diff(shell.splitlines(), plugin.splitlines(), 'shell', 'LLDB',
                                      lineterm='', n=1))
    if shell != plugin and not lines:
        lines = ['the ends of lines differ']
    return lines[:MAX_LINES_SHOWN]


def inspections(corewalk, core):
    """Commands that show one value of each kind, each by its address."""
    done = subprocess.run([corewalk, 'findjsinstances', core, '--json', 'Exhibit'],
                          stdout=subprocess.PIPE, text=True, check=True)
    for row in json.loads(done.stdout)['rows']:
        yield f"inspect --depth 2 -l 6 -m -s {row['address']}"


def about_one(corewalk, core):
    """Commands about what holds one object, and what it holds."""
    done = subprocess.run([corewalk, 'findjsinstances', core, '--json', '-n', '1', 'TransactionService'],
                          stdout=subprocess.PIPE, text=True, check=True)
    address = json.loads(done.stdout)['rows'][0]['address']
    return (command.format(address) for command in RETENTION)


def cases(line, folder, corewalk):
    """(name, core, commands) of a Node line."""
    values = asked('path', '--node', line, '--program', 'values') / 'core'
    yield 'values', values, ('findjsinstances -v -n 9 Exhibit', 'print 0x10',
                             *inspections(corewalk, values))
    stacks = asked('path', '--node', line, '--program', 'stacks') / 'core'
    yield 'stacks', stacks, SOURCES
    chains = asked('path', '--node', line, '--program', 'async') / 'core'
    yield 'async', chains, ('bt --async', 'bt --async -v', 'bt --async --limit 2 --json')
    service = asked('path', '--node', line, '--program', 'service') / 'core'
    workers = asked('path', '--node', line, '--program', 'workers') / 'core'
    yield 'service', service, (*COMMANDS, *about_one(corewalk, service),
                               f'snapshot -o {folder / "one"}.heapsnapshot')
    yield 'workers', workers, ('findjsobjects', 'isolates', 'heap', *OF_WORKERS)
    handles = asked('path', '--node', line, '--program', 'handles') / 'core'
    yield 'handles', handles, OF_NODE
    cut_off = folder / 'core'
    with open(service, 'rb') as whole:
        cut_off.write_bytes(whole.read(service.stat().st_size * 7 // 10))
    yield 'truncated', cut_off, OF_DAMAGED


def compare(options, lldb, node, case, in_shell):
    """Reports one core in one LLDB; returns how many answers differ."""
    name, core, commands = case
    title = f'Node {options.node} {name}, LLDB {version_of(lldb)}'
    try:
        in_lldb = answers(lldb, options.plugin, node, core, [f'v8 {line}' for line in commands])
    except LldbFailed as failure:
        print(f'{title}: WRONG\n  {failure}', flush=True)
        return 1
    wrong = 0
    for command in commands:
        lines = differences(in_shell[command], in_words_of_shell(in_lldb[f'v8 {command}']))
        wrong += bool(lines)
        for line in [f'{command}:', *lines] if lines else ():
            print(f'  {line}')
    verdict = f'{wrong} of {len(commands)} answers differ: WRONG' if wrong else 'ok'
    print(f'{title}: {len(commands)} answers, {verdict}', flush=True)
    return wrong


def main():
    """Compares the hosts on the cores of one Node line."""
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--corewalk', required=True, type=Path, help='the built program')
    parser.add_argument('--plugin', required=True, type=Path, help='the built plugin')
    parser.add_argument('--node', required=True, metavar='LINE', help='a Node line')
    options = parser.parse_args()
    lldbs = find_lldbs()
    if not lldbs:
        print('skipped: no LLDB on PATH or in COREWALK_LLDBS')
        return SKIPPED
    node = asked('node', '--node', options.node)
    wrong = 0
    with tempfile.TemporaryDirectory(prefix='corewalk-') as folder:
        for case in cases(options.node, Path(folder), options.corewalk):
            _, core, commands = case
            in_shell = {command: printed_in_shell(options.corewalk, command, core, node)
                        for command in commands}
            wrong += sum(compare(options, lldb, node, case, in_shell) for lldb in lldbs)
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main())
