"""Reads V8's facts from a Node.js binary."""

import os
import re
import shutil
import subprocess
import tempfile
from functools import cached_property
from pathlib import Path

from .elf import ElfFile
from .failure import Failure
from .names import is_wanted_root, layout_type_name

HERE = Path(__file__).resolve().parent
PRINT_TYPE = '_ZN2v88internallsERSoNS0_12InstanceTypeE'
ROOT_NAMES = '_ZN2v88internal10RootsTable11root_names_E'
VERSION_PART = '_ZN2v88internal7Version6{}_E'
CONSTANT_PREFIX = 'v8dbg_'
API_OBJECT = 'JS_API_OBJECT'

# V8 prints a name, or for embedders' objects and for unknown numbers something in brackets.
TYPE_LINE = re.compile(r'(\d+) (?:([A-Z0-9_]+|\[api object\] \d+)|\[.*\])')


class NodeBinary:
    """One node executable; every fact is read when it is first asked for."""

    def __init__(self, path):
        self.path = path
        self.elf = ElfFile(path)

    @cached_property
    def v8_version(self):
        """Major, minor, build and patch number of V8."""
        parts = ('major', 'minor', 'build', 'patch')
        return tuple(self.elf.int32(self.elf.symbol(VERSION_PART.format(part)).address)
                     for part in parts)

    @property
    def layout_version(self):
        """The version a layout file is named after, such as 12.4."""
        return '{}.{}'.format(*self.v8_version)

    @cached_property
    def root_names(self):
        """The names of the roots, in the order of the roots table."""
        return self.elf.texts(self.elf.symbol(ROOT_NAMES))

    @cached_property
    def constants(self):
        """The post-mortem constants by name, without v8dbg_."""
        return {name.removeprefix(CONSTANT_PREFIX): self.elf.int32(symbol.address)
                for name, symbol in self.elf.symbols.items() if name.startswith(CONSTANT_PREFIX)}

    @cached_property
    def wanted_roots(self):
        """Index by name of the roots that layout files state."""
        return {name: index for index, name in enumerate(self.root_names) if is_wanted_root(name)}

    @cached_property
    def types(self):
        """Instance types: number to name, in the spelling of layout files.

        The numbers between the first and the last of embedders' objects are theirs too, although
        the printer of V8 10 does not know them.
        """
        types = {number: API_OBJECT if printed.startswith('[') else layout_type_name(printed)
                 for number, printed in self._printed_types()}
        ends = [number for number, name in types.items() if name == API_OBJECT]
        return dict.fromkeys(range(min(ends), max(ends)), API_OBJECT) | types

    def _printed_types(self):
        """(number, text) of the numbers that V8 knows, in V8's own spelling."""
        for line in self._type_printer_output().splitlines():
            match = TYPE_LINE.fullmatch(line)
            if not match:
                raise Failure(f'{self.path} printed something unexpected: {line}')
            number, text = match.groups()
            if text:
                yield int(number), text

    def _type_printer_output(self):
        """What V8 prints for every number, one line each.

        V8 names its types in one function, which is called in the binary itself: a preloaded
        library calls it before main() begins.
        """
        with tempfile.TemporaryDirectory() as folder:
            library = Path(folder) / 'printer.so'
            compile_cpp(HERE / 'type_printer.cc', library, '-std=c++17', '-O1', '-shared', '-fPIC')
            address = self.elf.symbol(PRINT_TYPE).address
            environment = {**os.environ, 'LD_PRELOAD': str(library),
                           'V8_TYPE_PRINTER': f'{address:#x}'}
            run = subprocess.run([self.path], env=environment, stdin=subprocess.DEVNULL,
                                 capture_output=True, text=True, timeout=120, check=False)
        if run.returncode != 0 or 'FIXED_ARRAY' not in run.stdout:
            raise Failure(f'{self.path} did not print its instance types (status '
                          f'{run.returncode}); it has to run on this machine')
        return run.stdout


def compile_cpp(source, target, *options):
    """Compiles C++ with whichever compiler there is."""
    found = [name for name in (os.environ.get('CXX'), 'c++', 'g++', 'clang++')
             if name and shutil.which(name)]
    if not found:
        raise Failure('this needs a C++ compiler; set CXX or install g++')
    run = subprocess.run([found[0], *options, '-o', target, source], check=False)
    if run.returncode != 0:
        raise Failure(f'{found[0]} could not compile {source.name}')
