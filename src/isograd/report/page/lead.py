"""What leads the page of something that is more than a run: its own verdict and figures before those of the run."""

from dataclasses import dataclass

from isograd.report.page.summary import Figure, Verdict


@dataclass(frozen=True)
class Lead:
    """The head of such a page."""

    kicker: str
    """What kind of report it is."""
    verdict: Verdict
    """The banner, and the title of the page."""
    figures: tuple[Figure, ...]
    """Key figures."""
    findings_title: str
    """Heading of the findings, which are those of the run below."""
