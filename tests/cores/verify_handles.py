#!/usr/bin/env python3
"""Compares handles, requests, timers, modules and the facts about the process that are found in the
core of the program `handles` with what the program said of them before it died.

The judge is process.getActiveResourcesInfo(), in its order; before Node 17.3 the counts of
process._getActiveHandles() and process._getActiveRequests().
Exit status: 0 all agree, 1 some differ.
"""

import json
import sys
from collections import Counter
from datetime import datetime

from program import Corewalk, check_options
from verify_cores import core_folder

# The last time the loop looked at its clock is that of the last timer: a moment before the end.
CLOCK_MS = 250


class Answers:
    """What corewalk says of one thread."""

    def __init__(self, corewalk, core, isolate):
        def rows(command):
            return corewalk.answer(command, core, '--isolate', str(isolate))['rows']
        self.handles = rows('getactivehandles')
        self.requests = rows('getactiverequests')
        self.timers = rows('timers')
        self.modules = rows('modules')


def resource_differences(found, stated):
    """The list of what keeps the loop alive."""
    timers = [row for row in found.timers if row['refd']]
    ours = [row['resource'] for row in found.requests]
    handles = [row for row in found.handles if row['refd'] and row['resource']]
    ours += [row['resource'] for row in handles]
    ours += ['Timeout' for row in timers if row['kind'] == 'timeout']
    ours += ['Immediate' for row in timers if row['kind'] == 'immediate']
    if stated['resources'] is not None:
        if ours != stated['resources']:
            yield f'resources: {ours} instead of {stated["resources"]}'
        return
    names = stated['names']
    handles = Counter(row['type'] for row in handles)
    # A server that is being closed has let go of its handle.
    theirs = Counter('TCP' if name == 'Server' else name for name in names['handles'])
    if handles != theirs:
        yield f'handles: {dict(handles)} instead of {dict(theirs)}'
    requests = sorted(row['type'] for row in found.requests)
    if requests != names['requests']:
        yield f'requests: {requests} instead of {names["requests"]}'


def address_of(stated):
    """'127.0.0.1:80' of {address, port}."""
    return f'{stated["address"]}:{stated["port"]}'


def fits(row, stated):
    """True if a row says all that the program stated of a handle or a request."""
    facts = {**row['facts'], **{name: row[name] for name in ('type', 'refd', 'closing')}}
    for name, value in stated.items():
        if name in ('local', 'peer'):
            value = address_of(value)
        if facts.get(name) != value:
            return False
    return True


def missing(rows, stated, what):
    """Each statement takes one row."""
    left = list(rows)
    for statement in stated:
        row = next((row for row in left if fits(row, statement)), None)
        if row is None:
            yield f'no {what} with {statement}'
        else:
            left.remove(row)


def fact_differences(found, stated):
    """Handles and requests, one by one."""
    yield from missing(found.handles, stated['handles'], 'handle')
    yield from missing(found.requests, stated['requests'], 'request')
    worker = {'type': 'Worker', 'thread_id': stated['worker_thread_id'], 'state': 'running'}
    yield from missing(found.handles, [worker], 'worker')


def is_the_programs(row):
    """True unless the timer is one of Node's own."""
    return row['callback'] is not None and 'open_handles.js' in (row['callback']['file'] or '')


def timer_differences(found, stated):
    """The program's own timers: those stated and no other."""
    ours = [row for row in found.timers if is_the_programs(row)]
    timeouts = [row for row in ours if row['kind'] == 'timeout']
    theirs = {timer['callback']: timer for timer in stated['timers']}
    if sorted(row['callback']['name'] for row in timeouts) != sorted(theirs):
        yield f'timers: {timeouts} instead of {stated["timers"]}'
        return
    for row in timeouts:
        timer = theirs[row['callback']['name']]
        same = (row['delay_ms'] == timer['delay_ms'] and row['refd'] == timer['refd']
                and (row['repeat_ms'] is not None) == timer['repeats'] and not row['running'])
        due = row['due_in_ms']
        if not same or due is None or not timer['delay_ms'] - CLOCK_MS <= due <= timer['delay_ms']:
            yield f'timer {row} instead of {timer}'
    immediates = [(row['callback']['name'], row['refd']) for row in ours
                  if row['kind'] == 'immediate']
    theirs = [(entry['callback'], entry['refd']) for entry in stated['immediates']]
    if sorted(immediates) != sorted(theirs):
        yield f'immediates: {immediates} instead of {theirs}'


