"""The pages of remedies, causes and terms: all there, in both languages, of one form."""

import re

import pytest
from markdown_it import MarkdownIt

from isograd.facts.vocabulary import CAUSES, REMEDIES
from isograd.report import explanations
from isograd.report.catalogue import REMEDIES as ENTRIES
from isograd.report.catalogue import TERMS
from isograd.report.explanation_families import FAMILIES
from isograd.report.explanations import HEADINGS, SECTIONS, Explanation, explained
from isograd.report.language import render

PAGES = [page for family in FAMILIES for page in explained(family)]
NAMES = {"remedy": REMEDIES, "cause": CAUSES, "term": TERMS}
WORDS = {"remedy": (60, 180), "cause": (50, 100), "term": (15, 60)}
every_page = pytest.mark.parametrize("page", PAGES, ids=[f"{page.kind}-{page.name}" for page in PAGES])


@pytest.mark.parametrize("kind", NAMES)
def test_every_name_has_one_page_and_nothing_else_has(kind: str) -> None:
    assert sorted(page.name for page in PAGES if page.kind == kind) == sorted(NAMES[kind])


def test_every_file_belongs_to_a_family() -> None:
    folder = explanations.files("isograd.report") / "explained"
    found = {(kind.name, file.name) for kind in folder.iterdir() for file in kind.iterdir()}
    assert found == {(family.kind, f"{family.name}.md") for family in FAMILIES}


@every_page
def test_a_page_has_the_headings_of_its_kind(page: Explanation) -> None:
    assert tuple(heading for heading, _ in page.sections) == SECTIONS[page.kind]


@every_page
def test_each_language_says_its_own(page: Explanation) -> None:
    for heading, text in page.sections:
        assert not re.search("[가-힣]", text.en), heading
        if heading != "Source":
            assert re.search("[가-힣]", text.ko), heading
            assert re.search("니다[.:(]", text.ko), text.ko
        assert text.en.endswith(".")
        assert text.ko.endswith(".")


@every_page
def test_a_page_is_short(page: Explanation) -> None:
    fewest, most = WORDS[page.kind]
    assert fewest <= sum(len(text.en.split()) for heading, text in page.sections if heading != "Source") <= most


@every_page
def test_both_languages_have_the_same_form_and_the_same_numbers(page: Explanation) -> None:
    for _, text in page.sections:
        assert sorted(re.findall("`[^`]+`", text.en)) == sorted(re.findall("`[^`]+`", text.ko))
        assert _figures(text.en) == _figures(text.ko)
    assert _shape(page.page("en")) == _shape(page.page("ko"))


def _figures(text: str) -> list[str]:
    """Numbers with a decimal point: those that somebody measured or computed."""
    return sorted(re.findall(r"\d+\.\d+", text))


def _shape(markdown: str) -> list[str]:
    return [token.type for token in MarkdownIt("commonmark").parse(markdown)]


@every_page
@pytest.mark.parametrize("language", ["en", "ko"])
def test_signs_of_formulas_are_no_markdown(page: Explanation, language: str) -> None:
    tokens = MarkdownIt("commonmark").enable("table").parse(page.page(language))
    assert {token.type for token in tokens} <= {
        *("heading_open", "heading_close", "paragraph_open", "paragraph_close", "inline")
    }
    inline = {child.type for token in tokens for child in token.children or ()}
    assert inline <= {"text", "softbreak", "code_inline"}


@every_page
def test_remedies_that_a_page_names_are_there(page: Explanation) -> None:
    families = {name.partition(":")[0] for name in REMEDIES}
    for name in re.findall("`([a-z]+:[a-z-]+)`", page.page("en") + page.page("ko")):
        assert name.partition(":")[0] in families
        assert name in REMEDIES


@pytest.mark.parametrize("page", [page for page in PAGES if page.kind == "remedy"], ids=lambda page: page.name)
def test_a_remedy_tells_the_change(page: Explanation) -> None:
    change = ENTRIES[page.name].change
    assert f"## The change\n\n{render(change, 'en')}\n" in page.page("en")
    assert f"## 바꾸는 방법\n\n{render(change, 'ko')}\n" in page.page("ko")


def test_a_cause_leads_to_remedies() -> None:
    without = {page.name for page in PAGES if page.kind == "cause" and not _named(page)}
    # Nothing in the vocabulary mends these: they need the user's own eyes.
    assert without == {"data", "detached", "weight-decay-too-large"}


def _named(page: Explanation) -> bool:
    todo = dict(page.sections)["What to do"]
    return any(f"`{name}`" in todo.en and f"`{name}`" in todo.ko for name in REMEDIES)


def test_headings_are_translated() -> None:
    assert {heading for headings in SECTIONS.values() for heading in headings} - {""} == set(HEADINGS)


def test_a_file_that_has_lost_a_language_is_refused() -> None:
    with pytest.raises(ValueError, match="expected a paragraph in English and one in Korean"):
        list(explanations._sections(["## Cost", "None.", "없습니다.", "Nothing."]))
