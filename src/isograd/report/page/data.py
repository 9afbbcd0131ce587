"""What the page's script reads: numbers and words as JSON that cannot end its own element."""

import json
from dataclasses import asdict
from typing import Any

from markupsafe import Markup

from isograd.report.figures.line_chart import LineChart
from isograd.report.figures.stacked_bars import StackedBars
from isograd.report.page.network import NetworkView
from isograd.report.page.words import Say

SPOKEN = (
    "say_cell", "say_cell_range", "say_step", "say_lag", "decades", "exact_zero", "non_finite", "not_seen",
    "vanishing", "exploding", "healthy", "slow", "fast", "theme_dark", "theme_light", "copied", "copy_by_hand",
)  # fmt: skip
"""Words that the script says; their fields stay in braces for it to fill."""


def page_data(networks: tuple[NetworkView, ...], say: Say) -> Markup:
    """All that the script of the page needs, ready to stand in a script element.

    Args:
        networks: What is shown of each network.
        say: The page's words.

    Returns:
        JSON in which `<`, `>` and `&` are written as escapes, so that no name in it can close the element.
    """
    charts: dict[str, Any] = {}
    for network in networks:
        for chart in (*network.lag_charts, *network.step_charts):
            charts[chart.identifier] = _line_chart(chart)
        if network.depth:
            charts[network.depth.identifier] = _line_chart(network.depth)
        if network.ledger:
            charts[network.ledger.identifier] = _bars(network.ledger)
    data = {
        "words": {name: say(name) for name in SPOKEN},
        "maps": {network.anchor: asdict(network.heat) for network in networks if network.heat},
        "charts": charts,
    }
    return embedded(data)


def embedded(data: object) -> Markup:
    """JSON that may stand inside a script element.

    Example:
        >>> embedded({"name": "</script>"})
        Markup('{"name":"\\\\u003c/script\\\\u003e"}')
    """
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)


def _line_chart(chart: LineChart) -> dict[str, Any]:
    lines = [{"key": line.key, "label": line.label, "at": line.at, "x": line.x, "y": line.y} for line in chart.lines]
    spoken = "" if chart.names else ("say_lag" if "-lag-" in chart.identifier else "say_step")
    return {"unit": chart.unit, "names": chart.names, "say": spoken, "lines": lines}


def _bars(chart: StackedBars) -> dict[str, Any]:
    x = tuple(range(len(chart.names)))
    lines = [{"key": p.key, "label": p.label, "at": chart.at, "x": x, "y": p.values} for p in chart.parts]
    return {"unit": chart.unit, "names": chart.names, "say": "", "lines": lines}
