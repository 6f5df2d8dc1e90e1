"""Runs the corewalk program and reads its answers."""

import argparse
import json
import subprocess
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

SECONDS = 120


def check_options(description):
    """What every check of one Node line is called with."""
    parser = argparse.ArgumentParser(description=description,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--corewalk', required=True, type=Path, help='the built program')
    parser.add_argument('--node', required=True, help='line or version')
    return parser.parse_args()


class CorewalkFailed(Exception):
    """The program did not answer as it should on a healthy core."""


class Corewalk:
    """One built program."""

    def __init__(self, path):
        self.path = path

    def text(self, command, core, *arguments):
        """What a command prints; it has to succeed without a word on stderr."""
        line = [str(self.path), command, str(core), *arguments]
        done = subprocess.run(line, capture_output=True, text=True, timeout=SECONDS, check=False)
        if done.returncode != 0 or done.stderr:
            raise CorewalkFailed(f'{command} {" ".join(arguments)} exits {done.returncode}: '
                                 f'{done.stderr.strip()[:300]}')
        return done.stdout

    def answer(self, command, core, *arguments):
        """The JSON answer of a command."""
        return json.loads(self.text(command, core, '--json', *arguments))

    def values(self, core, words, *flags):
        """What inspect shows of each address or Smi, in their order."""
        line = [str(self.path), 'inspect', str(core), '@-', '--json', *flags]
        done = subprocess.run(line, input='\n'.join(words), capture_output=True, text=True,
                              timeout=SECONDS, check=False)
        if done.returncode != 0 or done.stderr:
            raise CorewalkFailed(f'inspect exits {done.returncode}: {done.stderr.strip()[:300]}')
        return [json.loads(value) for value in done.stdout.splitlines()]

    def census(self, core, isolate=None):
        """All objects of the core or of one of its isolates."""
        chosen = [] if isolate is None else ['--isolate', str(isolate)]
        return Census(self.answer('findjsobjects', core, '--internals', *chosen))


@dataclass
class Census:
    """An answer of findjsobjects --internals."""

    answer: dict

    @property
    def coverage(self):
        """How every byte of the pages is labelled."""
        return self.answer['coverage']

    def total(self, column):
        """The sum of a column over all rows."""
        return sum(row[column] for row in self.answer['rows'] + self.answer['internal_rows'])

    def column(self, name):
        """A column of all rows, those of V8's own objects too, by row."""
        values = Counter()
        for row in self.answer['rows'] + self.answer['internal_rows']:
            values[row['name']] += row[name]
        return values

    def javascript(self, name):
        """A column of the rows of objects that a program can see, by row."""
        return Counter({row['name']: row[name] for row in self.answer['rows']})

    @property
    def prototypes(self):
        """Prototype objects of classes, by the name that V8 counts them under."""
        return Counter(self.answer['prototypes'])
