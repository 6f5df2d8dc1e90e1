"""Compares a value as inspect shows it with what the process itself said of it."""

# Computed by V8 when somebody asks, and shown by inspect in the value's line or not at all.
COMPUTED = {'length', 'name', 'prototype', 'arguments', 'caller', 'stack'}


def number_of(value):
    """The text of a number as inspect prints it: "1.5" of "<Number: 1.5>"."""
    return value['text'].strip('<>').split(': ')[-1]


def brief_differs(expected, value):
    """Why a value is not the one expected, or ''."""
    if 'text' in expected:
        return '' if expected['text'] == value['text'] else f"{value['text']}, not {expected['text']}"
    if expected['kind'] != value['kind']:
        return f"{value['kind']}, not {expected['kind']}"
    if 'name' in expected and f" {expected['name']} " not in value['text']:
        return f"{value['text']}, not {expected['name']}"
    if expected.get('type') and expected['type'] != value['type']:
        return f"a {value['type']}, not a {expected['type']}"
    if 'value' not in expected:
        return ''
    found = number_of(value) if value['kind'] == 'number' else str(value.get('value'))
    if value['kind'] == 'boolean':
        found = found.lower()
    return '' if found == expected['value'] else f"{found!r}, not {expected['value']!r}"


def member_differs(expected, member):
    """Why an own property or element is not the one expected, or ''."""
    for flag in ('hidden', 'read_only'):
        if flag in expected and 'getter' not in expected and expected[flag] != member.get(flag, False):
            return f'{flag} is {member.get(flag, False)}'
    if 'getter' in expected:
        if not member.get('accessor'):
            return 'no accessor'
        for side in ('getter', 'setter'):
            found = member[side]
            # V8 has null for what is not there.
            absent = expected[side]['kind'] == 'undefined' and found['kind'] == 'null'
            why = '' if absent else brief_differs(expected[side], found)
            if why:
                return f'{side}: {why}'
        return ''
    if member.get('accessor'):
        return '' if member['getter']['type'] == 'AccessorInfo' else 'an accessor'
    return brief_differs(expected, member['value'])


def members_differ(expected, members, optional=frozenset()):
    """Lines for members that are missing, too many, different, or in another order."""
    found = {member.get('name', ''): member for member in members}
    for name, wanted in expected.items():
        if name in found:
            why = member_differs(wanted, found[name])
            if why:
                yield f'{name}: {why}'
        elif name not in optional:
            yield f'{name}: missing'
    for name in found:
        if name not in expected and name not in optional:
            yield f'{name}: not expected'
    common = [name for name in expected if name in found and name not in optional]
    shown = [member.get('name', '') for member in members if member.get('name', '') in common]
    if common != shown:
        yield f'order: {shown[:5]}, not {common[:5]}'


def properties_differ(account, value):
    """Differences of named properties, Symbol keys, private names and elements."""
    members = value.get('properties', [])
    public = [m for m in members if not m.get('private') and not m.get('symbol')]
    yield from members_differ(account['properties'], public, COMPUTED)
    yield from members_differ(account['symbols'], [m for m in members if m.get('symbol')])
    names = account.get('private', {})
    private = [m for m in members if m.get('private') and m.get('name', '').startswith('#')]
    yield from members_differ(names, private)
    elements = account['elements']
    shown = value.get('elements', [])
    if 'bytes' not in account:
        shown = sorted(shown, key=lambda member: int(member['name']))
        wrapped = value['type'] == 'String' and value['kind'] == 'object'  # its letters are no elements
        optional = {name for name in elements if int(name) < 8} if wrapped else frozenset()
        yield from members_differ(elements, shown, optional)


def entries_differ(expected, value, any_order=False):
    """Differences of the entries of a collection."""
    found = [[m[part] for part in ('key', 'value') if part in m] for m in value.get('entries', [])]
    if len(found) != len(expected):
        yield f'{len(found)} entries, not {len(expected)}'
    elif any_order:
        for entry in expected:
            if not any(all(not brief_differs(*pair) for pair in zip(entry, other)) for other in found):
                yield f'no entry {entry}'
    else:
        for entry, other in zip(expected, found):
            for why in filter(None, (brief_differs(*pair) for pair in zip(entry, other))):
                yield f'entry: {why}'


