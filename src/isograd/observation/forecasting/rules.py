"""The table of rules: for each operation of the graph, what it does to signal and gradient."""

from collections.abc import Callable, Mapping

from isograd.model.operations import PARAMETER_PATH
from isograd.observation.forecasting import arithmetic, attention, layers, shapes
from isograd.observation.forecasting.flow import Step
from isograd.observation.forecasting.layers import Operands
from isograd.observation.forecasting.wiring import Wiring

Rule = Callable[[Wiring, int, Operands], Step]

PLACES: Mapping[str, Rule] = {
    "weight": layers.contraction,
    "fused": layers.fused,
    "embedding": layers.embedding,
    "norm": layers.normalisation,
    "activation": layers.activation,
    "softmax": attention.softmax,
}
"""By kind of place."""

SHAPES = PARAMETER_PATH | {
    "Abs", "AsStrided", "Clone", "ConstantPadNd", "Contiguous", "CopySlices", "Flip", "Gather", "Im2Col",
    "Index", "LogSoftmax", "MaskedFill", "Movedim", "Narrow", "PackPaddedSequence", "PixelShuffle",
    "Repeat", "ReshapeAlias", "Roll", "Split", "SplitWithSizes", "Squeeze", "Unbind", "Unfold",
    "UnsafeSplit", "Unsqueeze", "Where",
}  # fmt: skip
"""Operations that leave the entries as they are, or nearly."""

OPERATIONS: Mapping[str, Rule] = {
    **dict.fromkeys(SHAPES, shapes.reshape),
    "Select": shapes.select,
    "Slice": shapes.cut,
    "Expand": shapes.expand,
    "UpsampleNearest2D": shapes.expand,
    "UpsampleBilinear2D": shapes.expand,
    "Cat": shapes.join,
    "Stack": shapes.join,
    "Mean": shapes.mean,
    "Sum": shapes.mean,
    "AvgPool2D": shapes.average_pool,
    "AvgPool3D": shapes.average_pool,
    "AdaptiveAvgPool2D": shapes.average_pool,
    "AdaptiveAvgPool3D": shapes.average_pool,
    "MaxPool2DWithIndices": shapes.largest_pool,
    "MaxPool3DWithIndices": shapes.largest_pool,
    "Add": arithmetic.add,
    "Sub": arithmetic.add,
    "Neg": arithmetic.negate,
    "Rsub": arithmetic.complement,
    "Mul": arithmetic.multiply,
    "Div": arithmetic.divide,
    "Glu": arithmetic.gated_linear,
    "Exp": arithmetic.exponential,
    "Pow": arithmetic.power,
    "Sqrt": arithmetic.root(0.5),
    "Rsqrt": arithmetic.root(-0.5),
    "Reciprocal": arithmetic.root(-1.0),
    "SafeSoftmax": attention.softmax,
    "Bmm": attention.product,
    "Baddbmm": attention.product,
    "Mm": attention.product,
}
"""By name of the operation, where it is no place."""


def rule_of(wiring: Wiring, vertex: int) -> Rule:
    """The rule of one operation; one without passes everything on and says so."""
    place = wiring.layout.places.get(vertex)
    if place is not None:
        return PLACES[place.kind]
    return OPERATIONS.get(wiring.graph.names[vertex], shapes.unknown)
