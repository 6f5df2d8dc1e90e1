"""Runs the plugin's commands in an LLDB and takes what it prints apart."""

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

SECONDS = 300
COMMANDS = ('lldb', *(f'lldb-{version}' for version in range(14, 23)))
PROMPT = '(lldb) '
# The last line of a command file is empty for LLDB; it marks the end of the last answer.
END = 'settings show interpreter.stop-command-source-on-error'


class LldbFailed(Exception):
    """An LLDB did not run the commands it was given."""


def find_lldbs():
    """Every LLDB there is: those on PATH and those that COREWALK_LLDBS lists, with colons between.
    """
    names = [*COMMANDS, *filter(None, os.environ.get('COREWALK_LLDBS', '').split(':'))]
    found = {}
    for name in names:
        path = shutil.which(name)
        if path:
            found.setdefault(os.path.realpath(path), path)
    return list(found.values())


def version_of(lldb):
    """Its version, as it says itself."""
    done = subprocess.run([lldb, '--version'], capture_output=True, text=True, timeout=SECONDS,
                          check=False)
    found = re.search(r'version (\S+)', done.stdout)
    return found.group(1) if found else 'of unknown version'


def answers(lldb, plugin, node, core, commands):
    """What each command printed, warnings and errors last, by the command."""
    with tempfile.TemporaryDirectory(prefix='corewalk-') as folder:
        script = Path(folder) / 'commands'
        script.write_text('\n'.join([*commands, END, '']), encoding='utf-8')
        # -e false: go on after an error.
        done = subprocess.run(
            [lldb, '--no-lldbinit', '--batch', '--core', str(core), str(node),
             '-o', f'plugin load {plugin}', '-o', f'command source -e false {script}'],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            timeout=SECONDS, check=False)
    return take_apart(done.stdout, commands)


def take_apart(printed, commands):
    """LLDB prints each command at its prompt before it runs it."""
    found = {}
    rest = printed
    for command, following in zip(commands, [*commands[1:], END]):
        _, echo, rest = rest.partition(f'{PROMPT}{command}\n')
        answer, mark, after = rest.partition(f'{PROMPT}{following}\n')
        if not echo or not mark:
            raise LldbFailed(f'no answer to {command!r} in: {printed[-1000:]}')
        found[command] = answer
        rest = mark + after
    return found
