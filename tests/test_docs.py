"""The words for users hold: their Python runs and prints what they say, links lead somewhere, copies are current."""

import contextlib
import io
import re
import runpy
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from urllib.parse import unquote

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGES = [
    ROOT / "README.md",
    ROOT / "CHANGELOG.md",
    ROOT / "examples" / "README.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]
LARGEST_PICTURE_BYTES = 250_000

_FENCE = re.compile(r"^```(?P<kind>[^\n]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[[^\]]*\]\((?P<target>[^)\s]+)\)")
_HANGUL = re.compile(r"[가-힣]")


@dataclass(frozen=True)
class Example:
    """A block of Python, and the output that stands right below it, if one does."""

    code: str
    output: str | None


def examples(page: str) -> Iterator[Example]:
    """The `python` blocks of a page; a `text` block next to one is what it prints."""
    fences = list(_FENCE.finditer(page))
    for fence, following in zip_longest(fences, fences[1:]):
        if fence["kind"] == "python":
            is_next = following is not None and not page[fence.end() : following.start()].strip()
            shown = following["text"] if is_next and following["kind"] == "text" else None
            yield Example(fence["text"], shown)


def prose(page: str) -> str:
    """A page without its code."""
    return re.sub(r"`[^`\n]*`", "", _FENCE.sub("", page))


def anchors(page: str) -> set[str]:
    """Fragments that a page's headings can be linked by, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", _FENCE.sub("", page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def broken_links(path: Path) -> list[str]:
    """Links of a page that lead nowhere within the project."""
    broken = []
    for target in (found["target"] for found in _LINK.finditer(prose(path.read_text(encoding="utf-8")))):
        if target.startswith(("http://", "https://")):
            continue
        file, _, fragment = unquote(target).partition("#")
        place = (path.parent / file).resolve() if file else path
        if not place.exists() or (fragment and fragment not in anchors(place.read_text(encoding="utf-8"))):
            broken.append(target)
    return broken


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


WITH_PYTHON = [page for page in PAGES if any(examples(page.read_text(encoding="utf-8")))]


@pytest.mark.parametrize("page", WITH_PYTHON, ids=name_of)
def test_python_on_a_page_runs_and_prints_what_stands_below(page, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {"__name__": "__main__"}
    for example in examples(page.read_text(encoding="utf-8")):
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(example.code, str(page), "exec"), names)
        if example.output is not None:
            assert printed.getvalue() == example.output


def test_the_readme_has_python_with_its_output() -> None:
    shown = list(examples((ROOT / "README.md").read_text(encoding="utf-8")))
    assert [example.output for example in shown] == ["failing ['vanishing']\n"]


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page) -> None:
    assert broken_links(page) == []


def test_a_link_to_nowhere_is_seen(tmp_path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# One two\n\n[a](#one-two) [b](#three) [c](gone.md) ![d](gone.png) `[e](code)` [f](https://x.org/)\n"
    )
    assert broken_links(page) == ["#three", "gone.md", "gone.png"]


def test_the_rules_pages_are_those_of_the_rules() -> None:
    written = dict(runpy.run_path(str(ROOT / "docs" / "rules.py"))["pages"]())
    assert len(written) > 10
    there = {path for language in ("en", "ko") for path in (ROOT / "docs" / language / "rules").iterdir()}
    assert there == set(written)
    stale = [name_of(path) for path, text in written.items() if path.read_text(encoding="utf-8") != text]
    assert stale == [], "run: .venv/bin/python docs/rules.py"


def test_the_readme_names_every_rule() -> None:
    from isograd.diagnosis.rules import RULES

    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"\[(IG\d{3})\]", readme)) == {rule.code for rule in RULES}


def test_the_readme_leads_with_the_two_commands_and_a_picture() -> None:
    head = (ROOT / "README.md").read_text(encoding="utf-8").split("## Install")[0]
    assert "make demo" in head
    assert "make test" in head
    assert "docs/pictures/terminal.en.svg" in head


def test_the_readme_names_every_command() -> None:
    from isograd.cli.program import commands

    named = re.findall(r"isograd ([a-z]+)", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert commands.commands
    assert set(commands.commands) - set(named) == set()


def test_both_languages_have_the_same_pages() -> None:
    english, korean = (
        {path.relative_to(ROOT / "docs" / language) for path in (ROOT / "docs" / language).rglob("*.md")}
        for language in ("en", "ko")
    )
    assert english - korean == {Path("theory.md")}, "formulas are told in English alone"
    assert korean <= english


def test_korean_pages_are_korean() -> None:
    for page in (ROOT / "docs" / "ko").rglob("*.md"):
        assert len(_HANGUL.findall(page.read_text(encoding="utf-8"))) > 50, name_of(page)


def test_pictures_are_small_and_load_nothing() -> None:
    pictures = sorted((ROOT / "docs" / "pictures").iterdir())
    assert pictures
    for picture in pictures:
        assert picture.stat().st_size < LARGEST_PICTURE_BYTES, picture.name
        if picture.suffix == ".svg":
            svg = picture.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
            assert "http" not in svg
            assert "url(" not in svg.replace("url(#", "")


def test_hangul_in_a_picture_stands_in_two_cells_a_character() -> None:
    in_true_columns = runpy.run_path(str(ROOT / "docs" / "pictures.py"))["_in_true_columns"]
    before = '<text class="a" x="0" y="20" textLength="61" clip-path="b">기울&#160;b&amp;c</text>'
    first = '<text class="a" x="0" y="20" clip-path="b">기울</text>'
    second = '<text class="a" x="61" y="20" clip-path="b">b&amp;c</text>'
    assert in_true_columns(before) == first + second
    latin = '<text class="a" x="0" y="20" textLength="12.2" clip-path="b">x</text>'
    assert in_true_columns(latin) == latin
