"""The cause by experiment: the same batch again, with one thing changed and nothing else.

The user's model is not written: changes are made to the calls that its forward pass makes, and what a pass itself
changes (random state, running statistics) is put back.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from torch import nn

from isograd.diagnosis.culprits import culprits
from isograd.diagnosis.gauge import Gauge, gauge, read_again
from isograd.diagnosis.interventions import INTERVENTIONS, Intervention, Linear, Subject, Trace
from isograd.diagnosis.interventions.direct import direct
from isograd.diagnosis.interventions.number_format import HALF, in_double
from isograd.diagnosis.interventions.roles import Census, sort_out
from isograd.diagnosis.sufficiency import Sufficiency, badness, sufficient_sets
from isograd.facts import Cause, Intervened, InterventionTable
from isograd.observation.probe import Measurement, measure
from isograd.observation.reading import INDEX

PASSED_ON_IN_ORDER = (
    "zero-weights", "bias", "recurrence", "forget-gate", "activation", "normalisation", "residual-scale",
    "attention-scale", "target-scale", "weight-scale", "input-scale",
)  # fmt: skip
"""A call passes the changes from last to first: inputs are scaled before weights are fitted to them."""
SLOW_RATE = 0.05
"""Decades a layer below which each layer is healthy and only their number is not (chi within 0.8 to 1.26)."""
PARTLY = 0.5
"""A single change that restores this share of the decades is named even where no set restores them all."""
LOST = 0.3
"""Share of a site's gradient entries that are zero only because of the number format."""
SILENT = 0.99
"""Share of silent units from which on a layer passes nothing on."""
_FORMAT = "number-format"
_SAME = 0.5  # decades by which float64 must differ to have a part in it


@dataclass(frozen=True)
class Explanation:
    """What the experiments say about one network."""

    gauge: Gauge
    """What was to be explained."""
    base: Measurement
    """The network as it is."""
    table: InterventionTable | None
    """What was tried; None where there was nothing to explain, or nothing could be tried."""
    causes: tuple[Cause, ...]
    """Causes, the one to name first in front; empty where none was found."""
    culprits: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By cause, the layers whose initial values are off; causes that do not lie in single layers are left out."""
    subject: Subject | None = None
    """The network on its batch, for further experiments; None where no change would reach it."""
    hindrance: str = ""
    """Why nothing could be tried, in plain English; empty if nothing stood in the way."""


def explain(
    modules: Mapping[str, nn.Module],
    loss: Callable[[Any], torch.Tensor],
    batch: Any,
    interventions: Sequence[Intervention] = INTERVENTIONS,
) -> Explanation:
    """Measures a network on one batch; where its gain is unhealthy, finds the cause by changing one thing at a time.

    Args:
        modules: The models by name; they are left as they are.
        loss: Computes the scalar loss of a batch with them.
        batch: The batch.
        interventions: What may be changed, the least invasive first.

    Raises:
        ObservationError: If the loss is no scalar, or does not depend on any parameter.

    >>> hidden = [layer for _ in range(20) for layer in (nn.Linear(32, 32), nn.Sigmoid())]
    >>> net = nn.Sequential(*hidden, nn.Linear(32, 2))
    >>> found = explain({"net": net}, lambda x: net(x).square().mean(), torch.randn(64, 32))
    >>> sorted(cause.cause for cause in found.causes)
    ['init-too-small', 'saturating-activation']
    """
    subject, hidden = prepare(modules, loss, batch)
    found = gauge(subject.base)
    if math.isfinite(subject.base.loss) and subject.base.origin is not None:
        return Explanation(found, subject.base, None, ())  # a backward pass that breaks has no gain to go by
    if found.excess <= 1.0 and not _is_broken(subject.base):
        rounded = () if hidden else _rounded(subject)
        causes = (Cause("number-format", 1.0, "intervention"),) if rounded else ()
        where = {"number-format": rounded} if rounded else {}
        return Explanation(found, subject.base, None, causes, where, None if hidden else subject)
    if hidden:
        why = "activations are recomputed in the backward pass, where a change would not reach them"
        return Explanation(found, subject.base, None, (), hindrance=why)
    return _experiment(subject, found, interventions)


def prepare(modules: Mapping[str, nn.Module], loss: Callable[[Any], torch.Tensor], batch: Any) -> tuple[Subject, bool]:
    """Measures the network as it is and learns what its calls are for; whether saved tensors pass through hooks."""
    census = Census(frozenset(id(p) for module in modules.values() for p in module.parameters()))
    hooked: list[bool] = []

    def counted() -> torch.Tensor:
        with _counting_hooks(hooked), direct(), census:
            return loss(batch)

    base = measure(modules, counted)
    found = gauge(base)
    subject = Subject(modules, loss, batch, base, sort_out(census, base.read), found.gain, found.site)
    return subject, bool(hooked)


@contextmanager
def _counting_hooks(entered: list[bool]) -> Iterator[None]:
    """Notes whether the model puts hooks on saved tensors that may compute them again; offloading does not."""
    owner = torch.autograd.graph.saved_tensors_hooks
    original = owner.__enter__

    def enter(hooks: Any) -> Any:
        if not isinstance(hooks, torch.autograd.graph.save_on_cpu):
            entered.append(True)
        return original(hooks)

    owner.__enter__ = enter  # type: ignore[method-assign]  # put back below
    try:
        yield
    finally:
        owner.__enter__ = original  # type: ignore[method-assign]  # as above


def _is_broken(base: Measurement) -> bool:
    """True for a loss that is not finite, and where not even the last layer receives a gradient."""
    sizes = base.values[:, INDEX["gradient_log10"]]
    return not math.isfinite(base.loss) or bool(sizes.size and (sizes == -math.inf).all())


@dataclass
class Bench:
    """Measures one subject under sets of changes, each set once."""

    subject: Subject
    interventions: Mapping[str, Intervention]
    always: frozenset[str] = frozenset()
    """Made in every measurement."""
    gains: dict[frozenset[str], float] = field(default_factory=dict)
    traces: dict[str, Trace] = field(default_factory=dict)
    """What each did when it was alone."""

    def __call__(self, names: frozenset[str]) -> float:
        """The gain with these changes made, in decades; nan if the model does not run with them."""
        names |= self.always
        if names not in self.gains:
            self.gains[names] = self._measure(names) if names else self.subject.gain
        return self.gains[names]

    def _measure(self, names: frozenset[str]) -> float:
        traces = {name: Trace() for name in names}
        try:
            measurement = self.under(names, traces)
        except Exception:  # noqa: BLE001  the user's code under a change that it was not made for: then it is not tried
            return math.nan
        for name, trace in traces.items():
            if names == self.always | {name}:
                self.traces[name] = trace
        return read_again(measurement, self.subject.site) if math.isfinite(measurement.loss) else math.nan

    def under(self, names: frozenset[str], traces: dict[str, Trace]) -> Measurement:
        """The whole measurement with these changes made; what the user's code raises comes through."""
        subject = self.subject
        batch = in_double(subject.batch) if _FORMAT in names else subject.batch

        def changed() -> torch.Tensor:
            with direct(), ExitStack() as stack:
                for name in PASSED_ON_IN_ORDER:
                    if name in names:
                        stack.enter_context(self.interventions[name].make(subject, traces[name]))
                for name in names - {*PASSED_ON_IN_ORDER, _FORMAT}:
                    stack.enter_context(self.interventions[name].make(subject, traces[name]))
                return subject.loss(batch)

        with ExitStack() as around:
            if _FORMAT in names:
                around.enter_context(self.interventions[_FORMAT].make(subject, traces[_FORMAT]))
            return measure(subject.modules, changed)


