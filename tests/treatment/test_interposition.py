"""Standing around a function: any number, removed in any order, among others who wrap it, too."""

from functools import wraps
from itertools import permutations
from types import SimpleNamespace

import pytest

from isograd.treatment.interposition import Place


def owner():
    return SimpleNamespace(act=lambda x: f"<{x}>")


def naming(name):
    return lambda original, x: original(f"{name}{x}")


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_removed_in_any_order_the_original_is_back(order):
    thing = owner()
    original = thing.act
    place = Place(thing, "act")
    leaves = [place.enter(naming(name)) for name in "abc"]
    assert thing.act("x") == "<abcx>"
    for index in order:
        leaves[index]()
        leaves[index]()
    assert thing.act is original


def foreign(thing):
    """Another library's wrapper, that restores what it found."""
    found = thing.act

    @wraps(found)
    def wrapper(x):
        return found(f"!{x}")

    thing.act = wrapper
    return lambda: setattr(thing, "act", found)


def test_under_a_wrapper_of_others_it_still_acts_and_goes():
    thing = owner()
    place = Place(thing, "act")
    leave = place.enter(naming("a"))
    restore = foreign(thing)
    assert thing.act("x") == "<a!x>"
    leave()
    assert thing.act("x") == "<!x>"
    leave = place.enter(naming("b"))
    assert thing.act("x") == "<b!x>", "once, though the wrapper from before still stands below"
    leave()
    restore()
    assert thing.act("x") == "<x>"


def test_over_a_wrapper_of_others():
    thing = owner()
    original = thing.act
    restore = foreign(thing)
    leave = Place(thing, "act").enter(naming("a"))
    assert thing.act("x") == "<!ax>"
    leave()
    restore()
    assert thing.act is original


def test_replaced_altogether_it_stands_anew():
    thing = owner()
    place = Place(thing, "act")
    place.enter(naming("a"))
    thing.act = lambda x: f"({x})"
    place.enter(naming("b"))
    assert thing.act("x") == "(abx)"
