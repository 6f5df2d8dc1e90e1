"""Symbols and initialised memory of a 64-bit little-endian ELF executable."""

import struct
from dataclasses import dataclass
from functools import cached_property

from .failure import Failure

ET_EXEC = 2
PT_LOAD = 1
SHT_SYMTAB = 2
SHT_DYNSYM = 11
SHN_UNDEF = 0


@dataclass(frozen=True)
class Symbol:
    """A defined symbol."""

    name: str
    address: int
    size: int


class ElfFile:
    """One executable, read whole. Addresses are those of the link, so it must not be a PIE."""

    def __init__(self, path):
        self.path = path
        self._bytes = path.read_bytes()
        if self._bytes[:6] != b'\x7fELF\x02\x01':
            raise Failure(f'{path} is no 64-bit little-endian ELF file')
        if struct.unpack_from('<H', self._bytes, 16)[0] != ET_EXEC:
            raise Failure(f'{path} is position independent: its data holds no addresses to read')

    @cached_property
    def _segments(self):
        """(address, size, bytes in the file) of what is loaded; the rest of a size is zeros."""
        offset, = struct.unpack_from('<Q', self._bytes, 32)
        size, count = struct.unpack_from('<HH', self._bytes, 54)
        headers = (struct.unpack_from('<IIQQQQQ', self._bytes, offset + size * i)
                   for i in range(count))
        contents = memoryview(self._bytes)
        return [(address, in_memory, contents[at:at + in_file])
                for kind, _, at, address, _, in_file, in_memory in headers if kind == PT_LOAD]

    @cached_property
    def _sections(self):
        """(kind, offset, size, index of the section of strings) of each section."""
        offset, = struct.unpack_from('<Q', self._bytes, 40)
        size, count = struct.unpack_from('<HH', self._bytes, 58)
        headers = (struct.unpack_from('<IIQQQQI', self._bytes, offset + size * i)
                   for i in range(count))
        return [(kind, at, length, link) for _, kind, _, _, at, length, link in headers]

    @cached_property
    def symbols(self):
        """All defined symbols by name, of both symbol tables."""
        tables = [section for section in self._sections if section[0] in (SHT_SYMTAB, SHT_DYNSYM)]
        return {symbol.name: symbol for table in tables for symbol in self._symbols_of(table)}

    def _symbols_of(self, table):
        _, offset, size, link = table
        strings = self._sections[link][1]
        entries = struct.iter_unpack('<IBBHQQ', self._bytes[offset:offset + size])
        for name, _, _, section, address, length in entries:
            if section != SHN_UNDEF:
                start = strings + name
                text = self._bytes[start:self._bytes.index(0, start)]
                yield Symbol(text.decode(errors='replace'), address, length)

    def symbol(self, name):
        """The symbol of that name."""
        if name not in self.symbols:
            raise Failure(f'{self.path} has no symbol {name}; is it stripped?')
        return self.symbols[name]

    def _read(self, address, size):
        """Memory as it is when the program starts."""
        for start, length, contents in self._segments:
            if start <= address and address + size <= start + length:
                at = address - start
                return bytes(contents[at:at + size]).ljust(size, b'\0')
        raise Failure(f'{self.path} has no data at address {address:#x}')

    def int32(self, address):
        """The signed 32-bit number at an address."""
        return struct.unpack('<i', self._read(address, 4))[0]

    def texts(self, symbol):
        """The C strings that an array of pointers points to."""
        pointers = struct.unpack(f'<{symbol.size // 8}Q', self._read(symbol.address, symbol.size))
        return [self._text(pointer) for pointer in pointers]

    def _text(self, address):
        """The C string at an address."""
        letters = bytearray()
        while (letter := self._read(address + len(letters), 1)) != b'\0':
            letters += letter
        return letters.decode()
