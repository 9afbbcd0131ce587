"""Escape sequences that keep the bottom lines of a terminal for a panel, and leave the rest to the script.

The scroll region (DECSTBM) ends above the panel, so that the script's output scrolls as always. Each sequence leaves
the cursor, its colours and its column as they were (DECSC and DECRC), and is meant to be sent by a single write.

Source: ECMA-48 and the DEC VT510 manual.
"""

_SAVE, _RESTORE = "\x1b7", "\x1b8"
_INDEX = "\x1bD"  # down one line, scrolling at the bottom, in the same column; a newline would lose the column
_WHOLE = "\x1b[r"
_RESET = "\x1b[0m"


def reserve(height: int, lines: int) -> str:
    """Makes room for a panel of so many lines at the bottom of a terminal, and shuts it off from scrolling.

    Args:
        height: rows of the terminal.
        lines: rows of the panel.
    """
    room = _INDEX * lines + f"\x1b[{lines}A"
    return f"{room}{_SAVE}\x1b[1;{height - lines}r{_RESTORE}"


def draw(height: int, lines: list[str]) -> str:
    """Draws the panel.

    Args:
        height: rows of the terminal.
        lines: of the panel, none as wide as the terminal.
    """
    first = height - len(lines) + 1
    rows = "".join(f"\x1b[{first + index};1H{_RESET}{line}{_RESET}\x1b[K" for index, line in enumerate(lines))
    return _SAVE + rows + _RESTORE


def release(height: int, lines: int) -> str:
    """Clears the panel and gives its lines back.

    Args:
        height: rows of the terminal, as when the panel was reserved.
        lines: rows of the panel.
    """
    rows = "".join(f"\x1b[{height - index};1H\x1b[2K" for index in range(lines))
    return f"{_SAVE}{_WHOLE}{_RESET}{rows}{_RESTORE}"


def forget() -> str:
    """Gives all lines back after the terminal has changed its size, when nobody knows on which rows the panel is now.

    It lies below the cursor, where the script has not written yet.
    """
    return f"{_SAVE}{_WHOLE}{_RESTORE}\x1b[J"
