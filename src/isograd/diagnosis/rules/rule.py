"""What a rule is: a code, a judgement on what was seen of one network, and a page that explains it."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files

from isograd.facts import Finding, Language, Observed, Problem, Run, Text

Judge = Callable[[Observed, Run], tuple[Finding, ...]]
"""Facts in, findings out; it keeps no state and never raises on a record that was read whole."""


@dataclass(frozen=True)
class Rule:
    """One claim that isograd can make about a training run."""

    code: str
    """`IG` and three digits; never given to another rule."""
    name: str
    """A name to ask for it by, e.g. `vanishing`."""
    problem: Problem
    """What it finds."""
    title: Text
    """Its title in both languages."""
    judge: Judge
    """The judgement."""

    def page(self, language: Language) -> str:
        """The rule's page as Markdown: what it sees, why it harms, how we know, what else looks like it, cure.

        Args:
            language: `en` or `ko`.

        Returns:
            The text of `pages/<code>.<language>.md`.
        """
        page = files("isograd.diagnosis.rules") / "pages" / f"{self.code}.{language}.md"
        return page.read_text(encoding="utf-8")
