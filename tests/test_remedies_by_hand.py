"""Every remedy by hand: what is offered is there, documented, and each function gives an edit that can be undone."""

import doctest
import inspect

import torch
from torch import nn

import isograd.remedies as remedies
from isograd.facts.vocabulary import REMEDIES


def test_what_is_offered_is_there_and_says_what_it_is():
    for name in remedies.__all__:
        assert inspect.getdoc(getattr(remedies, name)), name


def test_the_table_of_the_docstring_names_all_functions():
    told = remedies.__doc__ or ""
    missing = [n for n in remedies.__all__ if n.islower() and n.endswith("_") and f"`{n}`" not in told]
    assert not missing
    assert all(f"`{n}`" in told for n in ("swap_activations", "batch_normalise", "add_skips", "pretrain_dbn"))


def test_all_remedies_of_the_vocabulary_are_in_the_list():
    assert [r.name for r in remedies.REMEDIES if r.name not in REMEDIES] == []
    assert {r.name for r in remedies.REMEDIES} == set(REMEDIES)


def test_the_example_runs():
    failed, tried = doctest.testmod(remedies)
    assert tried
    assert not failed


def test_functions_on_a_model_are_undone_bit_for_bit():
    model = nn.Sequential(*[layer for _ in range(6) for layer in (nn.Linear(8, 8), nn.Sigmoid())], nn.Linear(8, 2))
    x = torch.rand(64, 8)
    kept = {name: value.clone() for name, value in model.state_dict().items()}
    for edit_with in (
        lambda: remedies.swap_activations(model, "relu", x),
        lambda: remedies.he_(model),
        lambda: remedies.orthogonal_(model),
        lambda: remedies.lsuv_(model, x),
        lambda: remedies.batch_normalise(model, x),
        lambda: remedies.add_skips(model, x),
        lambda: remedies.DeepBeliefNetwork.of(model, x).fit([x], epochs=2).unroll(),
    ):
        edit = edit_with()
        assert edit.changes
        edit.undo()
        assert list(model.state_dict()) == list(kept)
        assert all(torch.equal(value, kept[name]) for name, value in model.state_dict().items())
