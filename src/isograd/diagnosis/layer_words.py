"""Names of layers within a sentence: what is a mere number there, as in `nn.Sequential`, is called a layer."""

import re
from collections.abc import Sequence

from isograd.facts import Text

_NUMBER = re.compile(r"\d+(\.\d+)*(\+\d*)?")  # with a plus for the sum behind a layer, numbered in a loop


def layer(name: str) -> Text | str:
    """One layer.

    >>> layer("layers.0"), layer("0").en, layer("0").values
    ('layers.0', 'layer {name}', {'name': '0'})
    """
    return Text("layer {name}", "{name}번 층", {"name": name}) if _NUMBER.fullmatch(name) else name


def span(sites: Sequence[str]) -> Text | str:
    """Several layers in short: one, two, or the first and the last.

    >>> span(["a"]), span(["a", "b"]), span(["a", "b", "c"])
    ('a', 'a, b', 'a … c')
    >>> span(["0", "2", "4"]).en
    'layers {first} … {last}'
    """
    if len(sites) == 1:
        return layer(sites[0])
    if not sites or not all(_NUMBER.fullmatch(site) for site in (sites[0], sites[-1])):
        return ", ".join(sites) if len(sites) <= 2 else f"{sites[0]} … {sites[-1]}"
    ends = {"first": sites[0], "last": sites[-1]}
    if len(sites) == 2:
        return Text("layers {first} and {last}", "{first}번, {last}번 층", ends)
    return Text("layers {first} … {last}", "{first}번 … {last}번 층", ends)
