#!/usr/bin/env python3
"""Compares `functions`, `strings` and `whatis` with the programs of corefiles/ and with V8.

Closures by name against the program's own counts, all of them against V8's snapshot; strings that
hold a text, and copies of strings, against the same; 20000 addresses, most of them at random, each of
which has to be told.

  tests/cores/verify_search.py --corewalk build/release/bin/corewalk --node 22

Exit status: 0 all is as it should be, 1 something differs, 2 no core could be made.
"""

import json
import random
import subprocess
import sys
from collections import Counter

from heap_snapshot import Snapshot
from program import SECONDS, Corewalk, CorewalkFailed, check_options
from verify_cores import core_folder

ADDRESSES = 20000
# V8 cuts the names of nodes here; the texts of longer strings are not in a snapshot.
MAX_SNAPSHOT_TEXT = 1000
# What V8's snapshot calls bound functions, which are closures to it.
BOUND = 'native_bind'


def isolate_of(folder):
    """What the program says of its only isolate."""
    return json.loads((folder / 'expected.json').read_text())['isolates'][0]


def is_plain(text):
    """True of a text that V8 writes into a snapshot as it is: it stops at a NUL."""
    return text.isascii() and '\0' not in text


def function_differences(corewalk, folder):
    """Closures by name, and all of them; each function of a script with its place there."""
    rows = corewalk.answer('functions', folder / 'core')['rows']
    counts = Counter()
    for row in rows:
        counts[row['name']] += row['count']
    for name, count in isolate_of(folder).get('functions', {}).items():
        if counts[name] != count:
            yield f'functions: {counts[name]} closures of {name} instead of {count}'
    for row in rows:
        if row.get('file') and not row.get('line'):
            yield f"functions: {row['name']} is somewhere in {row['file']}"
    listed = corewalk.answer('functions', folder / 'core', '-l')
    for row in listed['rows']:
        if len(row['instances']) != row['count']:
            yield f"functions -l: {len(row['instances'])} of {row['name']} instead of {row['count']}"
    theirs = Snapshot(folder / 'snapshot.heapsnapshot').counts().functions
    closures = sum(theirs.values()) - theirs[BOUND]
    if sum(counts.values()) != closures:
        yield f'functions: {sum(counts.values())} closures, but V8 has {closures}'


def snapshot_strings(folder):
    """(count, bytes) of V8's string nodes by text: those that own their characters, and thin ones."""
    snapshot = Snapshot(folder / 'snapshot.heapsnapshot')
    found = {}
    for kind, name, size in zip(snapshot.nodes['type'], snapshot.nodes['name'],
                                snapshot.nodes['self_size']):
        if snapshot.types[kind] != 'string':
            continue
        count, total = found.get(snapshot.strings[name], (0, 0))
        found[snapshot.strings[name]] = (count + 1, total + size)
    return found


def string_differences(corewalk, folder):
    """Copies by text, and strings by what they hold."""
    core = folder / 'core'
    answer = corewalk.answer('strings', core, '-d', '--limit', '0')
    expected = isolate_of(folder)
    copies = {row['text']: row for row in answer['rows']}
    for text, count in expected['duplicates'].items():
        row = copies.get(text, {'count': 0})
        if row['count'] - count not in (0, 1):  # the name in V8's table of names
            yield f"strings -d: {row['count']} of '{text}' instead of {count}"
    thin = answer['duplicates']['thin']
    surplus = 0
    theirs = snapshot_strings(folder)
    for text, row in copies.items():
        if row['length'] >= MAX_SNAPSHOT_TEXT or not is_plain(text):
            continue
        count = theirs.get(text, (0, 0))[0]
        if row['count'] > count:
            yield f"strings -d: {row['count']} of {text[:40]!r}, but V8 has {count}"
        surplus += count - row['count']
    if surplus > thin:
        yield f'strings -d: V8 has {surplus} copies more, and there are but {thin} thin strings'
    for text, (count, size) in theirs.items():
        alone = text not in copies and count > 1 + thin and is_plain(text)
        if alone and len(text) < MAX_SNAPSHOT_TEXT:
            yield f'strings -d: lacks {text[:40]!r}, of which V8 has {count}, {size} bytes'
    for pattern in ('message number', 'same words'):
        ours = corewalk.answer('strings', core, pattern)['total']
        least = sum(count for text, (count, _) in theirs.items() if pattern in text)
        if ours < least - thin:
            yield f"strings: {ours} hold '{pattern}', but V8 has {least}"


