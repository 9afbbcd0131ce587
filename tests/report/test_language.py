import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isograd.facts import Text
from isograd.report.language import default_language, faults, render

SENTENCE = Text(
    "{site} passes on {share:.0%} ({gain:.1f} decades)",
    "{site}[은/는] {share:.0%}[을/를] 전달합니다 ({gain:.1f})",
    {"site": "layers.1", "share": 0.15, "gain": -9.04},
)


def test_values_are_filled_in_both_languages() -> None:
    assert render(SENTENCE, "en") == "layers.1 passes on 15% (-9.0 decades)"
    assert render(SENTENCE, "ko") == "layers.1은 15%를 전달합니다 (-9.0)"


def test_a_nested_text_is_rendered_in_the_same_language_and_carries_its_sound() -> None:
    outer = Text("{what} is to blame", "{what}[이/가] 원인입니다", {"what": Text("the sigmoid", "시그모이드")})
    assert render(outer, "en") == "the sigmoid is to blame"
    assert render(outer, "ko") == "시그모이드가 원인입니다"


def test_particles_look_through_a_closing_backtick_of_the_sentence() -> None:
    assert render(Text("", "`{site}`[과/와]", {"site": "layers.1"}), "ko") == "`layers.1`과"


@pytest.mark.parametrize(
    ("value", "written"),
    [(88330, "88,330"), (2.302585, "2.303"), (math.nan, "NaN"), (math.inf, "Inf"), (True, "True"), (None, "None")],
)
def test_numbers_without_a_format_get_one(value: object, written: str) -> None:
    assert render(Text("{value}", "{value}", {"value": value}), "en") == written


def test_values_are_data_and_never_read_as_a_sentence() -> None:
    hostile = "{site} [을/를] [bold]"
    text = Text("{name}", "{name}[을/를]", {"name": hostile})
    assert render(text, "en") == hostile
    assert render(text, "ko").startswith(hostile)


def test_a_missing_value_leaves_its_field_standing() -> None:
    assert render(Text("at {site}", "{site}에서"), "en") == "at {site}"


@given(st.text(), st.one_of(st.text(), st.floats(), st.integers(), st.none()))
@settings(max_examples=200, deadline=None)
def test_render_takes_any_value(site: str, value: object) -> None:
    values = {"site": site, "share": value, "gain": value}
    for language in ("en", "ko"):
        assert site in render(Text(SENTENCE.en, SENTENCE.ko, values), language)


def test_faults_names_what_is_missing() -> None:
    assert faults(SENTENCE) == ()
    assert faults(Text("{a}", "{b}", {"a": 1})) == ("en has the fields ['a'], ko ['b']", "ko: no value for {b}")
    assert faults(Text("{a}", "{a}", {"a": Text("{x}", "{x}")})) == (
        "in {a}, en: no value for {x}",
        "in {a}, ko: no value for {x}",
    )


@pytest.mark.parametrize(
    ("environ", "language"),
    [
        ({}, "en"),
        ({"LANG": "ko_KR.UTF-8"}, "ko"),
        ({"LANG": "ko"}, "ko"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "en_GB.UTF-8", "LC_ALL": "ko_KR.UTF-8"}, "ko"),
        ({"LANG": "ko_KR.UTF-8", "LC_MESSAGES": "en_US.UTF-8"}, "en"),
        ({"LANG": "ko_KR.UTF-8", "LC_ALL": ""}, "ko"),
        ({"LANG": "ko_KR.UTF-8", "LC_ALL": "C.UTF-8"}, "en"),
        ({"LANG": "C.UTF-8", "LANGUAGE": "ko"}, "en"),
        ({"LANG": "de_DE.UTF-8", "LANGUAGE": "de:ko:en"}, "ko"),
        ({"LANG": "ko_KR.UTF-8", "LANGUAGE": "en"}, "en"),
    ],
)
def test_default_language_follows_the_locale(environ: dict[str, str], language: str) -> None:
    assert default_language(environ) == language
