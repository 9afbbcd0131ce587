"""All that `isograd explain` can explain, and how it is asked for."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from isograd.diagnosis.rules import Rule
    from isograd.facts import Language, Text
    from isograd.report.explanations import Explanation


@dataclass(frozen=True)
class Topic:
    """One page, and the words for it."""

    words: tuple[str, ...]
    """Its names; what is asked for must be one of them, see `key`."""
    wider: tuple[str, ...]
    """Words that it shares with others, and that count only where nothing has such a name."""
    page: "Callable[[Language], str]"
    """The page as Markdown."""


def topics() -> tuple[Topic, ...]:
    """Every topic, the shortest pages first, so that a term's definition stands before the rule of the same name."""
    from isograd.diagnosis.rules import RULES
    from isograd.report.explanation_families import FAMILIES
    from isograd.report.explanations import explained

    kinds = ("term", "cause", "remedy")
    pages = [page for kind in kinds for family in FAMILIES if family.kind == kind for page in explained(family)]
    return (*map(_of_page, pages), *map(_of_rule, RULES))


def asked_for(name: str, among: tuple[Topic, ...]) -> list[Topic]:
    """The topics of that name, else those that share it."""
    for wanted in (key(name), key(name).removesuffix("s")):  # "vanishing gradients" as well
        named = [topic for topic in among if wanted in map(key, topic.words)]
        found = named or [topic for topic in among if wanted in map(key, topic.wider)]
        if found:
            return found
    return []


def nearest(name: str, among: tuple[Topic, ...]) -> str | None:
    """The word that somebody who typed this may have meant."""
    import difflib

    known = {key(word): word for topic in reversed(among) for word in reversed((*topic.words, *topic.wider))}
    close = difflib.get_close_matches(key(name), known, n=1)
    return known[close[0]] if close else None


def key(word: str) -> str:
    """A word without what people write one way or the other: case, spaces, hyphens, American spelling.

    Example:
        >>> key("Batch-Normalization") == key("batch normalisation")
        True
    """
    return re.sub(r"[\s_-]", "", word.lower()).replace("ization", "isation")


def spoken_names(title: "Text") -> Iterator[str]:
    """A title in both languages, whole, without what stands in brackets, and what stands there alone.

    Example:
        >>> from isograd.facts import Text
        >>> list(spoken_names(Text("Jacobian", "야코비 행렬 (자코비안)")))
        ['Jacobian', '야코비 행렬 (자코비안)', '야코비 행렬', '자코비안']
    """
    for name in (title.en, title.ko):
        yield name
        within = re.findall(r"\(([^()]*)\)", name)
        if within:
            yield " ".join(re.sub(r"\([^()]*\)", " ", name).split())
            yield from within


def _of_page(page: "Explanation") -> Topic:
    from isograd.report.catalogue.terms import OTHER_WORDS

    short = (page.name.partition(":")[2],) if ":" in page.name else ()
    others = OTHER_WORDS.get(page.name, ()) if page.kind == "term" else ()
    return Topic((page.name, *short, *spoken_names(page.title), *others), (), page.page)


def _of_rule(rule: "Rule") -> Topic:
    return Topic((rule.code, rule.name, *spoken_names(rule.title)), (rule.problem,), rule.page)
