#!/usr/bin/env python3
"""Compares what inspect shows of every kind of value with what the process said of it.

The program corefiles/programs/values.js keeps one value of each kind under a name and
writes down, before it dies, what reflection, iteration and util.inspect tell of it.

  tests/cores/verify_values.py --corewalk build/release/bin/corewalk --node 22

Exit status: 0 all is as it should be, 1 something differs, 2 no core could be made.
"""

import json
import sys

from program import Corewalk, CorewalkFailed, check_options
from value_account import differences
from verify_cores import ROOT, core_folder

SOURCE = ROOT / 'corefiles' / 'programs' / 'values.js'


def exhibits(corewalk, core):
    """The tagged words of the values, by label."""
    rows = corewalk.answer('findjsinstances', core, 'Exhibit')['rows']
    words = {}
    for exhibit in corewalk.values(core, [row['address'] for row in rows], '-F'):
        fields = {member['name']: member['value'] for member in exhibit['properties']}
        words[fields['label']['value']] = fields['value']
    return words


def verify(corewalk, folder):
    """Lines for all that differs."""
    core = folder / 'core'
    accounts = json.loads((folder / 'expected.json').read_text())['isolates'][0]['values']
    shown = exhibits(corewalk, core)
    labels = [label for label in shown if shown[label]['address']]
    words = [shown[label]['address'] for label in labels]
    shown.update(zip(labels, corewalk.values(core, words, '-F', '-l', '0', '--depth', '2')))
    for label, account in accounts.items():
        if label not in shown:
            yield f'{label}: not found'
            continue
        for difference in differences(account, shown[label], SOURCE):
            yield f'{label}: {difference}'


def main():
    """Checks the core of one Node line."""
    options = check_options(__doc__)
    folder = core_folder(options.node, 'values')
    try:
        lines = list(verify(Corewalk(options.corewalk), folder))
    except CorewalkFailed as failure:
        lines = [str(failure)]
    print(f'values {options.node}: {len(lines)} differences' if lines else f'values {options.node}: ok')
    for line in lines:
        print(f'  {line}')
    return 1 if lines else 0


if __name__ == '__main__':
    sys.exit(main())
