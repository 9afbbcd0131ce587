"""What is shown while a cure goes on: which plans are being tried and how far they are, within the terminal's width."""

import io
import re
import time

import pytest
from rich.cells import cell_len

from isograd.cli.cure_progress import _running, progress
from isograd.facts.treatment import Dose, Plan
from isograd.facts.trial import Order
from isograd.treatment.curing.now import Now, Round, Running

HE = (Dose("init:he"), Dose("clip:norm"))
TREATED = Order("treated", HE, max_steps=60)


@pytest.mark.parametrize(
    ("order", "of", "english", "korean"),
    [
        (TREATED, 60, "init:he + clip:norm 12/60", "init:he + clip:norm 12/60"),
        (Order(), None, "unchanged 12", "그대로 12"),
        (Order("sham", HE, seed=2), 60, "sham 12/60", "가짜 12/60"),
        (Order("treated", HE, patched="/tmp/x"), 60, "patched 12/60", "고친 소스 12/60"),
        (Order(outlooks=(Plan(HE),), max_steps=1), 1, "", ""),
    ],
)
def test_a_training_is_named_by_what_is_tried(order, of, english, korean):
    assert _running(Running(order, 12, of), "en") == english
    assert _running(Running(order, 12, of), "ko") == korean


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_bar_keeps_to_the_width_of_the_terminal(monkeypatch, language):
    monkeypatch.setenv("COLUMNS", "80")
    shown = io.StringIO()
    monkeypatch.setattr("rich.console.Console.is_terminal", property(lambda self: True))
    long = Order("treated", (*HE, Dose("activation:leaky-relu"), Dose("lr:lower")))
    with progress(shown, True, language) as tell:
        for stage in ("baseline", "outlook", "choice", "proof"):
            tell(Now(stage, 3, 12, (Running(long, 1000, 20000), Running(TREATED, 0, 60))))
            time.sleep(0.15)  # the bar is drawn ten times a second
    lines = [re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", line) for line in re.split(r"[\r\n]", shown.getvalue())]
    assert any("init:he" in line and "…" in line for line in lines)
    assert max(map(cell_len, lines)) <= 80


def test_without_a_terminal_each_stage_is_one_line():
    stream = io.StringIO()
    with progress(stream, False, "en") as tell:
        for done in range(3):
            tell(Now("choice", done, 3))
        tell(Now("proof", 0, 4))
    assert stream.getvalue().splitlines() == [
        "isograd: short trainings to choose from",
        "isograd: the proof: unchanged, treated, sham",
    ]


def test_a_round_follows_its_trainings():
    told = []
    orders = [TREATED, Order(seed=1)]
    follower = Round("proof", orders, 400, told.append)
    follower.started(0)
    follower.progress(0, 7)
    follower.started(1)
    assert told[0] == Now("proof", 0, 2)
    assert told[-1].running == (Running(TREATED, 7, 60), Running(orders[1], 0, 400))