def module_differences(found, stated):
    """require.cache, and the ES module."""
    ours = {row['file']: row for row in found.modules if row['kind'] == 'commonjs'}
    theirs = {module['filename']: module for module in stated['modules']}
    if set(ours) != set(theirs):
        yield f'modules: {sorted(ours)} instead of {sorted(theirs)}'
    for file in set(ours) & set(theirs):
        row, module = ours[file], theirs[file]
        kind = 'function' if module['exports'] == 'function' else 'object'
        same = (row['cached'] and (row['status'] == 'loaded') == module['loaded']
                and row['children'] == module['children'] and row['package'] == module['package']
                and row['exports']['kind'] == kind and row['package_version'] in (None, '3.1.4'))
        if not same:
            yield f'module {row} instead of {module}'
    esm = [row for row in found.modules if row['kind'] == 'esm']
    if [(row['file'], row['status']) for row in esm] != [(f'file://{stated["esm"]}', 'evaluated')]:
        yield f'ES modules: {esm}'


def process_differences(corewalk, core, stated):
    """What nodeinfo says, against `process`."""
    ours = corewalk.answer('nodeinfo', core, '--show-secrets')
    ours['ppid'] = ours['parent_pid']
    for name in ('pid', 'ppid', 'title', 'cwd', 'argv', 'exec_argv', 'exec_path'):
        if ours[name] != stated[name]:
            yield f'{name}: {ours[name]} instead of {stated[name]}'
    environment = {entry['name']: entry['value'] for entry in ours['environment']}
    if environment != stated['environment'] or not ours['environment_is_current']:
        yield f'environment: {environment} instead of {stated["environment"]}'
    # The loop's clock counts whole milliseconds.
    uptime = ours['uptime_at_least_seconds']
    if not stated['uptime_s'] - 0.002 <= uptime <= stated['uptime_s'] + CLOCK_MS / 1000:
        yield f'uptime: at least {uptime} instead of {stated["uptime_s"]}'
    begun = datetime.fromisoformat(ours['started_at'].replace('Z', '+00:00')).timestamp() * 1000
    if abs(begun - stated['time_origin_ms']) > 1:
        yield f'started: {ours["started_at"]} instead of {stated["time_origin_ms"]}'
    answer = corewalk.answer('nodeinfo', core)
    hidden = sorted(entry['name'] for entry in answer['environment'] if entry['masked'])
    if hidden != ['HANDLES_API_TOKEN', 'HANDLES_DATABASE_URL'] or answer['masked'] != len(hidden):
        yield f'masked: {hidden}'
    if 'must-not-show' in json.dumps(answer) + corewalk.text('nodeinfo', core):
        yield 'a secret is shown'


def main():
    """Checks the program on one Node line."""
    arguments = check_options(__doc__)
    corewalk = Corewalk(arguments.corewalk)
    folder = core_folder(arguments.node, 'handles')
    stated = json.loads((folder / 'expected.json').read_text())['isolates']
    wrong = []
    for isolate, account in enumerate(stated):
        found = Answers(corewalk, folder / 'core', isolate)
        wrong += resource_differences(found, account)
        if isolate == 0:
            wrong += fact_differences(found, account)
            wrong += timer_differences(found, account)
            wrong += module_differences(found, account)
            wrong += process_differences(corewalk, folder / 'core', account['process'])
    print(f'handles, Node {arguments.node}: {len(stated[0]["handles"])} handles, '
          f'{len(stated[0]["requests"])} requests, {len(stated[0]["timers"])} timers, '
          f'{len(stated[0]["modules"])} modules stated, {len(wrong)} differences')
    for text in wrong:
        print(f'  {text}')
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main())
