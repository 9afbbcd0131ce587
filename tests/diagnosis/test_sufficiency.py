"""Minimal sufficient sets and their shares, on gains that are written down."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isograd.diagnosis.sufficiency import sufficient_sets


def table(gains):
    return lambda names: gains["".join(sorted(names))]


def test_nothing_is_needed_where_the_gain_is_healthy():
    assert sufficient_sets(("W", "A"), table({"": -1.4}), 1.5).sets == ()


def test_one_change_that_suffices():
    found = sufficient_sets(("W", "A"), table({"": -11.9, "W": -7.7, "A": -0.7}), 1.5)
    assert found.sets == (("A",),)
    assert found.shares == {"A": 1.0}


def test_two_that_suffice_alone_are_a_mismatch_the_least_invasive_first():
    found = sufficient_sets(("W", "A"), table({"": -2.8, "W": -0.2, "A": -0.6}), 1.5)
    assert found.sets == (("W",), ("A",))
    assert list(found.shares.items()) == [("W", 0.5), ("A", 0.5)]


def test_one_that_barely_suffices_does_not_stand_beside_one_that_cures():
    found = sufficient_sets(("W", "B"), table({"": -math.inf, "W": 1.4, "B": -0.1}), 1.5)
    assert found.sets == (("B",),)


def test_nine_tenths_of_many_decades_explain_them():
    assert sufficient_sets(("W", "X"), table({"": -26.0, "W": -23.9, "X": -2.4}), 1.5).sets == (("X",),)


def test_no_set_where_not_even_all_suffice():
    gains = {"": -9.0, "W": -8.0, "A": -8.5, "AW": -7.0}
    assert sufficient_sets(("W", "A"), table(gains), 1.5).sets == ()


def test_an_exact_zero_has_no_logarithm_and_is_shared_alike():
    gains = {"": -math.inf, "W": -math.inf, "X": -math.inf, "WX": 0.2}
    assert sufficient_sets(("W", "X"), table(gains), 1.5).shares == {"W": 0.5, "X": 0.5}


def test_a_change_that_could_not_be_made_is_no_cure():
    assert sufficient_sets(("W",), table({"": -5.0, "W": math.nan}), 1.5).sets == ()


def test_more_than_five_are_thinned_out_from_all():
    players = tuple("abcdef")
    needed = {"b", "d", "f"}
    asked = []

    def value(names):
        asked.append(names)
        return -2.0 * len(needed - names)

    found = sufficient_sets(players, value, 1.5)
    assert found.sets == (("b", "d", "f"),)
    assert len(set(asked)) <= 2 * len(players) + 2 + len(needed)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(0.5, 9.0), min_size=2, max_size=5), st.floats(0.1, 0.4))
def test_additive_harms_are_all_found_and_shares_add_to_one(harms, tolerance):
    players = tuple("abcde"[: len(harms)])
    size = dict(zip(players, harms, strict=True))

    def value(names):
        return -sum(size[player] for player in players if player not in names)

    found = sufficient_sets(players, value, tolerance)
    limit = max(tolerance, 0.1 * sum(harms))
    (members,) = found.sets[:1]
    assert sum(found.shares.values()) == pytest.approx(1.0)
    for names in found.sets:
        assert abs(value(frozenset(names))) <= limit + 1e-9
        for name in names:
            assert len(names) == 1 or abs(value(frozenset(names) - {name})) > limit - 1e-9
    assert set(found.shares) == {name for names in found.sets for name in names} | set(members)
