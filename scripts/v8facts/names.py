"""Which names go into a layout file, and how they are spelled there."""

import fnmatch
from functools import cache
from pathlib import Path

HERE = Path(__file__).resolve().parent


def _lines(name):
    """The lines of a data file beside this module, as lists of words."""
    lines = (line.partition('#')[0].split() for line in (HERE / name).read_text().splitlines())
    return [words for words in lines if words]


@cache
def _aliases():
    return dict(_lines('type-aliases.txt'))


@cache
def _wanted_roots():
    return tuple(word for words in _lines('wanted-roots.txt') for word in words)


def layout_type_name(printed):
    """The name a layout file has for the type that V8 prints as, say, STRING_TYPE."""
    name = printed.removesuffix('_TYPE')
    return _aliases().get(name, name)


def is_wanted_root(name):
    """Whether layout files state the index of this root."""
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in _wanted_roots())
