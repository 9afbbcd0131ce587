import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from isograd.facts import Site
from isograd.report.names import of_same_kind, plain_name, shorten, site_runs, where


def site(name: str, kind: str = "weight") -> Site:
    return Site(name, kind, "Addmm", "", (), 0, 0, 0, True)  # type: ignore[arg-type]


SITES = tuple(one for index in range(6) for one in (site(f"layers.{index}"), site(f"norms.{index}", "norm")))


@given(st.text())
@settings(max_examples=200, deadline=None)
def test_a_plain_name_has_nothing_that_acts_on_a_terminal(name: str) -> None:
    shown = plain_name(name)
    assert not any(unicodedata.category(character) in ("Cc", "Cf", "Cs") for character in shown)
    shown.encode("utf-8")


def test_what_is_seen_stays() -> None:
    assert plain_name("[bold]층.0\x1b[0m\u202e\n") == "[bold]층.0[0m"


@given(st.text(min_size=1), st.integers(5, 40))
@settings(max_examples=200, deadline=None)
def test_a_shortened_name_fits(name: str, width: int) -> None:
    assert cell_len(shorten(name, width)) <= max(width, 0)


def test_a_long_name_loses_its_middle_and_keeps_more_of_its_end() -> None:
    assert shorten("model.encoder.layers.11.attention.out_proj", 24) == "model.enc…ntion.out_proj"
    assert shorten("short", 24) == "short"
    assert shorten("model.encoder.layers.11", 12, "..") == "mode..ers.11"


@pytest.mark.parametrize(
    ("named", "english", "korean"),
    [
        ([], "", ""),
        (["layers.2"], "layers.2", "layers.2"),
        (["layers.2", "layers.3"], "layers.2, layers.3", "layers.2, layers.3"),
        (["layers.0", "layers.1", "layers.2"], "layers.0 to layers.2", "layers.0 ~ layers.2"),
        (
            ["layers.0", "layers.1", "layers.2", "layers.5"],
            "layers.0 to layers.2, layers.5",
            "layers.0 ~ layers.2, layers.5",
        ),
        (["layers.5", "layers.0", "layers.3"], "layers.0, layers.3, layers.5", "layers.0, layers.3, layers.5"),
        (["gone.1", "layers.0"], "layers.0, gone.1", "layers.0, gone.1"),
        (
            ["layers.0", "layers.2", "layers.4", "gone.1", "gone.2"],
            "layers.0, layers.2, layers.4, and 2 more",
            "layers.0, layers.2, layers.4, 외 2곳",
        ),
    ],
)
def test_where(named: list[str], english: str, korean: str) -> None:
    assert where(named, SITES, "en", 30) == english
    assert where(named, SITES, "ko", 30) == korean


def test_sites_of_other_kinds_do_not_part_neighbours() -> None:
    assert site_runs(["layers.0", "layers.1"], SITES) == [("layers.0", "layers.1")]
    assert site_runs(["layers.0", "norms.0", "layers.1"], SITES) == [("layers.0", "norms.0", "layers.1")]
    assert of_same_kind(["layers.0"], SITES) == 6
    assert of_same_kind(["layers.0", "norms.0"], SITES) == 12
