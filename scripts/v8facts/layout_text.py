"""Layout files (src/v8/layouts): read with what they inherit, and their generated part."""

import re
from dataclasses import dataclass, field

from .failure import Failure

BEGIN = '# --- instance types (scripts/new-node-version) ---'
ROOTS = '# --- roots ---'
END = '# --- end ---'


@dataclass
class Layout:
    """What a layout file states, and inherits.

    facts maps what a line is about ('Page.size', 'bits Map.elements_kind', 'area new') to the
    words that follow, numbers as int. Types and roots are never inherited.
    """

    version: str = ''
    node: str = ''
    facts: dict = field(default_factory=dict)
    sizes: dict = field(default_factory=dict)      # by type name
    distrusted: set = field(default_factory=set)
    types: dict = field(default_factory=dict)      # number to name
    roots: dict = field(default_factory=dict)      # name to index

    def value(self, key):
        """What the layout states for a fact, or None; 'size TYPE KEY' is a part of a size rule."""
        words = key.split()
        if words[0] != 'size':
            return self.facts.get(key)
        text = self.sizes.get(words[1], {}).get(words[2])
        return None if text is None else (value_of(text),)

    def read_line(self, words):
        """Takes in one line, split into words."""
        verb, rest = words[0], words[1:]
        if verb in ('layout', 'node'):
            setattr(self, 'version' if verb == 'layout' else 'node', rest[0])
        elif verb == 'type':
            self.types[int(rest[0])] = rest[1]
        elif verb == 'type-range':
            self.types.update(dict.fromkeys(range(int(rest[0]), int(rest[1]) + 1), rest[2]))
        elif verb == 'root':
            self.roots[rest[0]] = int(rest[1])
        elif verb == 'size':
            self.sizes.update(dict.fromkeys(rest[0].split(','), dict(
                word.partition('=')[::2] for word in rest[1:])))
        elif verb == 'distrust':
            self.distrusted.add(rest[0])
        elif verb == 'absent':
            self.facts.pop(rest[0], None)
        elif verb != 'inherit':
            length = 2 if verb in ('area', 'bits', 'feature', 'number', 'space') else 1
            self.facts[' '.join(words[:length])] = tuple(map(value_of, words[length:]))


def value_of(word):
    """A word of a layout file as a number, if it is one."""
    return int(word, 0) if re.fullmatch(r'0x[0-9a-fA-F]+|\d+', word) else word


def lines_of(text):
    """The lines of a layout file, split into words, without comments."""
    lines = (line.partition('#')[0].split() for line in text.splitlines())
    return [words for words in lines if words]


def load(path):
    """The layout in a file; its parent lies in the same folder."""
    if not path.exists():
        raise Failure(f'there is no layout file {path}')
    lines = lines_of(path.read_text())
    parents = [words[1] for words in lines if words[0] == 'inherit']
    layout = load(path.with_name(f'{parents[0]}.layout')) if parents else Layout()
    layout.types, layout.roots = {}, {}
    for words in lines:
        layout.read_line(words)
    return layout


def version_key(version):
    """Orders '9.4' before '12.4'."""
    return tuple(map(int, version.split('.')))


def known_versions(folder):
    """The versions that have a layout file, oldest first."""
    return sorted((path.stem for path in folder.glob('*.layout')), key=version_key)


def nearest_older(folder, version):
    """The version that a new layout had best inherit from."""
    older = [known for known in known_versions(folder)
             if version_key(known) < version_key(version)]
    if not older:
        raise Failure(f'{folder} has no layout older than {version}; name one with --inherit')
    return older[-1]


def numbering(types, roots):
    """The generated part of a layout file."""
    return '\n'.join([BEGIN, *type_lines(types), ROOTS,
                      *(f'root {name} {index}' for name, index in roots.items()), END, ''])


def type_lines(types):
    """One line for each instance type, or for each run of numbers with one name."""
    numbers = sorted(types)
    while numbers:
        first = last = numbers.pop(0)
        while numbers and numbers[0] == last + 1 and types[numbers[0]] == types[first]:
            last = numbers.pop(0)
        yield (f'type {first} {types[first]}' if first == last
               else f'type-range {first} {last} {types[first]}')


def with_numbering(text, part):
    """The text of a layout file with its generated part replaced, or added at the end."""
    found = re.search(f'^{re.escape(BEGIN)}$.*?^{re.escape(END)}\n', text, re.DOTALL | re.MULTILINE)
    if found:
        return text[:found.start()] + part + text[found.end():]
    return text.rstrip('\n') + '\n\n' + part
