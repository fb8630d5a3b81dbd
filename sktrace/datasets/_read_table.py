"""Text files of which only some columns are read."""

import csv
import re

import pandas as pd

from .._words import first_few
from ._read_encoding import find_encoding, open_text
from ._read_head import find_head, have_names, is_rule
from ._read_problems import Argument, ReadingError
from ._read_values import count_cells

LONGEST_HEADER = 100_000  # letters; beyond, a file is no table
_SAMPLE = 50  # lines by which the header is found


class TextTable:
    """A text file whose header is known and whose cells have not been read yet."""

    def __init__(self, source, sep, encoding):
        self.source, self.name = source, source.name
        self.notes = []  # what was done to the file, in whole sentences
        self.encoding = find_encoding(source, encoding)
        with open_text(source, self.encoding) as lines:
            self._read_header(lines, sep)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.source.close()

    def _read_header(self, lines, sep):
        """Read the names of the columns, and what stands between them."""
        first = self._read_line(lines).lstrip("\ufeff")
        self._n_lines = 0
        told = first.rstrip("\r\n").strip('"')
        if told[:4].lower() == "sep=" and len(told) == 5:  # a line for Excel alone
            sep = told[4] if sep is None else sep
            first = self._read_line(lines)
            self._n_lines = 1
        while first and not first.strip():
            first = self._read_line(lines)
            self._n_lines += 1
        sample = self._sample(first, lines)
        begin, self.sep = find_head(sample, sep)
        self._note_skipped(sample[:begin])
        # A name may have line ends in quotation marks.
        cells = csv.reader(self._go_on(sample[begin:]), delimiter=self.sep)
        self.header = [name.strip() for name in next(cells)]
        below = sample[begin + cells.line_num :]
        if is_rule(below):
            self._n_lines += 1
            below = below[1:]
            self.notes.append("The line of dashes below the header is skipped.")
        if have_names(self.header, below, self.sep):
            self.header.insert(0, "")
            self.notes.append(
                "Each row begins with a cell that the header has no name for, as R "
                "writes the names of rows."
            )
        header = "".join(sample[begin : begin + cells.line_num])
        self._n_lines += begin + cells.line_num
        # DataShop quotes nothing, so a quotation mark in its cells must not open one
        # that swallows lines; R and Excel, which quote them, quote the header as well.
        self._quoted = self.sep != "\t" or '"' in header

    def _sample(self, first, lines):
        """Return the first lines from one on that is not empty."""
        if not first:
            raise ReadingError(
                f"{self.name} has nothing but empty lines; expected a header and at "
                "least one answer. Look at how it was written."
            )
        sample, n_letters = [first], len(first)
        while len(sample) < _SAMPLE and n_letters <= 20 * LONGEST_HEADER:
            line = lines.readline(LONGEST_HEADER + 1)
            if not line or len(line) > LONGEST_HEADER:
                break
            sample.append(line)
            n_letters += len(line)
        return sample

    def _note_skipped(self, skipped):
        told = [line.strip().strip(f'"{self.sep}') for line in skipped]
        n_skipped, told = len(told), list(filter(None, told))
        if told:
            one = n_skipped == 1
            what = "line" if one else f"{n_skipped} lines"
            self.notes.append(
                f"The {what} above the header {'is' if one else 'are'} skipped: "
                f"{first_few(told)}."
            )

    def _read_line(self, lines):
        line = lines.readline(LONGEST_HEADER + 1)
        if len(line) > LONGEST_HEADER:
            raise ReadingError(
                f"{self.name} does not begin with a line of names, but with more than "
                f"{LONGEST_HEADER:,} letters; expected a table as text, with a header. "
                "Is it another kind of file?"
            )
        return line

    def _go_on(self, lines):
        """Yield lines as long as a quotation in the header has not ended."""
        n_letters = 0
        for line in lines:
            yield line
            n_letters += len(line)
            if n_letters > LONGEST_HEADER:
                break
        raise ReadingError(
            f"{self.name}: a quotation mark in the header opens a name that does "
            "not end; expected quotation marks in pairs. Mend the header."
        )

    def read(self, positions, plain=False):
        """Read some columns, named by their positions, as text."""
        return next(self.blocks(positions, plain))

    def blocks(self, positions, plain=False, n_rows=None):
        """Yield the rows of some columns, so many at a time; by default, all at once.

        Their index counts the rows of the file. One without rows yields no rows, once.
        """
        beyond = len(self.header)  # a column more, which finds rows that are too long
        quoting = csv.QUOTE_NONE if plain and not self._quoted else csv.QUOTE_MINIMAL
        with open_text(self.source, self.encoding) as lines:
            for _ in range(self._n_lines):
                lines.readline()
            try:
                with pd.read_csv(
                    _WithHeader(self.sep * beyond + "\n", lines),
                    sep=self.sep,
                    quoting=quoting,
                    header=0,
                    names=range(beyond + 1),
                    usecols=[*positions, beyond],
                    index_col=False,
                    dtype=str,
                    iterator=True,
                ) as rows:
                    while True:
                        frame = rows.read(n_rows)
                        self._refuse_long_rows(frame[beyond])
                        yield frame[positions]
            except StopIteration:
                return
            except pd.errors.ParserError as error:
                self._refuse_cells(error)

    def _refuse_long_rows(self, further):
        if further.notna().any():
            raise ReadingError(
                f"{self.name} has more cells than the {len(self.header)} of its header "
                f"in {count_cells(further.notna())}; expected cells with the separator "
                f"{self.sep!r} in them to be quoted. Name another: ",
                Argument("sep", ...),
                ", or mend the file.",
            )

    def _refuse_cells(self, error):
        row = re.search(r"EOF inside string starting at row (\d+)", str(error))
        what = (
            f"a quotation that begins in row {row[1]} below the header does not end"
            if row
            else "its lines are no rows of cells"
        )
        raise ReadingError(
            f"{self.name} cannot be taken apart: {what}; expected a table with the "
            f"separator {self.sep!r} and quotation marks in pairs. Name another "
            "separator: ",
            Argument("sep", ...),
            ", or mend the file.",
        ) from error


class _WithHeader:
    """Lines of a file after a header of our own: pandas takes the width from it."""

    def __init__(self, header, lines):
        self._header = header
        self._lines = lines

    def read(self, size=-1):
        header, self._header = self._header, ""
        return header or self._lines.read(size)

    def __iter__(self):  # pandas asks for it, and does not use it
        return iter(self._lines)