def _experiment(subject: Subject, found: Gauge, interventions: Sequence[Intervention]) -> Explanation:
    subject = replace(subject, gain=found.gain)
    usable = {one.name: one for one in _in_order(subject, interventions) if one.applies(subject)}
    bench = Bench(subject, usable)
    bench(frozenset())
    _rebase(bench, found)
    players = [name for name in usable if name not in bench.always and _may_be_blamed(bench, name)]
    result = sufficient_sets(players, bench, found.tolerance)
    causes = _causes(bench, result, players, replace(found, gain=bench(frozenset())))
    if "activation" in {name for names in result.sets for name in names}:
        _leave_out_activations(bench)
    blamed = {name for names in result.sets for name in names} or set(_partly(bench, players))
    where = culprits(subject, bench.traces, blamed, [one.cause for one in causes])
    return Explanation(found, subject.base, _table(bench, found, result), causes, where)


def measured_with(subject: Subject, intervention: Intervention, trace: Trace) -> Measurement | None:
    """The whole measurement with one change made; None if the model does not run with it."""
    bench = Bench(subject, {intervention.name: intervention})
    try:
        return bench.under(frozenset((intervention.name,)), {intervention.name: trace})
    except Exception:  # noqa: BLE001  as in every experiment: the user's code under a change that it was not made for
        return None


