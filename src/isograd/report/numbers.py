"""Numbers as people read them, in both languages."""

import math
from numbers import Integral, Real

from isograd.facts import Language

_EN_UNITS = ((10**12, "trillion"), (10**9, "billion"), (10**6, "million"))
_KO_UNITS = ((10**12, "조"), (10**8, "억"), (10**4, "만"))
_FAR_DECADES = 2.0  # from here on a power of ten says more than 0.0042
_WORDED_DECADES = 15.0  # beyond, no word for it is common


def plain(value: object) -> str:
    """Any value: whole numbers with thousands separators, others to four significant digits, the rest as `str`.

    >>> plain(88330), plain(2.302585), plain(1.3e-9), plain(float("nan")), plain(True), plain("layers.0")
    ('88,330', '2.303', '1.3e-09', 'NaN', 'True', 'layers.0')
    """
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, Integral):
        return count(int(value))
    if isinstance(value, Real):
        return _plain_float(float(value))
    return str(value)


def _plain_float(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Inf" if value > 0 else "-Inf"
    if value == 0:
        return "0"
    if 1e-4 <= abs(value) < 1e6:
        digits = max(0, 3 - math.floor(math.log10(abs(value))))
        return f"{value:,.{digits}f}".rstrip("0").rstrip(".") if digits else f"{value:,.0f}"
    return f"{value:.3g}"


def count(number: int) -> str:
    """A whole number with thousands separators.

    >>> count(88330)
    '88,330'
    """
    return f"{number:,}"


def percent(share: float, language: Language) -> str:
    """A share (0..1) in per cent; a trace is not rounded to nothing, nor nearly all to all.

    >>> percent(0.0083, "en"), percent(0.64, "ko"), percent(0.0004, "en"), percent(0.9999, "en"), percent(0, "en")
    ('0.8 %', '64%', '<0.1 %', '>99.9 %', '0 %')
    """
    sign = " %" if language == "en" else "%"
    if not math.isfinite(share):
        return _plain_float(share)
    if 0 < share < 0.001:
        return f"<0.1{sign}"
    if 0.999 < share < 1:
        return f">99.9{sign}"
    value = 100 * share
    digits = 1 if abs(value) < 10 or value > 99 else 0
    return f"{value:.{digits}f}".removesuffix(".0") + sign


def power(decades: float) -> str:
    """A size or factor by its power of ten, to a tenth of a decade; an exact zero as such.

    >>> power(-9.02), power(float("-inf")), power(-0.04)
    ('10^-9.0', '0', '10^0.0')
    """
    if decades == -math.inf:
        return "0"
    if not math.isfinite(decades):
        return _plain_float(decades)
    return f"10^{round(decades, 1) + 0.0:.1f}"


def factor(decades: float, language: Language) -> str:
    """A gain in decades as the factor that it is: a power of ten if far from 1, else a decimal number.

    >>> factor(-9.0, "en"), factor(-0.85, "en"), factor(-9.0, "ko"), factor(1.2, "ko")
    ('×10^-9.0', '×0.14', '10^-9.0배', '16배')
    """
    near = abs(decades) < _FAR_DECADES
    number = f"{10**decades:.2g}" if near else power(decades)
    return f"×{number}" if language == "en" else f"{number}배"


def part(decades: float, language: Language) -> str:
    """How much of something is left after a loss, or how many times as much arrives, in words.

    Args:
        decades: log10 of the factor; -inf is an exact zero.
        language: of the words.

    >>> part(-9.0, "en"), part(-9.0, "ko"), part(-0.85, "en"), part(-0.85, "ko"), part(4.3, "en"), part(4.3, "ko")
    ('one part in 1 billion', '10억분의 1', 'one part in 7.1', '7.1분의 1', '20,000 times', '2만 배')
    """
    if decades == -math.inf:
        return "nothing" if language == "en" else "0"
    if not math.isfinite(decades):
        return _plain_float(decades)
    size = _large(abs(decades), language)
    if decades < 0:
        return f"one part in {size}" if language == "en" else f"{size}분의 1"
    if language == "en":
        return f"{size} times"
    return f"{size} 배" if size[-1] in "만억조" else f"{size}배"


def _large(decades: float, language: Language) -> str:
    """10**decades to two significant digits, in the words that each language has for large numbers."""
    if decades >= _WORDED_DECADES:
        return power(decades)
    number = float(f"{10**decades:.1e}")
    units = _EN_UNITS if language == "en" else _KO_UNITS
    space = " " if language == "en" else ""
    for size, word in units:
        if number >= size:
            return f"{_two_digits(number / size)}{space}{word}"
    return _two_digits(number)


def _two_digits(number: float) -> str:
    return f"{number:,.0f}" if number >= 10 else f"{number:.1f}".removesuffix(".0")


def duration(seconds: float, language: Language) -> str:
    """A time in the two largest units that it has.

    >>> duration(0.42, "en"), duration(200, "en"), duration(7500, "ko"), duration(3.2, "ko")
    ('0.4 s', '3 min 20 s', '2시간 5분', '3.2초')
    """
    hour, minute, second = (" h", " min", " s") if language == "en" else ("시간", "분", "초")
    if not math.isfinite(seconds):
        return _plain_float(seconds)
    if seconds < 10:
        return f"{seconds:.1f}".removesuffix(".0") + second
    whole = round(seconds)
    if whole < 60:
        return f"{whole}{second}"
    if whole < 3600:
        return _joined(whole // 60, minute, whole % 60, second)
    minutes = round(seconds / 60)
    return _joined(minutes // 60, hour, minutes % 60, minute)


def _joined(large: int, large_unit: str, small: int, small_unit: str) -> str:
    head = f"{count(large)}{large_unit}"
    return f"{head} {small}{small_unit}" if small else head
