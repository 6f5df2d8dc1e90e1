"""The differences that have a reason, from known_differences.tsv."""

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

    def explains(self, row, surplus):
        """Whether it is the reason of a difference."""
        return row == self.row and self.lowest <= surplus <= self.highest

    def __str__(self):
        return f'{self.row} {self.lowest}..{self.highest} ({self.reason})'


def known_differences():
    """All rows of the table."""
    for text in TABLE.read_text().splitlines():
        if text and not text.startswith('#'):
            lines, programs, row, surplus, reason = text.split('\t')
            lowest, _, highest = surplus.partition('..')
            yield KnownDifference(() if lines == '*' else tuple(lines.split(',')),
                                  tuple(programs.split(',')), row,
                                  int(lowest), int(highest or lowest), reason)
