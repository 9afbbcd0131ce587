"""`isograd explain`: what it lists, by which words it is asked, and what it prints."""

from dataclasses import replace

import pytest
from rich.cells import cell_len

from isograd.cli.topics import asked_for, key, nearest, topics
from isograd.diagnosis.rules import RULES
from isograd.facts.vocabulary import CAUSES, REMEDIES
from isograd.report.catalogue import TERMS


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_without_a_name_everything_is_listed(isograd, lang: str) -> None:
    status, listed, _ = isograd("explain", "--lang", lang)
    assert status == 0
    lines = listed.splitlines()
    assert [line.split()[:2] for line in lines[1 : 1 + len(RULES)]] == [[rule.code, rule.name] for rule in RULES]
    words = {word.strip() for line in lines for word in line.replace("  ", ",").split(",")}
    terms = TERMS if lang == "en" else [text.ko.partition(" (")[0] for text in TERMS.values()]
    assert {*REMEDIES, *CAUSES, *terms} <= words
    assert max(map(cell_len, lines)) <= 100


@pytest.mark.parametrize("name", ["IG101", "ig101", "vanishing", "VANISHING"])
def test_a_rule_goes_by_its_code_and_its_name(isograd, monkeypatch, name: str) -> None:
    monkeypatch.setattr("isograd.diagnosis.rules.rule.Rule.page", lambda rule, lang: f"# {rule.code} in {lang}\n\n")
    assert isograd("explain", name)[:2] == (0, "# IG101 in en\n")


def test_a_problem_stands_for_all_rules_that_find_it(isograd, monkeypatch) -> None:
    monkeypatch.setattr("isograd.diagnosis.rules.rule.Rule.page", lambda rule, lang: rule.code)
    same = [replace(rule, name=f"name-{rule.code}") for rule in RULES]
    monkeypatch.setattr("isograd.diagnosis.rules.RULES", tuple(same))
    expected = [rule.code for rule in RULES if rule.problem == "vanishing"]
    assert len(expected) > 1
    assert isograd("explain", "vanishing")[1].split() == expected


@pytest.mark.parametrize(
    ("words", "titles"),
    [
        (("activation:relu",), ["# ReLU as activation"]),
        (("relu",), ["# ReLU as activation"]),
        (("clip:norm",), ["# Gradient clipping by norm"]),
        (("saturating-activation",), ["# Slope of a saturating activation"]),
        (("gain",), ["# Gradient gain"]),
        (("rho",), ["# Gain of one layer (rho)"]),
        (("spectral", "radius"), ["# Spectral radius"]),
        (("스펙트럼", "반경"), ["# Spectral radius"]),
        (("기울기이득",), ["# Gradient gain"]),
        (("자코비안",), ["# Jacobian"]),
        (("BPTT",), ["# Backpropagation through time (BPTT)"]),
        (("batch normalization",), ["# Batch normalisation", "# Batch normalisation"]),
        (("forget_gate",), ["# Forget gate", "# Forget gate half closed from the start"]),
        (("죽은", "ReLU"), ["# Dead ReLU"]),
        (("dying", "ReLU"), ["# Dead ReLU"]),
        (("vanishing", "gradients"), ["# Vanishing gradient", "# IG101 Vanishing gradient"]),
        (("그래디언트", "폭주"), ["# Exploding gradient"]),
        (("활성 함수",), ["# Activation function"]),
    ],
)
def test_words_find_their_pages(isograd, words: tuple[str, ...], titles: list[str]) -> None:
    status, page, _ = isograd("explain", *words)
    assert status == 0
    assert [line for line in page.splitlines() if line.startswith("# ")] == titles


def test_a_term_stands_before_the_rule_of_its_name(isograd) -> None:
    page = isograd("explain", "saturation")[1]
    assert page.startswith("# Saturation\n")
    assert "\n# IG401" in page


def test_the_language_is_as_asked(isograd) -> None:
    page = isograd("explain", "--lang", "ko", "init:he")[1]
    assert page.startswith("# He 초기화\n\n해결 방안 `init:he`\n\n## 하는 일\n")


def test_every_name_of_a_report_is_found_by_itself() -> None:
    known = topics()
    for name in (*REMEDIES, *CAUSES, *TERMS, *(text.ko for text in TERMS.values()), *(rule.code for rule in RULES)):
        assert asked_for(name, known), name


def test_what_is_nearly_right_is_told_as_it_is_written() -> None:
    known = topics()
    assert nearest("activation:rleu", known) == "activation:relu"
    assert nearest("spectral-radios", known) == "spectral-radius"
    assert nearest("기울기 소신", known) == "기울기 소실"
    assert nearest("qqqq", known) is None


def test_spelling_makes_no_difference() -> None:
    assert key("Batch_Normalization") == key("batch-normalisation") == "batchnormalisation"
    assert key("기울기 소실") == key("기울기소실")
    assert key("overflow") != key("underflow")