def random_addresses(core, corewalk):
    """Addresses in what is mapped, at its edges, and anywhere."""
    chance = random.Random(1)
    mappings = corewalk.answer('info', core, '--mappings')['mappings']
    for _ in range(ADDRESSES):
        mapping = chance.choice(mappings)
        begin, end = int(mapping['begin'], 16), int(mapping['end'], 16)
        kind = chance.random()
        if kind < 0.85:
            yield chance.randrange(begin, end)
        elif kind < 0.95:
            yield max(0, chance.choice((begin, end)) + chance.randrange(-16, 16))
        else:
            yield chance.getrandbits(chance.choice((8, 32, 47, 64)))


def whatis(corewalk, core, addresses):
    """What the program says of each address."""
    done = subprocess.run([corewalk.path, 'whatis', core, '@-', '--json'],
                          input='\n'.join(map(hex, addresses)), capture_output=True, text=True,
                          timeout=10 * SECONDS, check=False)
    if done.returncode != 0 or done.stderr:
        raise CorewalkFailed(f'whatis exits {done.returncode}: {done.stderr[:300]}')
    return [json.loads(line) for line in done.stdout.split('\n') if line]


def frame_differences(corewalk, folder):
    """The frame pointer of each call lies in the frame of that call, as `bt` counts them."""
    core = folder / 'core'
    frames = corewalk.answer('bt', core)['stacks'][0]['frames']
    first = {}
    for number, frame in enumerate(frames):
        first.setdefault(frame['frame_address'], number)
    answers = whatis(corewalk, core, [int(address, 16) for address in first])
    for (address, number), answer in zip(first.items(), answers):
        found = answer.get('stack', {}).get('frame_number')
        if found != number:
            yield f'whatis {address}: frame {found} instead of {number}'


def whatis_differences(corewalk, folder):
    """Each address has a place, whose range holds it; and closures are told wherever one points."""
    core = folder / 'core'
    closures = {int(row['sample_address'], 16) for row in corewalk.answer('functions', core)['rows']}
    inside = [address + distance for address in closures for distance in (-1, 0, 15, 38)]
    for address, answer in zip(inside, whatis(corewalk, core, inside)):
        start = int(answer.get('heap', {}).get('start', '0'), 16)
        if answer['kind'] != 'object' or start + 1 not in closures or not 0 <= address - start < 40:
            yield f'whatis {address:#x}: {answer}'
    addresses = list(random_addresses(core, corewalk))
    answers = whatis(corewalk, core, addresses)
    if len(answers) != len(addresses):
        yield f'whatis: {len(answers)} answers to {len(addresses)} addresses'
    kinds = Counter(answer['kind'] for answer in answers)
    for address, answer in zip(addresses, answers):
        if int(answer['address'], 16) != address:
            yield f"whatis: {answer['address']} instead of {address:#x}"
        heap = answer.get('heap')
        if heap and 'start' in heap and not (
                int(heap['start'], 16) <= address < int(heap['start'], 16) + heap['size_bytes']):
            yield f'whatis {address:#x}: not in {heap}'
    for kind in ('object', 'stack', 'unmapped', 'memory'):
        if not kinds[kind]:
            yield f'whatis: no address of kind {kind} among {dict(kinds)}'


def main():
    """Checks the cores of one Node line."""
    options = check_options(__doc__)
    corewalk = Corewalk(options.corewalk)
    wrong = 0
    for program, check in (('service', function_differences), ('strings', string_differences),
                           ('service', whatis_differences), ('stacks', frame_differences)):
        try:
            lines = list(check(corewalk, core_folder(options.node, program)))
        except CorewalkFailed as failure:
            lines = [str(failure)]
        wrong += len(lines)
        print(f'{check.__name__.partition("_")[0]} {options.node}: {len(lines)} differences')
        for line in lines[:20]:
            print(f'  {line}')
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main())
