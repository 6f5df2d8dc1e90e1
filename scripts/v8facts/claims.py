"""What a binary's post-mortem symbols and public headers say about facts of a layout file."""

import re
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from .failure import Failure
from .node_binary import CONSTANT_PREFIX, compile_cpp

SCHEMA = Path(__file__).resolve().parents[2] / 'src' / 'v8' / 'layout_schema.cc'

# Bits in layout files, and the symbols of their shift and of their mask before the shift.
BITS = {
    'Map.elements_kind': ('bit_field2_elements_kind_shift', 'bit_field2_elements_kind_mask'),
    'Map.own_descriptors': ('bit_field3_number_of_own_descriptors_shift',
                            'bit_field3_number_of_own_descriptors_mask'),
    'Map.is_dictionary_map': ('bit_field3_is_dictionary_map_shift', None),
    'PropertyDetails.kind': (None, 'prop_kind_mask'),
    'PropertyDetails.location': ('prop_location_shift', 'prop_location_mask'),
    'PropertyDetails.representation': ('prop_representation_shift', 'prop_representation_mask'),
    'PropertyDetails.field_index': ('prop_index_shift', 'prop_index_mask'),
}

# The variable part of an object begins where its header ends.
TRANSLATED = {
    'size BYTECODE_ARRAY header': 'class_BytecodeArray__data__',
    'size DESCRIPTOR_ARRAY header': 'class_DescriptorArray__header_size__',
    'size INSTRUCTION_STREAM header': 'class_InstructionStream__instruction_start__',
    'DescriptorArray.entries': 'class_DescriptorArray__header_size__',
}

# Constants of class v8::internal::Internals in include/node/v8-internal.h; some only exist in
# some versions. An allocation area there is the triple start, top, limit.
HEADER_CONSTANTS = {
    'kIsolateRootsOffset': ('Isolate.roots', lambda offset: (offset,)),
    'kNewAllocationInfoOffset': ('area new', lambda offset: (f'isolate+{offset + 8:#x}',)),
    'kOldAllocationInfoOffset': ('area old', lambda offset: (f'isolate+{offset + 8:#x}',)),
}
PRINT_CONSTANT = 'std::printf("%d\\n", static_cast<int>(v8::internal::Internals::{}));'
PRINTER = """\
#include <cstdio>
#include <v8-internal.h>
int main() {{
  {}
}}
"""


@dataclass(frozen=True)
class Claim:
    """That a fact of a layout has a value, and who says so."""

    key: str
    value: tuple
    source: str

    @property
    def fact(self):
        """The claim as a line of a layout file."""
        return f'{self.key:<23} {words_of(self.key, self.value)}'


def words_of(key, value):
    """The words after the key of a fact, as layout files have them."""
    if key.startswith('bits '):
        return f'{value[0]} {value[1]:#x}'
    return ' '.join(f'{word:#04x}' if isinstance(word, int) else word for word in value)


def claims_of(binary):
    """All claims that a Node binary, and the headers that came with it, make."""
    return [*field_claims(binary.constants), *bit_claims(binary.constants),
            *translated_claims(binary.constants), *header_claims(include_folder(binary.path))]


def field_symbols():
    """Which symbol states which 'Class.field', as corewalk has it (src/v8/layout_schema.cc)."""
    block = re.search(r'kFields\[\] = \{(.*?)^\};', SCHEMA.read_text(), re.DOTALL | re.MULTILINE)
    texts = re.findall(r'"([^"]*)"', block[1]) if block else []
    pairs = dict(zip(texts[::2], texts[1::2]))
    if not pairs or not all(re.fullmatch(r'(v8dbg_\w+)?', symbol) for symbol in pairs.values()):
        raise Failure(f'{SCHEMA} is not a list of fields and symbols any more; adapt {__file__}')
    return {key: symbol for key, symbol in pairs.items() if symbol}


def with_prefix(constants, prefix):
    """The first constant whose name starts like that, as (name, value), or nothing."""
    return next(((name, value) for name, value in sorted(constants.items())
                 if name.startswith(prefix)), None)


def field_claims(constants):
    """Offsets that have a symbol."""
    for key, symbol in field_symbols().items():
        found = with_prefix(constants, symbol.removeprefix(CONSTANT_PREFIX))
        if found:
            yield Claim(key, (found[1],), CONSTANT_PREFIX + found[0])


def bit_claims(constants):
    """Places of bits that have symbols."""
    for key, (shift_symbol, mask_symbol) in BITS.items():
        shift = constants.get(shift_symbol) if shift_symbol else 0
        mask = constants.get(mask_symbol) if mask_symbol else 1 << (shift or 0)
        if None not in (shift, mask):
            source = CONSTANT_PREFIX + (mask_symbol or shift_symbol)
            yield Claim(f'bits {key}', (shift, mask >> shift), source)


def translated_claims(constants):
    """Facts whose symbol is about something else that amounts to the same."""
    for key, prefix in TRANSLATED.items():
        found = with_prefix(constants, prefix)
        if found:
            yield Claim(key, (found[1],), CONSTANT_PREFIX + found[0])
    start = constants.get('namedictionary_prefix_start_index')
    prefix_size = constants.get('namedictionaryshape_prefix_size')
    if None not in (start, prefix_size):
        yield Claim('NameDictionary.entries', (16 + 8 * (start + prefix_size),),
                    'v8dbg_namedictionary_prefix_start_index and ..shape_prefix_size')


def include_folder(node):
    """The headers that belong to a bin/node."""
    return node.parent.parent / 'include' / 'node'


def header_claims(folder):
    """What the public headers say about the isolate."""
    header = folder / 'v8-internal.h'
    text = header.read_text() if header.exists() else ''
    names = [name for name in HEADER_CONSTANTS if re.search(rf'\b{name} =', text)]
    for name, value in zip(names, header_constants(folder, names)):
        key, words_for = HEADER_CONSTANTS[name]
        yield Claim(key, words_for(value), f'v8-internal.h: {name}')


def header_constants(folder, names):
    """The values of constants of v8::internal::Internals; the compiler does the sums."""
    with tempfile.TemporaryDirectory() as scratch:
        source, program = Path(scratch) / 'print.cc', Path(scratch) / 'print'
        source.write_text(PRINTER.format('\n  '.join(map(PRINT_CONSTANT.format, names))))
        compile_cpp(source, program, '-std=c++20', '-w', '-I', folder)
        run = subprocess.run([program], capture_output=True, text=True, check=True)
    return map(int, run.stdout.split())
