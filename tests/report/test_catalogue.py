import re
from pathlib import Path
from typing import get_args

import pytest

import isograd
from isograd.facts import QUANTITIES as READ
from isograd.facts import Health, Problem, Remedy, Severity, Text
from isograd.facts.vocabulary import CAUSES as CAUSE_NAMES
from isograd.facts.vocabulary import REMEDIES as REMEDY_NAMES
from isograd.report import catalogue
from isograd.report.catalogue import (
    CAUSES,
    HEALTHS,
    MEANINGS,
    PROBLEMS,
    QUANTITIES,
    REMEDIES,
    SEVERITIES,
    TERMS,
    quantity_title,
    quantity_value,
    remedy_change,
)
from isograd.report.language import faults, render

_EVIDENCE = re.compile(r"\b(?:Evidence|share|decades)\(\s*\"([a-z0-9_]+)\"")
TABLES = {
    "problems": (PROBLEMS, get_args(Problem)),
    "meanings": (MEANINGS, get_args(Problem)),
    "severities": (SEVERITIES, get_args(Severity)),
    "healths": (HEALTHS, get_args(Health)),
    "causes": (CAUSES, CAUSE_NAMES),
    "remedies": (REMEDIES, REMEDY_NAMES),
}
TEXTS: list[tuple[str, Text]] = [
    *(
        (name, text)
        for table in (PROBLEMS, MEANINGS, SEVERITIES, HEALTHS, CAUSES, TERMS)
        for name, text in table.items()
    ),
    *QUANTITIES.items(),
    *((name, text) for name, entry in REMEDIES.items() for text in (entry.title, entry.change)),
]


@pytest.mark.parametrize("table", TABLES)
def test_the_whole_vocabulary_has_an_entry_and_nothing_else_has(table: str) -> None:
    entries, names = TABLES[table]
    assert set(entries) == set(names)


def test_every_quantity_of_a_reading_has_a_title() -> None:
    assert set(READ) <= set(QUANTITIES)


@pytest.mark.parametrize(("name", "text"), TEXTS)
def test_every_entry_speaks_both_languages(name: str, text: Text) -> None:
    assert faults(text) == ()
    english, korean = render(text, "en"), render(text, "ko")
    assert re.search("[A-Za-z]", english)
    assert not re.search("[가-힣]", english)
    assert re.search("[가-힣]", korean)
    assert "[" not in re.sub(r"bias\[n:2 \* n\]", "", korean)


@pytest.mark.parametrize("name", sorted(REMEDIES))
def test_every_change_is_a_full_sentence(name: str) -> None:
    change = REMEDIES[name].change
    assert change.en.endswith(".")
    assert change.en[0].isupper()
    assert change.ko.endswith("니다.")


@pytest.mark.parametrize("name", sorted(MEANINGS))
def test_every_meaning_is_a_full_sentence(name: str) -> None:
    assert MEANINGS[name].en.endswith(".")
    assert MEANINGS[name].ko.endswith("니다.")


def test_every_quantity_that_a_rule_measures_has_a_title() -> None:
    sources = Path(isograd.__file__).with_name("diagnosis").rglob("*.py")
    named = {name for source in sources for name in _EVIDENCE.findall(source.read_text(encoding="utf-8"))}
    assert {name for name in named if quantity_title(name, "ko") == name.replace("_", " ")} == set()


def test_no_two_names_share_a_title() -> None:
    for table in (PROBLEMS, CAUSES, QUANTITIES, {name: entry.title for name, entry in REMEDIES.items()}):
        for language in ("en", "ko"):
            titles = [render(text, language) for text in table.values()]
            assert len(set(titles)) == len(titles)


def test_a_finding_says_its_own_change_before_the_catalogue_does() -> None:
    own = Text("Do this.", "이렇게 합니다.")
    assert remedy_change(Remedy("init:he", change=own), "ko") == "이렇게 합니다."
    assert "kaiming_normal_" in remedy_change(Remedy("init:he"), "en")
    assert remedy_change(Remedy("own:thing"), "en") == ""


def test_names_of_own_rules_are_shown_as_they_are() -> None:
    assert catalogue.cause_title("gremlins", "ko") == "gremlins"
    assert catalogue.remedy_title("own:thing", "en") == "own:thing"
    assert quantity_title("number_of_gremlins", "ko") == "number of gremlins"


@pytest.mark.parametrize(
    ("value", "unit", "quantity", "english", "korean"),
    [
        (-9.0, "decades", "gain_decades", "×10^-9.0", "10^-9.0배"),
        (-9.0, "decades", "gradient_log10", "10^-9.0", "10^-9.0"),
        (0.5, "share", "dead_share", "50 %", "50%"),
        (600.0, "steps", "steps", "600 steps", "600스텝"),
        (1.0, "steps", "steps", "1 step", "1스텝"),
        (3.0, "layers", "depth", "3 layers", "3개 층"),
        (0.25, "", "update_ratio", "0.25", "0.25"),
        (1.1e-9, "share", "update_ratio", "1.1e-09", "1.1e-09"),
        (5e-4, "share", "input_dependent_share", "0.05 %", "0.05%"),
        (0.0, "share", "dead_share", "0 %", "0%"),
        (float("nan"), "share", "dead_share", "NaN", "NaN"),
        (28.0, "time steps", "sequence_length", "28 time steps", "28개 시점"),
        (12.0, "ms", "time", "12 ms", "12 ms"),
        (float("nan"), "", "loss", "NaN", "NaN"),
        (float("inf"), "steps", "steps", "Inf steps", "Inf스텝"),
    ],
)
def test_a_value_is_written_with_its_unit(value: float, unit: str, quantity: str, english: str, korean: str) -> None:
    assert quantity_value(value, unit, "en", quantity) == english
    assert quantity_value(value, unit, "ko", quantity) == korean
