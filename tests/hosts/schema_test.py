#!/usr/bin/env python3
"""Validates the JSON answer of every command against docs/schema.

On real cores of three Node lines, whole, with workers and cut off.
Exit status: 0 all are valid, 1 some are not, 77 python3-jsonschema is not installed.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

try:
    import jsonschema
except ImportError:
    jsonschema = None

ROOT = Path(__file__).resolve().parent.parent.parent
SECONDS = 120
SKIPPED = 77
DONE, PARTIAL = 0, 3
LINES = ('12', '22', '26')
COMMANDS = (('findjsobjects',), ('findjsobjects', '--internals'),
            ('findjsobjects', '-d', '--internals'), ('findjsobjects', '--live', '--internals'),
            ('findjsobjects', '--dead'), ('findjsinstances', 'Function'), ('roots',), ('roots', '-v'),
            ('path', '--class', 'Object'), ('dominators',), ('dominators', '--limit', '2'),
            ('nodeinfo',), ('isolates',), ('heap',), ('info',), ('info', '--mappings'),
            ('doctor',), ('version',), ('findrefs', '-n', 'length'),
            ('findrefs', '-r', '-n', 'length', '--limit', '3'),
            ('functions',), ('functions', '-l', '--limit', '2'), ('strings', 'node'),
            ('strings', '-d'), ('bt',), ('bt', '--all', '-v'), ('bt', '--async'),
            ('bt', '--async', '-v'), ('whatis', '0x10'), ('getactivehandles',),
            ('getactiverequests',), ('timers',), ('modules',),
            ('snapshot', '--find', '@4001'))


def core_of(line, program):
    """The path of a core, made if need be."""
    done = subprocess.run([ROOT / 'scripts' / 'corefiles', 'path', '--node', line, '--program',
                           program], stdout=subprocess.PIPE, text=True, check=True)
    return Path(done.stdout.strip()) / 'core'


def cores(folder):
    """(title, core) of all that the answers should be about."""
    for line in LINES:
        yield f'{line} service', core_of(line, 'service')
    yield '22 workers', core_of('22', 'workers')
    yield '22 handles', core_of('22', 'handles')
    whole = core_of('22', 'service')
    cut_off = folder / 'core'
    with open(whole, 'rb') as file:
        cut_off.write_bytes(file.read(whole.stat().st_size * 7 // 10))
    yield '22 truncated', cut_off


def some_address(corewalk, core):
    """The address of a function, or None if no table can be had of this core."""
    done = subprocess.run([corewalk, 'findjsinstances', core, '--json', '-n', '1', 'Function'],
                          capture_output=True, text=True, timeout=SECONDS, check=False)
    rows = json.loads(done.stdout)['rows'] if done.returncode in (DONE, PARTIAL) else []
    return rows[0]['address'] if rows else None


def function_with_source(corewalk, core):
    """The address of a function of some program, or None."""
    done = subprocess.run([corewalk, 'functions', core, '--json', '--file', 'corefiles'],
                          capture_output=True, text=True, timeout=SECONDS, check=False)
    rows = json.loads(done.stdout)['rows'] if done.returncode in (DONE, PARTIAL) else []
    return rows[0]['sample_address'] if rows else None


def commands_on(corewalk, core):
    """The command lines to try on a core."""
    yield from COMMANDS
    address = some_address(corewalk, core)
    if address:
        yield 'print', address
        yield 'whatis', address
        yield 'inspect', '--depth', '3', '-m', '-s', '-v', address
        yield 'inspect', '--retained', address
        yield 'retainers', address
        yield 'retainers', '--weak', '--depth', '2', '--limit', '1', address
        yield 'path', address
        yield 'path', '--all', '3', address
        yield 'dominators', address
    function = function_with_source(corewalk, core)
    if function:
        yield 'source', function


def mistakes(corewalk, core, name, *arguments):
    """What is wrong with one answer."""
    files = [] if name == 'version' else [core]
    done = subprocess.run([corewalk, name, *files, *arguments, '--json'], capture_output=True,
                          text=True, timeout=SECONDS, check=False)
    if done.returncode not in (DONE, PARTIAL):
        return [f'exits {done.returncode}: {done.stderr.strip()}']
    schema = ROOT / 'docs' / 'schema' / f'{name}.schema.json'
    validator = jsonschema.Draft202012Validator(json.loads(schema.read_text(encoding='utf-8')))
    return [f'{"/".join(map(str, error.absolute_path))}: {error.message[:200]}'
            for error in validator.iter_errors(json.loads(done.stdout))]


def main():
    """Validates all answers."""
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--corewalk', required=True, type=Path, help='the built program')
    options = parser.parse_args()
    if jsonschema is None:
        print('skipped: install python3-jsonschema')
        return SKIPPED
    wrong = 0
    for path in sorted((ROOT / 'docs' / 'schema').glob('*.json')):
        jsonschema.Draft202012Validator.check_schema(json.loads(path.read_text(encoding='utf-8')))
    with tempfile.TemporaryDirectory(prefix='corewalk-') as folder:
        for title, core in cores(Path(folder)):
            snapshot = 'snapshot', '-o', str(Path(folder) / 'one.heapsnapshot.gz')
            for command in (*commands_on(options.corewalk, core), snapshot):
                for line in mistakes(options.corewalk, core, *command)[:10]:
                    print(f'{title}: {" ".join(command)}: {line}')
                    wrong += 1
    print(f'{wrong} mistakes')
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main())
