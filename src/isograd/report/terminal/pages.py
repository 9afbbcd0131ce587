"""A page of Markdown, e.g. that of a rule, on a terminal."""

from rich.markdown import Markdown

from isograd.report.names import plain_name
from isograd.report.signs import encodable, signs_for
from isograd.report.terminal.paper import WIDEST, Paper, written


def render_page(markdown: str, width: int, colour: bool, encoding: str = "utf-8") -> str:
    """The page as text for a terminal.

    Args:
        markdown: CommonMark with tables.
        width: columns of the terminal; lines longer than 120 are hard to read and are not made.
        colour: True if colours may be used; without them links are written out.
        encoding: of the stream that will be written to.

    Returns:
        Lines, each ended by a newline; the page cannot act on the terminal.

    >>> render_page("The *gain* is `0.14`.", 40, False)
    'The gain is 0.14.\\n'
    """
    text = "\n".join(plain_name(line.expandtabs(4)) for line in markdown.splitlines())
    sheet = Paper("en", min(width, WIDEST), colour, encoding, signs_for(encoding))
    page = written([Markdown(text, hyperlinks=False, code_theme="ansi_dark")], sheet)
    return page if encoding.lower() in ("utf-8", "utf8") else _plain_lines(page, encoding)


def _plain_lines(page: str, encoding: str) -> str:
    """Lines and boxes that Markdown is drawn with, in characters of the encoding."""
    boxes = str.maketrans(
        {"━": "=", "─": "-", "│": "|", "┃": "|", "•": "*", "▌": "|", "╭": "+", "╮": "+", "╰": "+", "╯": "+", "┏": "+",
         "┓": "+", "┗": "+", "┛": "+", "┡": "+", "┩": "+", "╇": "+", "┴": "+", "┬": "+", "└": "+", "┘": "+", "├": "+",
         "┤": "+", "┼": "+", "┳": "+", "┻": "+"}
    )  # fmt: skip
    return encodable(page.translate(boxes), encoding)
