"""Seeds of a trial: which of the program's random numbers change with `Order.seed`, and which never do.

Seed 0 is the program as the user runs it: what it seeds stays. What it does not seed starts the same in every trial,
so that arms can be compared: torch from its own default, `random` and `numpy.random` from a fixed number, and string
hashes by `PYTHONHASHSEED=0` unless that is set.

Seed k > 0 adds a fixed multiple of k to every seed that the program or a library gives to `torch.manual_seed`,
`torch.cuda.manual_seed(_all)`, `random.seed` and `numpy.random.seed`, and to what is not seeded at all. A generator
that a `DataLoader` or a random sampler is given is seeded anew when that is made, so that the order of the data
changes. Generators of the program's own that do something else stay as they are, `numpy.random.default_rng`,
`RandomState`, a `random_state=` of scikit-learn and `torch.Generator` in `random_split` among them: they cut the data
into training and test, and that should not change.

Trials of the same seed start from the same numbers and share the order of the data as far as the program's own numbers
reach: a remedy that draws initial weights from torch's global generator moves what is drawn after it, as the same lines
in the user's source would. Effects are therefore judged over several seeds.
"""

import sys
from collections.abc import Callable
from functools import wraps
from typing import Any

from isograd.observation.arming import after_import

STRIDE = 1_000_003
RESEED = 10_007
"""What the seed of a `reseed` arm adds to that of its pair."""
_UNSEEDED = 20_240_229
_FROM_WITHIN = ("torch", "numpy", "isograd")
"""Libraries that seed on their own account, e.g. for workers from the seed that they were given."""


class Seeds:
    """Shifts seeds for the rest of the process.

    Args:
        seed: `Order.seed`.
    """

    def __init__(self, seed: int) -> None:
        self.called: set[str] = set()
        """Names of the seeding functions that the program called."""
        self._seed = seed

    def start(self) -> None:
        """Before the program: Python's own generator now, the others when they are imported."""
        import random

        random.seed(self.shifted(_UNSEEDED))
        self._around(random, "seed", "random.seed")
        after_import("numpy", self._numpy)

    def after_torch(self) -> None:
        """When torch has just been imported."""
        import torch
        from torch.utils.data import DataLoader, RandomSampler

        torch.default_generator.manual_seed(self.shifted(torch.default_generator.initial_seed()))
        self._around(torch, "manual_seed", "torch.manual_seed")
        torch.random.manual_seed = torch.manual_seed
        self._around(torch.cuda, "manual_seed", "torch.cuda.manual_seed")
        self._around(torch.cuda, "manual_seed_all", "torch.cuda.manual_seed_all")
        if self._seed:
            self._around_generator(DataLoader)
            self._around_generator(RandomSampler)

    def shifted(self, seed: Any) -> Any:
        """What a seed becomes; anything but a whole number stays.

        >>> Seeds(0).shifted(42), Seeds(2).shifted(0), Seeds(1).shifted(None)
        (42, 2000006, None)
        """
        if isinstance(seed, bool) or not hasattr(type(seed), "__index__") or not self._seed:
            return seed
        moved = int(seed) + STRIDE * self._seed
        return moved % (1 << 32) if 0 <= int(seed) < 1 << 32 else moved % (1 << 63)

    def _numpy(self) -> None:
        import numpy as np

        np.random.seed(self.shifted(_UNSEEDED))
        self._around(np.random, "seed", "numpy.random.seed")

    def _around(self, module: Any, name: str, called: str) -> None:
        original: Callable[..., Any] = getattr(module, name)

        @wraps(original)
        def seeding(*args: Any, **kwargs: Any) -> Any:
            if _on_its_own_account():
                return original(*args, **kwargs)
            self.called.add(called)
            kwargs = {key: self.shifted(value) if key in ("seed", "a") else value for key, value in kwargs.items()}
            return original(*map(self.shifted, args[:1]), *args[1:], **kwargs)

        setattr(module, name, seeding)

    def _around_generator(self, kind: Any) -> None:
        """Seeds anew the generator that orders data."""
        original = kind.__init__

        @wraps(original)
        def init(instance: Any, *args: Any, **kwargs: Any) -> None:
            generator = kwargs.get("generator")
            if generator is not None and not _on_its_own_account():
                generator.manual_seed(self.shifted(generator.initial_seed()))
            original(instance, *args, **kwargs)

        kind.__init__ = init


def _on_its_own_account() -> bool:
    """Whether the caller of a wrapper belongs to a library that seeds for its own purposes."""
    name = str(sys._getframe(2).f_globals.get("__name__", ""))
    return name.partition(".")[0] in _FROM_WITHIN