def _rounded(subject: Subject) -> tuple[str, ...]:
    """Of a model in float16 throughout, the sites that lose gradient to the format, by the same pass in float64.

    Where parameters are in float32 and only the computation is not, a loss scaler belongs to the training, and what a
    batch shows without it is no fault.
    """
    formats = {p.dtype for module in subject.modules.values() for p in module.parameters() if p.is_floating_point()}
    if formats != {torch.float16}:
        return ()
    exact = measured_with(subject, next(one for one in INTERVENTIONS if one.name == _FORMAT), Trace())
    if exact is None:
        return ()
    now = {
        site.name: row[INDEX["zero_share"]] for site, row in zip(subject.base.sites, subject.base.values, strict=True)
    }
    then = {site.name: row[INDEX["zero_share"]] for site, row in zip(exact.sites, exact.values, strict=True)}
    return tuple(name for name, share in now.items() if name in then and share - then[name] >= LOST)


def _in_order(subject: Subject, interventions: Sequence[Intervention]) -> list[Intervention]:
    """The least invasive first; a format of full width is to be doubted last, since something else overflows it."""
    half = subject.base.read.number_format() in HALF
    return sorted(interventions, key=lambda one: one.name == _FORMAT and not half)


def _rebase(bench: Bench, found: Gauge) -> None:
    """Where float32 ran out, all further experiments are made in float64; the gain there is what is to be explained."""
    if _FORMAT not in bench.interventions or math.isfinite(found.gain):
        return
    gain = bench(frozenset((_FORMAT,)))
    if math.isfinite(gain) and abs(gain) > found.tolerance:
        bench.always = frozenset((_FORMAT,))
        bench.subject = replace(bench.subject, gain=gain)


def _may_be_blamed(bench: Bench, name: str) -> bool:
    gain, before = bench(frozenset((name,))), bench(frozenset())
    trace = bench.traces.get(name)
    if name == _FORMAT and math.isfinite(before) and abs(gain - before) < _SAME:
        return False
    return (
        not math.isnan(gain) and trace is not None and bench.interventions[name].cause(bench.subject, trace) is not None
    )


def _leave_out_activations(bench: Bench) -> None:
    """A second probe beside tanh: no activation at all."""
    linear: Intervention = Linear()
    bench.interventions = {**bench.interventions, linear.name: linear}
    bench(frozenset((linear.name,)))


def _causes(bench: Bench, result: Sufficiency, players: Sequence[str], found: Gauge) -> tuple[Cause, ...]:
    shares: dict[str, float] = {}
    for name, share in (result.shares or _partly(bench, players)).items():
        cause = bench.interventions[name].cause(bench.subject, bench.traces[name])
        if cause is not None:
            shares[cause] = shares.get(cause, 0.0) + share
    if not found.site and not found.sums and math.isfinite(found.gain) and abs(found.rate) < SLOW_RATE:
        shares = {"depth": 0.6, **{cause: 0.4 * share for cause, share in shares.items()}} if shares else {"depth": 1.0}
    ordered = sorted(shares.items(), key=lambda item: -item[1])
    return tuple(Cause(cause, share, "intervention") for cause, share in ordered)


def _partly(bench: Bench, players: Sequence[str]) -> dict[str, float]:
    """The change that restores most, and the share that it restores, where no set restores all."""
    before = badness(bench(frozenset()))
    if not players or not math.isfinite(before):
        return {}
    best = min(players, key=lambda name: badness(bench(frozenset((name,)))))
    share = 1.0 - badness(bench(frozenset((best,)))) / before
    return {best: share} if share >= PARTLY else {}


def _table(bench: Bench, found: Gauge, result: Sufficiency) -> InterventionTable:
    rows = [
        Intervened(tuple(sorted(names, key=list(bench.interventions).index)), gain)
        for names, gain in bench.gains.items()
        if names
    ]
    labels = {name: one.label(bench.subject) for name, one in bench.interventions.items()}
    site, share = _dead_layer(bench.subject.base) if math.isinf(found.gain) else ("", math.nan)
    return InterventionTable(
        network=bench.subject.base.naming.name,
        site=found.site,
        before=found.gain,
        tolerance=found.tolerance,
        rows=tuple(sorted(rows, key=lambda row: len(row.names))),
        labels=labels,
        sufficient=result.sets,
        shares=result.shares,
        dead_site=site,
        dead_share=share,
    )


def _dead_layer(base: Measurement) -> tuple[str, float]:
    """Seen from the loss, the first layer of the chain that receives no gradient, and its share of silent units.

    Where it is silent, and so are the layers before it, the first of them is what silenced the others.
    """
    size, dead = base.values[:, INDEX["gradient_log10"]], base.values[:, INDEX["dead_share"]]
    chain = [index for index, site in enumerate(base.sites) if site.on_chain]
    deaf = [place for place, index in enumerate(chain) if size[index] == -math.inf]
    if not deaf:
        return "", math.nan
    place = deaf[-1]
    while place > 0 and min(dead[chain[place]], dead[chain[place - 1]]) >= SILENT:
        place -= 1
    return base.sites[chain[place]].name, float(dead[chain[place]])
