"""The differences that have a reason, from known_differences.tsv or a table like it."""

from dataclasses import dataclass
from pathlib import Path

TABLE = Path(__file__).resolve().parent / 'known_differences.tsv'


@dataclass(frozen=True)
class KnownDifference:
    """One row of the table."""

    lines: tuple        # of Node; empty for all; with "not 20.9.0" for a release that lacks it
    programs: tuple
    row: str
    lowest: int
    highest: int
    reason: str

    def applies(self, line, program):
        """Whether it has to occur here."""
        major = line.split('.')[0]
        named = not self.lines or major in self.lines
        return program in self.programs and named and f'not {line}' not in self.lines

    @property
    def is_optional(self):
        """Whether it may as well not occur: its range holds 0."""
        return self.lowest <= 0 <= self.highest

    def explains(self, row, surplus):
        """Whether it is the reason of a difference. A row may end with a star: all that begin so."""
        same = row.startswith(self.row[:-1]) if self.row.endswith('*') else row == self.row
        return same and self.lowest <= surplus <= self.highest

    def __str__(self):
        return f'{self.row} {self.lowest}..{self.highest} ({self.reason})'


def known_differences(table=TABLE):
    """All rows of a table."""
    for text in table.read_text().splitlines():
        if text and not text.startswith('#'):
            lines, programs, row, surplus, reason = text.split('\t')
            lowest, _, highest = surplus.partition('..')
            yield KnownDifference(() if lines == '*' else tuple(lines.split(',')),
                                  tuple(programs.split(',')), row,
                                  int(lowest), int(highest or lowest), reason)