def field_of(value, name):
    """All members of the section of V8's fields that have this name."""
    return [member['value'] for member in value.get('fields', []) if member['name'] == name]


def fields_differ(expected, value):
    """Differences of what an object holds beside properties."""
    for name, wanted in expected.items():
        found = field_of(value, name)
        if not found:
            yield f'({name}): missing'
        elif 'elements' in wanted:
            elements = [member['value'] for member in found[0].get('elements', [])]
            if len(elements) != len(wanted['elements']):
                yield f'({name}): {len(elements)} elements'
            for pair in zip(wanted['elements'], elements):
                why = brief_differs(*pair)
                if why:
                    yield f'({name}): {why}'
        else:
            why = brief_differs(wanted, found[0])
            if why:
                yield f'({name}): {why}'


def bytes_differ(expected, value):
    """Differences of the contents of a buffer."""
    if 'bytes' not in value:
        return
    found = value['bytes'].replace(',', '').replace(' ', '').replace('\n', '')
    if found != expected:
        yield f'bytes {found[:40]}, not {expected[:40]}'


def variables_differ(expected, value):
    """Differences of the variables in the contexts of a closure, innermost first."""
    context = field_of(value, 'context')
    for variables in expected:
        if not context:
            yield 'a context is missing'
            return
        yield from members_differ(variables, context[0].get('variables', []))
        context = field_of(context[0], 'previous')


def texts_differ(account, value, source):
    """Differences of what is shown as text: times, patterns, stacks, places."""
    name = account.get('function')
    if name and not value['text'].startswith((f'<function: {name} ', f'<function: {name}>', f'<function: get {name} ')):
        yield f"{value['text']}, not function {name}"
    for fact, field in (('iso', 'time'), ('source', 'source'), ('flags', 'flags')):
        if fact in account:
            yield from fields_differ({field: {'text': account[fact]}}, value)
    if 'stack' in account and value.get('stack') != account['stack']:
        yield f"stack {value.get('stack')!r}, not {account['stack']!r}"
    if 'frames' in account:
        frames = [frame.get('name', '') for frame in value.get('error_stack', [])]
        wanted = account['frames']
        if len(frames) < len(wanted) or any(not f.startswith(w) for f, w in zip(frames, wanted)):
            yield f'frames {frames}, not {wanted}'
    if 'line_of' in account:
        lines = source.read_text().splitlines()
        line = next(n for n, text in enumerate(lines, 1) if account['line_of'] in text)
        place = (field_of(value, 'at') or [{'text': 'nowhere'}])[0]['text']
        if f'{source.name}:{line}:' not in place:
            yield f'suspended at {place}, not line {line}'


def differences(account, value, source):
    """Lines for all in which inspect's value differs from the process's account of it."""
    why = brief_differs(account, value)
    if why:
        yield why
        return
    if 'properties' in account:
        if 'stack' in account:  # an accessor of V8's own, compared as text
            account['properties'].pop('stack', None)
        yield from properties_differ(account, value)
    if 'numbers' in account and 'bytes' not in value:  # Buffers show their bytes
        numbers = [member['value']['text'] for member in value.get('elements', [])]
        if numbers != account['numbers']:
            yield f"elements {numbers[:8]}, not {account['numbers'][:8]}"
    if 'entries' in account:
        yield from entries_differ(account['entries'], value)
    if 'weak_entries' in account:
        yield from entries_differ(account['weak_entries'], value, any_order=True)
    if 'bytes' in account:
        yield from bytes_differ(account['bytes'], value)
    yield from fields_differ(account.get('fields', {}), value)
    if 'registered' in account:
        found = field_of(value, 'registered')
        if len(found) != len(account['registered']):
            yield f'{len(found)} objects registered'
    if 'generator' in account:
        yield from fields_differ({'function': {'kind': 'function', 'name': account['generator']}}, value)
    if 'variables' in account:
        yield from variables_differ(account['variables'], value)
    if 'embedder' in account and len(value.get('internal_fields', [])) < account['embedder']:
        yield 'no internal fields'
    yield from texts_differ(account, value, source)
