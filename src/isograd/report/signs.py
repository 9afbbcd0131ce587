"""The signs that text is drawn with, and what stands for them where the output cannot encode them."""

from dataclasses import dataclass

from isograd.facts import Language

_PLAIN = str.maketrans(
    {
        "×": "x", "·": "-", "…": "...", "→": "->", "←": "<-", "–": "-", "—": "-", "−": "-", "~": "~", "≤": "<=",
        "≥": ">=", "≈": "~", "‖": "||", "√": "sqrt", "“": '"', "”": '"', "‘": "'", "’": "'", "σ": "sigma",
        "ρ": "rho", "∂": "d", "²": "^2", "³": "^3", "±": "+-", "∞": "inf", "½": "1/2", "é": "e", "ö": "o", "ü": "u",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Signs:
    """One set of signs."""

    bars: str
    """Columns of growing height, from empty to full."""
    wrong: str
    """Before an error."""
    doubtful: str
    """Before a warning."""
    noted: str
    """Before a note, and before a verdict that is held back."""
    right: str
    """Before a clean bill."""
    ellipsis: str
    """For what is left out."""
    axis: str
    """Vertical line of a chart."""
    zero: str
    """In a chart, an exact zero, which has no logarithm."""
    arrow: str
    """From a value to a later one."""
    dot: str
    """Between parts of a line."""
    dash: str
    """Horizontal line."""


UNICODE = Signs(" ▁▂▃▄▅▆▇█", "✗", "!", "i", "✓", "…", "│", "0", "→", "·", "─")
ASCII = Signs(" ..::==##", "x", "!", "i", "+", "..", "|", "0", "->", "-", "-")


def can_encode(encoding: str | None, text: str) -> bool:
    """True if a stream of that encoding can take the text; an unknown encoding cannot.

    >>> can_encode("utf-8", "✗ 층"), can_encode("ascii", "✗")
    (True, False)
    """
    try:
        text.encode(encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def signs_for(encoding: str | None) -> Signs:
    """The richest signs that a stream of that encoding can take."""
    everything = UNICODE.bars + UNICODE.wrong + UNICODE.right + UNICODE.ellipsis + UNICODE.axis + UNICODE.arrow
    return UNICODE if can_encode(encoding, everything + UNICODE.dash) else ASCII


def language_for(encoding: str | None, language: Language) -> Language:
    """The language asked for, or English if the stream cannot take Hangul."""
    return language if language == "en" or can_encode(encoding, "기울기 소실") else "en"


def encodable(text: str, encoding: str | None) -> str:
    """The text with every character that the stream cannot take replaced by its nearest plain form, or by `?`.

    >>> encodable("×10^-9 → 층", "ascii")
    'x10^-9 -> ?'
    """
    if can_encode(encoding, text):
        return text
    try:
        return text.translate(_PLAIN).encode(encoding or "ascii", "replace").decode(encoding or "ascii")
    except LookupError:
        return encodable(text, "ascii")
