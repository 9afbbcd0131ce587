"""Networks that no single module holds: an optimizer of several modules, or of bare tensors."""

from pathlib import Path

import pytest
from torch import nn

import programs
from isograd.facts.treatment import Dose, Plan
from isograd.facts.trial import Order
from isograd.treatment.patch.patching import patch
from isograd.treatment.trial.injection.parts import Parts, in_training

TWO = (
    programs.HEAD
    + """
encoder = nn.Sequential(nn.Linear(8, 16), nn.Sigmoid(), nn.Linear(16, 16), nn.Sigmoid())
decoder = nn.Linear(16, 2)
parameters = [*encoder.parameters(), *decoder.parameters()]
optimizer = torch.optim.Adam(parameters, lr=0.05)
for step in range(12):
    loss = F.cross_entropy(decoder(encoder(X)), Y)
    optimizer.zero_grad(); loss.backward(); optimizer.step()
    encoder.eval(); decoder.eval()
    with torch.no_grad():
        F.cross_entropy(decoder(encoder(X)), Y)
    encoder.train(); decoder.train()
"""
)
BARE = (
    programs.HEAD
    + """
W = torch.randn(8, 2, requires_grad=True)
optimizer = torch.optim.SGD([W], lr=0.5)
for step in range(12):
    loss = F.cross_entropy(X @ W, Y)
    optimizer.zero_grad(); loss.backward(); optimizer.step()
"""
)


def baseline(trials, tmp_path, source):
    (result,) = trials(source, Order(keep_samples=True))
    assert result.status == "finished", result.error
    (folder,) = (tmp_path / "trials").glob("baseline-0-*")
    return result, str(folder)


@pytest.mark.parametrize(
    "doses", [(Dose("init:he"),), (Dose("init:orthogonal"), Dose("clip:norm"), Dose("lr:lower"))], ids=str
)
def test_several_modules_are_treated_as_the_written_change_treats_them(trials, tmp_path, doses):
    base, untreated = baseline(trials, tmp_path, TWO)
    assert len(base.evaluations) == 12
    (treated,) = trials(TWO, Order("treated", doses, untreated=untreated))
    assert treated.status == "finished", treated.error
    assert treated.digest != base.digest
    found = patch([made.code for made in treated.made if made.code], treated.places, tmp_path / "home")
    assert not found.left
    for path, content in found.after.items():
        place = tmp_path / "patched" / Path(path).relative_to("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    (again,) = trials(TWO, Order("treated", doses, untreated=untreated, patched=str(tmp_path / "patched")))
    assert again.digest == treated.digest


def test_plans_for_several_modules_are_looked_at_without_a_call(trials, tmp_path):
    _, untreated = baseline(trials, tmp_path, TWO)
    plans = (Plan((Dose("init:he"),)), Plan((Dose("recurrent:lstm"),)))
    (seen,) = trials(TWO, Order(outlooks=plans, untreated=untreated, max_steps=1))
    assert [outlook.suits for outlook in seen.outlooks] == [True, False]


def test_bare_tensors_are_trained_at_another_rate(trials, tmp_path):
    base, untreated = baseline(trials, tmp_path, BARE)
    (treated,) = trials(BARE, Order("treated", (Dose("lr:lower"),), untreated=untreated))
    assert treated.status == "finished", treated.error
    assert treated.steps == base.steps == 12
    assert treated.digest != base.digest


def test_parts_know_when_one_was_exchanged_and_whether_they_train():
    parts = Parts({"self.encoder": nn.Linear(1, 1), "decoder": nn.Linear(1, 1)})
    assert (list(parts), parts.exchanged(), in_training(parts)) == (["encoder", "decoder"], "", True)
    parts["decoder"].eval()
    assert not in_training(parts)
    parts["decoder"] = nn.Linear(1, 1)
    assert parts.exchanged() == "decoder"
