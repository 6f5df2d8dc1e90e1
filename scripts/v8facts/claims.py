"""What a binary's post-mortem symbols and public headers say about facts of a layout file."""

import re
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from .failure import Failure
from .node_binary import CONSTANT_PREFIX, compiler

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

# Sizes of headers of objects with a variable part. An offset in machine code's object is that of
# the code, which follows the header.
HEADERS = {
    'BYTECODE_ARRAY': 'class_BytecodeArray__data__',
    'DESCRIPTOR_ARRAY': 'class_DescriptorArray__header_size__',
    'INSTRUCTION_STREAM': 'class_InstructionStream__instruction_start__',
}

# Constants of class v8::internal::Internals in include/node/v8-internal.h; some only exist in
# some versions. An allocation area there is the triple start, top, limit.
HEADER_CONSTANTS = {
    'kIsolateRootsOffset': ('Isolate.roots', lambda offset: (offset,)),
    'kNewAllocationInfoOffset': ('area new', lambda offset: (f'isolate+{offset + 8:#x}',)),
    'kOldAllocationInfoOffset': ('area old', lambda offset: (f'isolate+{offset + 8:#x}',)),
}
PRINT_CONSTANT = """\
#include <cstdio>
#include <v8-internal.h>
int main() { std::printf("%d", static_cast<int>(v8::internal::Internals::NAME)); }
"""


@dataclass(frozen=True)
class Claim:
    """That a fact of a layout has a value, and who says so."""

    key: str
    value: tuple
    source: str

    def line(self, note):
        """The claim as a line of a layout file."""
        return f'{self.fact}  # {self.source}; {note}'

    @property
    def fact(self):
        """Key and value the way a layout file has them."""
        words = [f'{word:#04x}' if isinstance(word, int) else word for word in self.value]
        if self.key.startswith('bits '):
            words[0] = str(self.value[0])
        return f'{self.key:<24}' + ' '.join(words)


def claims_of(binary):
    """All claims that a Node binary, and the headers that came with it, make."""
    return [*field_claims(binary.constants), *bit_claims(binary.constants),
            *other_claims(binary.constants), *header_claims(include_folder(binary.path))]


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
        shift = constants.get(shift_symbol, 0) if shift_symbol else 0
        mask = constants.get(mask_symbol) if mask_symbol else 1 << shift
        if mask is not None:
            source = CONSTANT_PREFIX + (mask_symbol or shift_symbol)
            yield Claim(f'bits {key}', (shift, mask >> shift), source)


def other_claims(constants):
    """Facts that follow from more than one symbol, or from one that means something else."""
    for type_name, prefix in HEADERS.items():
        found = with_prefix(constants, prefix)
        if found:
            yield Claim(f'size {type_name} header', (found[1],), CONSTANT_PREFIX + found[0])
    entries = constants.get('class_DescriptorArray__header_size__uintptr_t')
    if entries is not None:
        yield Claim('DescriptorArray.entries', (entries,),
                    'v8dbg_class_DescriptorArray__header_size__uintptr_t')
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
    for name, (key, value_for) in HEADER_CONSTANTS.items():
        if re.search(rf'\b{name} =', text):
            yield Claim(key, value_for(header_constant(folder, name)), f'v8-internal.h: {name}')


def header_constant(folder, name):
    """The value of a constant of v8::internal::Internals; the compiler does the sums."""
    with tempfile.TemporaryDirectory() as scratch:
        source, program = Path(scratch) / 'print.cc', Path(scratch) / 'print'
        source.write_text(PRINT_CONSTANT.replace('NAME', name))
        subprocess.run([compiler(), '-std=c++20', '-w', '-I', folder, '-o', program, source],
                       check=True)
        return int(subprocess.run([program], capture_output=True, check=True).stdout)
