"""Writes the first version of a layout file, and says what is still missing."""

import re
from dataclasses import dataclass

from .claims import words_of
from .layout_text import Layout, numbering, with_numbering
from .node_binary import NodeBinary

DRAFT = """\
# V8 {version}, Node {node}.
# DRAFT of scripts/new-node-version, made from the binary of Node {release} alone.
layout {version}
node {node}
inherit {parent}
"""

# Names of types, other than JavaScript's, whose objects often have no fixed size.
OFTEN_VARIABLE = re.compile(
    r'(?!JS_)(?!.*_(CELL|CONSTRUCTOR|INFO|OBJECT|STRING|WRAPPER)$)'
    r'.*(ARRAY|TABLE|DICTIONARY|LIST|VECTOR|CONTEXT|CACHE|METADATA)')

# Facts that no binary states: they are inherited as they are, until a core contradicts.
ONLY_IN_A_CORE = re.compile(r'(Chunk|Page|Space|Isolate)\.|(area|space) |number PageFlag\.')


@dataclass
class Comparison:
    """A binary next to the layout that describes it, or that its draft inherits from.

    parent_binary is the node that the layout was made for, if it could be had.
    """

    binary: NodeBinary
    layout: Layout
    claims: list
    parent_binary: NodeBinary | None = None

    @property
    def contradictions(self):
        """The claims that differ from the layout."""
        return [claim for claim in self.claims if claim.key not in self.layout.distrusted
                and self.layout.value(claim.key) != claim.value]

    @property
    def new_types(self):
        """Names of types that the layout does not have."""
        return sorted(set(self.binary.types.values()) - set(self.layout.types.values()))

    @property
    def vanished_types(self):
        """Names of types that only the layout has."""
        return sorted(set(self.layout.types.values()) - set(self.binary.types.values()))

    @property
    def vanished_roots(self):
        """Roots that only the layout has."""
        return sorted(self.layout.roots.keys() - self.binary.wanted_roots.keys())

    @property
    def changed_constants(self):
        """Lines on post-mortem constants, other than types, that differ from the parent's."""
        if self.parent_binary is None:
            return []
        old, new = (by_field(binary.constants) for binary in (self.parent_binary, self.binary))
        return [f'{name}: {old.get(name, "absent")} -> {new.get(name, "absent")}'
                for name in sorted(old.keys() | new.keys()) if old.get(name) != new.get(name)]

    def inherited(self, claim):
        """What the layout says where a claim says something else."""
        value = self.layout.value(claim.key)
        return 'nothing' if value is None else words_of(claim.key, value)


def by_field(constants):
    """Constants without types, and without the declared type that ends a field's name."""
    return {'__'.join(name.split('__')[:2]) if name.startswith('class_') else name: value
            for name, value in constants.items() if not name.startswith(('type_', 'parent_'))}


def generated_part(binary):
    """The generated part of the layout of a binary."""
    return numbering(binary.types, binary.wanted_roots)


def draft(comparison, release):
    """The text of a new layout file that inherits from the comparison's layout."""
    version, parent = comparison.binary.layout_version, comparison.layout.version
    head = DRAFT.format(version=version, release=release, parent=parent, node=release.split('.')[0])
    facts = [f'{fact_line(claim, comparison.layout):<40}'
             f'  # {claim.source}; {parent} has {comparison.inherited(claim)}'
             for claim in comparison.contradictions]
    return with_numbering('\n'.join([head, *facts, '']), generated_part(comparison.binary))


def fact_line(claim, layout):
    """The line of a layout file that states a claim; a size rule is restated as a whole."""
    if not claim.key.startswith('size '):
        return claim.fact
    _, type_name, part = claim.key.split()
    rule = layout.sizes.get(type_name, {}) | {part: str(claim.value[0])}
    return ' '.join(['size', type_name, *(f'{key}={value}' if value else key
                                          for key, value in rule.items())])


def open_questions(comparison):
    """What a person has to decide: (heading, lines) pairs."""
    layout = comparison.layout
    yield (f'{comparison.binary.path} says otherwise than {layout.version}.layout',
           [f'{claim.fact}  ({claim.source}; the layout has {comparison.inherited(claim)})'
            for claim in comparison.contradictions])
    yield ('New types. If the size of their objects varies they need a "size" line; those of\n'
           'JavaScript are plain objects unless src/v8/instance_type.cc says otherwise',
           [describe_type(name, layout) for name in comparison.new_types])
    yield 'Types that are gone', comparison.vanished_types
    yield 'Roots that are gone', comparison.vanished_roots
    yield (f'Post-mortem constants that differ from those of Node {layout.node}',
           comparison.changed_constants)


def describe_type(name, layout):
    """A type's name with a hint on its size."""
    if name in layout.sizes:
        return f'{name}  (has a size rule)'
    return f'{name}  (probably varies in size)' if OFTEN_VARIABLE.match(name) else name


def unverified(comparison):
    """The inherited facts that only a core can confirm."""
    claimed = {claim.key for claim in comparison.claims}
    return sorted(key for key in comparison.layout.facts
                  if ONLY_IN_A_CORE.match(key) and key not in claimed)
