"""A small terminal for tests: it keeps a screen, a scroll region and what scrolled off, and knows what we send."""

import re
import unicodedata

_TOKEN = re.compile(r"\x1b\[([?0-9;]*)([A-Za-z])|\x1b([78DMc])|([\r\n\b])|([^\x1b\r\n\b])")


class FakeTerminal:
    """Feed it what a program wrote; look at `screen`, `history`, `region` and `cursor`."""

    def __init__(self, rows: int, columns: int) -> None:
        self.rows, self.columns = rows, columns
        self.cells = [[" "] * columns for _ in range(rows)]
        self.history: list[str] = []
        self.row = self.column = 0
        self.top, self.bottom = 0, rows - 1
        self.saved = (0, 0)

    @property
    def screen(self) -> list[str]:
        return ["".join(row).rstrip() for row in self.cells]

    @property
    def region(self) -> tuple[int, int]:
        return self.top + 1, self.bottom + 1

    @property
    def text(self) -> list[str]:
        """All lines that the program has written, scrolled off or still to be seen."""
        return [*self.history, *self.screen]

    def resize(self, rows: int, columns: int) -> None:
        """As most terminals do: the region is the whole screen again, the top rows scroll off if need be."""
        while len(self.cells) > rows:
            if self.row < len(self.cells) - 1 and not "".join(self.cells[-1]).strip():
                self.cells.pop()
            else:
                self.history.append("".join(self.cells.pop(0)).rstrip())
                self.row = max(0, self.row - 1)
        self.cells += [[] for _ in range(rows - len(self.cells))]
        self.cells = [(row + [" "] * columns)[:columns] for row in self.cells]
        self.rows, self.columns = rows, columns
        self.top, self.bottom = 0, rows - 1
        self.column = min(self.column, columns - 1)

    def feed(self, text: str) -> None:
        position = 0
        while position < len(text):
            token = _TOKEN.match(text, position)
            assert token, f"unknown sequence {text[position : position + 12]!r}"
            position = token.end()
            parameters, final, escape, control, character = token.groups()
            if final:
                self._csi(parameters, final)
            elif escape:
                self._escape(escape)
            elif control:
                self._control(control)
            else:
                self._put(character)

    def _csi(self, parameters: str, final: str) -> None:
        numbers = [int(part) for part in parameters.replace("?", "").split(";") if part]
        first = numbers[0] if numbers else None
        if final == "H":
            self.row = min(self.rows, first or 1) - 1
            self.column = (numbers[1] if len(numbers) > 1 else 1) - 1
        elif final == "A":
            self.row = max(self.top if self.row >= self.top else 0, self.row - (first or 1))
        elif final == "r":
            self.top, self.bottom = (first or 1) - 1, (numbers[1] if len(numbers) > 1 else self.rows) - 1
            self.row = self.column = 0
        elif final == "K":
            start = 0 if first == 2 else self.column
            self.cells[self.row][start:] = [" "] * (self.columns - start)
        elif final == "J":
            self.cells[self.row][self.column :] = [" "] * (self.columns - self.column)
            for row in range(self.row + 1, self.rows):
                self.cells[row] = [" "] * self.columns
        else:
            assert final == "m", f"unknown sequence CSI {parameters} {final}"

    def _escape(self, escape: str) -> None:
        if escape == "7":
            self.saved = (self.row, self.column)
        elif escape == "8":
            self.row, self.column = min(self.saved[0], self.rows - 1), min(self.saved[1], self.columns - 1)
        else:
            assert escape == "D", f"unknown sequence ESC {escape}"
            self._down()

    def _control(self, control: str) -> None:
        if control == "\r":
            self.column = 0
        elif control == "\n":
            self._down()
        else:
            self.column = max(0, self.column - 1)

    def _down(self) -> None:
        if self.row != self.bottom:
            self.row = min(self.rows - 1, self.row + 1)
            return
        gone = self.cells.pop(self.top)
        if self.top == 0:
            self.history.append("".join(gone).rstrip())
        self.cells.insert(self.bottom, [" "] * self.columns)

    def _put(self, character: str) -> None:
        width = 2 if unicodedata.east_asian_width(character) in "WF" else 1
        if self.column + width > self.columns:
            self.column = 0
            self._down()
        self.cells[self.row][self.column] = character
        if width == 2:
            self.cells[self.row][self.column + 1] = ""
        self.column += width
