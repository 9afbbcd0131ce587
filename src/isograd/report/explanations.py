"""The short pages of remedies, causes and terms, in both languages.

They are kept as Markdown in `explained/<kind>/<family>.md`, both languages side by side so that neither is forgotten:

    # activation:relu

    ## What it does

    The paragraph in English.

    한국어 문단.

A paragraph that stands alone is the same in both languages. The page of a term has no headings.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files

from isograd.facts import Language, Text
from isograd.report.catalogue import CAUSES, REMEDIES, TERMS
from isograd.report.explanation_families import Family, Kind
from isograd.report.language import render

HEADINGS: dict[str, Text] = {
    "What it does": Text("What it does", "하는 일"),
    "Why it works": Text("Why it works", "효과가 있는 이유"),
    "When it fails": Text("When it fails", "효과가 없는 경우"),
    "Cost": Text("Cost", "비용"),
    "Source": Text("Source", "출처"),
    "What it is": Text("What it is", "무엇인가"),
    "How isograd tells it": Text("How isograd tells it", "어떻게 아는가"),
    "What to do": Text("What to do", "해결 방안"),
    "Confused with": Text("Confused with", "혼동하기 쉬운 것"),
}
"""Each heading of the files, as it is shown."""
SECTIONS: dict[Kind, tuple[str, ...]] = {
    "remedy": ("What it does", "Why it works", "When it fails", "Cost", "Source"),
    "cause": ("What it is", "How isograd tells it", "What to do", "Confused with"),
    "term": ("",),
}
"""The headings that a page of each kind has, in this order."""
_CHANGE = Text("The change", "바꾸는 방법")
_KINDS: dict[Kind, Text] = {
    "remedy": Text("Remedy", "해결 방안"),
    "cause": Text("Cause", "원인"),
    "term": Text("Term", "용어"),
}


@dataclass(frozen=True)
class Explanation:
    """One remedy, cause or term, explained."""

    kind: Kind
    """What it is a page of."""
    name: str
    """Its name in the vocabulary, or the term's key."""
    sections: tuple[tuple[str, Text], ...]
    """Headings as in `SECTIONS`, with what stands below them."""

    @property
    def title(self) -> Text:
        """What the catalogue calls it."""
        if self.kind == "remedy":
            return REMEDIES[self.name].title
        return (CAUSES if self.kind == "cause" else TERMS)[self.name]

    def page(self, language: Language) -> str:
        """The page as Markdown."""
        title = render(self.title, language)
        parts = [f"# {title[0].upper()}{title[1:]}", self._subtitle(language)]
        for heading, text in self.sections:
            parts += [f"## {render(HEADINGS[heading], language)}"] if heading else []
            parts.append(text.en if language == "en" else text.ko)
            if heading == "What it does":
                change = REMEDIES[self.name].change
                parts += [f"## {render(_CHANGE, language)}", render(change, language)]
        return "\n\n".join(parts) + "\n"

    def _subtitle(self, language: Language) -> str:
        english = f": {render(self.title, 'en')}" if language == "ko" and self.kind == "term" else ""
        return f"{render(_KINDS[self.kind], language)} `{self.name}`{english}"


def explained(family: Family) -> tuple[Explanation, ...]:
    """The pages of one family, in their order.

    Raises:
        ValueError: The file is not of the form above; a test reads them all.
    """
    place = files("isograd.report") / "explained" / family.kind / f"{family.name}.md"
    blocks = [block.strip() for block in place.read_text(encoding="utf-8").split("\n\n")]
    return tuple(
        Explanation(family.kind, name, tuple(_sections(within))) for name, within in _split(blocks, "# ") if name
    )


def _split(blocks: list[str], mark: str) -> Iterator[tuple[str, list[str]]]:
    """Groups of blocks, each under the heading before it; the first one, if it has no heading, under an empty one."""
    heading, group = "", list[str]()
    for block in blocks:
        if block.startswith(mark):
            if heading or group:
                yield heading, group
            heading, group = block.removeprefix(mark), []
        else:
            group.append(block)
    yield heading, group


def _sections(blocks: list[str]) -> Iterator[tuple[str, Text]]:
    for heading, paragraphs in _split(blocks, "## "):
        if len(paragraphs) not in (1, 2):
            raise ValueError(f"expected a paragraph in English and one in Korean under {heading!r}, got {paragraphs}")
        yield heading, Text(paragraphs[0], paragraphs[-1])
