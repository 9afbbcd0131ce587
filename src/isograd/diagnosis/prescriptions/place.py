"""Where a change belongs: the layers at which harm was found are not always those to be changed."""

from collections.abc import Sequence

from isograd.facts import Observed


def place(cause: str, observed: Observed, sites: Sequence[str]) -> tuple[str, ...]:
    """The layers that a prescription for a cause names.

    Args:
        cause: What is to be cured.
        observed: The network.
        sites: Where the harm was found.

    Returns:
        Names of sites; none where the network as a whole is meant.
    """
    if cause == "adversary":
        return ()  # it is the other network that changes, against this one
    if cause == "input-scale":
        return _of_kinds(observed, ("weight", "recurrent"))[:1] or tuple(sites)
    if cause.startswith("recurrence-"):
        loops = _of_kinds(observed, ("recurrent",))
        return tuple(site for site in loops if site in sites) or loops or tuple(sites)
    return tuple(sites)


def _of_kinds(observed: Observed, kinds: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(site.name for site in observed.network.sites if site.kind in kinds)
