import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isograd.report.numbers import duration, factor, part, percent, plain, power


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0.0, "0"),
        (1.0, "1"),
        (0.5, "0.5"),
        (1234.5678, "1,235"),
        (123456.0, "123,456"),
        (0.00012345, "0.0001234"),
        (2.1e-8, "2.1e-08"),
        (-3.25, "-3.25"),
        (-math.inf, "-Inf"),
    ],
)
def test_plain(value: float, written: str) -> None:
    assert plain(value) == written


@pytest.mark.parametrize(
    ("decades", "english", "korean"),
    [
        (-9.0, "one part in 1 billion", "10억분의 1"),
        (-8.7, "one part in 500 million", "5억분의 1"),
        (-3.2, "one part in 1,600", "1,600분의 1"),
        (-4.0, "one part in 10,000", "1만분의 1"),
        (-16.1, "one part in 10^16.1", "10^16.1분의 1"),
        (0.3, "2 times", "2배"),
        (5.0, "100,000 times", "10만 배"),
        (-math.inf, "nothing", "0"),
        (math.nan, "NaN", "NaN"),
    ],
)
def test_part(decades: float, english: str, korean: str) -> None:
    assert part(decades, "en") == english
    assert part(decades, "ko") == korean


@pytest.mark.parametrize(
    ("share", "written"),
    [(0.0, "0 %"), (0.08, "8 %"), (0.123, "12 %"), (0.995, "99.5 %"), (1.0, "100 %"), (1e-9, "<0.1 %")],
)
def test_percent(share: float, written: str) -> None:
    assert percent(share, "en") == written


@pytest.mark.parametrize(
    ("seconds", "english", "korean"),
    [
        (0.0, "0 s", "0초"),
        (9.96, "10 s", "10초"),
        (59.6, "1 min", "1분"),
        (3599.7, "1 h", "1시간"),
        (90000, "25 h", "25시간"),
    ],
)
def test_duration(seconds: float, english: str, korean: str) -> None:
    assert duration(seconds, "en") == english
    assert duration(seconds, "ko") == korean


def test_power_has_no_negative_zero() -> None:
    assert power(-0.01) == "10^0.0"


@given(st.floats())
@settings(max_examples=200, deadline=None)
def test_every_float_can_be_written(value: float) -> None:
    for language in ("en", "ko"):
        assert percent(value, language)
        assert factor(value, language)
        assert part(value, language)
        assert duration(value, language)
    assert plain(value)
    assert power(value)
