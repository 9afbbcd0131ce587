"""How changes of the learning rate read: with its figure, or without where the script updates by hand."""

import math

from isograd.diagnosis.lowering import USUAL
from isograd.facts import Text


def rate_words(rate: float, adaptive: bool, factor: float = USUAL) -> dict[str, Text]:
    """What stands for the fields {lowered}, {raised}, {or_adam}, {the_rate} and {a_quarter}.

    Args:
        rate: The learning rate; nan where no optimizer tells it.
        adaptive: True if steps do not follow the gradient's size, so that a hundredfold rate would be too much.
        factor: By how much a rate that is too high is to be lowered.

    Returns:
        A clause for each field.

    >>> rate_words(0.1, adaptive=False)["lowered"].en, rate_words(math.nan, adaptive=False)["lowered"].en
    ('from {rate:.3g} to about {lower:.1g}', 'to about a tenth')
    """
    words = _relative(adaptive) if math.isnan(rate) else _absolute(rate, adaptive, factor)
    adam = Text(", or use torch.optim.Adam with lr=1e-3", " 또는 torch.optim.Adam(lr=1e-3)을 씁니다.")
    return {**words, "or_adam": Text("", "") if adaptive else adam}


def _relative(adaptive: bool) -> dict[str, Text]:
    more = Text("about tenfold", "약 10배로") if adaptive else Text("about a hundredfold", "약 100배로")
    return {
        "lowered": Text("to about a tenth", "10분의 1 정도로"),
        "raised": more,
        "the_rate": Text("the learning rate", "학습률을"),
        "a_quarter": Text("a quarter", "4분의 1"),
    }


def _absolute(rate: float, adaptive: bool, factor: float) -> dict[str, Text]:
    values: dict[str, object] = {"rate": rate, "lower": rate * factor, "higher": rate * (10 if adaptive else 100)}
    return {
        "lowered": Text(
            "from {rate:.3g} to about {lower:.1g}", "{rate:.3g}에서 {lower:.1g} 정도로", _only(values, "rate", "lower")
        ),
        "raised": Text(
            "from {rate:.3g} to about {higher:.1g}",
            "{rate:.3g}에서 {higher:.1g} 정도로",
            _only(values, "rate", "higher"),
        ),
        "the_rate": Text("the learning rate of {rate:.3g}", "학습률 {rate:.3g}[을/를]", _only(values, "rate")),
        "a_quarter": Text("a quarter of {rate:.3g}", "{rate:.3g}의 4분의 1", _only(values, "rate")),
    }


def _only(values: dict[str, object], *names: str) -> dict[str, object]:
    return {name: values[name] for name in names}
