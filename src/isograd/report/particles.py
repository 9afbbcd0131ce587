"""Korean particles that depend on the sound before them, written as pairs in brackets: `[을/를]`."""

import re

from isograd.report.hangul import final_sound

PAIR = re.compile(r"\[([가-힣]+)/([가-힣]*)\]")
"""First the form after a consonant, then the form after a vowel, which may be empty, e.g. `[이/]며`."""


def particle(before: str, closed: str, open_: str) -> str:
    """The form that fits the text before it.

    Args:
        before: the text that the particle is appended to.
        closed: the form after a consonant, e.g. `을`, `으로`.
        open_: the form after a vowel, e.g. `를`, `로`.

    Returns:
        One of the two forms, or both as `을(를)` where the end of `before` cannot be read.

    >>> "모델" + particle("모델", "으로", "로"), "1" + particle("1", "이", "가"), "층" + particle("층", "으로", "로")
    ('모델로', '1이', '층으로')
    """
    sound = final_sound(before)
    if sound == "unknown":
        return f"{closed}({open_})" if open_ else f"({closed})"
    if sound == "vowel" or (sound == "rieul" and closed.startswith("으로")):
        return open_
    return closed


def append_literal(before: str, literal: str) -> str:
    """`before` followed by `literal`, with each particle pair of `literal` settled by what stands before it.

    >>> append_literal("`layers.0`", "[과/와] 그 위의 층[이/가]")
    '`layers.0`과 그 위의 층이'
    """
    parts = PAIR.split(literal)
    text = before + parts[0]
    for closed, open_, rest in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
        text += particle(text, closed, open_) + rest
    return text
