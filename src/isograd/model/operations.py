"""What isograd knows of autograd's operations: which contract data with a weight, which normalise, which activate.

Names are those of autograd nodes without `Backward` and number, e.g. `AddmmBackward0` is `Addmm`.
"""

import re
from dataclasses import dataclass
from typing import Literal

_SUFFIX = re.compile(r"Backward(AutogradNestedTensor)?\d*$")

LEAF = "AccumulateGrad"
"""The node at which a gradient ends in a parameter."""


def operation_name(node_name: str) -> str:
    """The operation behind an autograd node's name.

    >>> operation_name("AddmmBackward0"), operation_name("torch::autograd::AccumulateGrad")
    ('Addmm', 'AccumulateGrad')
    """
    return _SUFFIX.sub("", node_name.rsplit("::", 1)[-1])


@dataclass(frozen=True)
class Contraction:
    """An operation that sums products of data and a weight."""

    data_slots: tuple[int, ...]
    """Inputs that may carry the data; where two are given, the one that is no parameter does."""
    weight_only_is_site: bool
    """True if it counts as a layer even where its data input is made of parameters alone."""
    saved_input: tuple[str, ...]
    """Attributes that hold the saved inputs, in the order of `data_slots`."""


CONTRACTIONS: dict[str, Contraction] = {
    "Addmm": Contraction((1, 2), True, ("_saved_mat1", "_saved_mat2")),
    "Mm": Contraction((0, 1), False, ("_saved_self", "_saved_mat2")),
    "Mv": Contraction((0, 1), False, ("_saved_self", "_saved_vec")),
    "Addmv": Contraction((1, 2), False, ("_saved_mat", "_saved_vec")),
    "Dot": Contraction((0, 1), False, ("_saved_self", "_saved_tensor")),
    "Bmm": Contraction((0, 1), False, ("_saved_self", "_saved_mat2")),
    "Baddbmm": Contraction((1, 2), False, ("_saved_batch1", "_saved_batch2")),
    "Linear": Contraction((0,), True, ("_saved_input",)),
    "MkldnnLinear": Contraction((0,), True, ("_saved_input",)),
    "Convolution": Contraction((0,), True, ("_saved_input",)),
    "ConvolutionOverrideable": Contraction((0,), True, ("_saved_input",)),
    "CudnnConvolution": Contraction((0,), True, ("_saved_self",)),
    "MkldnnConvolution": Contraction((0,), True, ("_saved_self",)),
    "Trilinear": Contraction((0, 2), True, ("_saved_i1", "_saved_i3")),
}
"""Operations that make a `weight` site."""

EMBEDDINGS = frozenset({"Embedding", "EmbeddingBag", "IndexSelect"})
"""Operations that look rows of a weight up."""
LOOKUP = "Index"
"""`table[index]`: the same where the table is a parameter as it stands."""

FUSED_RECURRENT = frozenset({"MkldnnRnnLayer", "CudnnRnn", "MiopenRnn"})
"""Whole recurrent layers in one operation."""

NORMALISATIONS = frozenset(
    {
        "NativeBatchNorm",
        "CudnnBatchNorm",
        "MiopenBatchNorm",
        "NativeLayerNorm",
        "NativeGroupNorm",
        "FusedRmsNorm",
        "BatchNormImpl",
    }
)
"""Operations that normalise; their data is input 0."""

SUMS = frozenset({"Add", "Sub", "Cat", "Addcmul"})
"""Operations at which branches join."""

PARAMETER_PATH = frozenset({"T", "Transpose", "Permute", "View", "UnsafeView", "ToCopy", "Alias", "Reshape", "Expand"})
"""What a weight may pass on its way to a contraction without being computed with."""

SHAPES = PARAMETER_PATH | {
    "Squeeze", "Unsqueeze", "Clone", "Slice", "Select", "Narrow", "Cat", "Stack", "Unbind", "Split", "UnsafeSplit",
    "SplitWithSizes", "UnsafeSplitWithSizes", "Index", "IndexSelect", "AsStrided",
}  # fmt: skip
"""Operations that cut, join or reshape and compute nothing."""


Saved = Literal["result", "self"]


@dataclass(frozen=True)
class Activation:
    """An elementwise nonlinearity."""

    name: str
    """The name it has in torch.nn, lower case."""
    saved: str
    """Attribute of the node that holds its result or its input."""
    holds: Saved
    """What that attribute holds."""
    largest_slope: float
    """max |phi'|."""


ACTIVATIONS: dict[str, Activation] = {
    "Sigmoid": Activation("sigmoid", "_saved_result", "result", 0.25),
    "Tanh": Activation("tanh", "_saved_result", "result", 1.0),
    "Relu": Activation("relu", "_saved_result", "result", 1.0),
    "LeakyRelu": Activation("leaky-relu", "_saved_self", "self", 1.0),
    "RreluWithNoise": Activation("rrelu", "_saved_self", "self", 1.0),
    "PreluKernel": Activation("prelu", "_saved_self", "self", 1.0),
    "Elu": Activation("elu", "_saved_self", "self", 1.0),
    "Celu": Activation("celu", "_saved_self", "self", 1.0),
    "Gelu": Activation("gelu", "_saved_self", "self", 1.128904145),
    "Silu": Activation("silu", "_saved_self", "self", 1.099839320),
    "Mish": Activation("mish", "_saved_self", "self", 1.088499559),
    "Softplus": Activation("softplus", "_saved_self", "self", 1.0),
    "LogSigmoid": Activation("log-sigmoid", "_saved_self", "self", 1.0),
    "Hardtanh": Activation("hardtanh", "_saved_self", "self", 1.0),
    "Hardsigmoid": Activation("hardsigmoid", "_saved_self", "self", 1 / 6),
    "Hardswish": Activation("hardswish", "_saved_self", "self", 1.5),
    "Threshold": Activation("relu", "_saved_self", "self", 1.0),
    "ClampMin": Activation("relu", "_saved_self", "self", 1.0),
    "Clamp": Activation("clamp", "_saved_self", "self", 1.0),
    "Softshrink": Activation("softshrink", "_saved_self", "self", 1.0),
    "Hardshrink": Activation("hardshrink", "_saved_self", "self", 1.0),
    "Erf": Activation("erf", "_saved_self", "self", 1.128379167),
    "Sin": Activation("sin", "_saved_self", "self", 1.0),
}
"""Elementwise activations by operation."""

RISKY = (
    "Sqrt", "Rsqrt", "Log", "Log2", "Log10", "Log1P", "Acos", "Asin", "Atanh", "Norm", "Reciprocal", "Std", "Cdist",
    "LinalgInvEx", "Prod", "CtcLoss", "Div", "Pow", "Exp", "Logsumexp", "Tan", "Var", "Softmax", "LogSoftmax",
    "BinaryCrossEntropy", "LinalgVectorNorm",
)  # fmt: skip
"""Operations whose value or derivative can be undefined or infinite for finite input, the likeliest culprits first."""
