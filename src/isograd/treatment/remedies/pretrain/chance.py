"""Random numbers of pre-training: its own, so that the training that follows draws what it would have drawn anyway."""

import torch

_APART = 0x5EED_0DB2  # so that the numbers are not those that the model's own weights were made of


def own_generator(seed: int | None, device: torch.device) -> torch.Generator:
    """A generator that takes nothing from torch's own.

    Args:
        seed: Of the generator; None to follow the seed that torch was last given (`torch.manual_seed`), so that another
            seed of the training is another pre-training, too.
        device: Where numbers are drawn.

    >>> before = torch.get_rng_state()
    >>> _ = torch.rand(3, generator=own_generator(None, torch.device("cpu")))
    >>> torch.equal(before, torch.get_rng_state())
    True
    """
    value = (torch.initial_seed() + _APART) % (1 << 63) if seed is None else seed
    return torch.Generator(device=device).manual_seed(value)
