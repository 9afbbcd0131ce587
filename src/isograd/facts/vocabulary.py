"""The names of causes and remedies, fixed for all who read the findings file."""

CAUSES = (
    "saturating-activation", "init-too-small", "init-too-large", "depth", "recurrence-contracts",
    "recurrence-expands", "forget-gate", "learning-rate-too-high", "learning-rate-too-low", "input-scale",
    "target-scale", "no-normalisation", "normalisation-depth", "residual-scale", "attention-scale", "negative-bias",
    "dead-at-birth", "outlier-batch", "number-format", "undefined-operation", "detached", "zero-init",
    "rank-collapse", "weight-decay-too-large", "loss-form", "loss-reduction", "adversary", "clipping-too-tight",
    "data",
)  # fmt: skip
"""Every cause that a finding may name."""

REMEDIES = (
    "activation:relu", "activation:leaky-relu", "activation:elu", "activation:selu", "activation:gelu",
    "activation:silu", "activation:prelu", "activation:tanh", "init:xavier", "init:he", "init:lecun",
    "init:orthogonal", "init:lsuv", "init:identity-recurrent", "init:forget-bias", "init:chrono", "norm:batch",
    "norm:layer", "norm:rms", "norm:group", "norm:weight", "residual:skip", "residual:rezero", "residual:scale",
    "clip:value", "clip:norm", "clip:adaptive", "clip:auto", "clip:zscore", "recurrent:lstm", "recurrent:gru",
    "pretrain:dbn", "pretrain:autoencoder", "scale:input", "scale:target", "lr:lower", "lr:raise", "lr:warmup",
    "precision:loss-scale", "precision:bf16", "loss:stable",
)  # fmt: skip
"""Every remedy that a finding may name and that `isograd cure` may try."""
