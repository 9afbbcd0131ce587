"""Arithmetic on logarithms of sizes, in which zero and nan are ordinary, under whatever a script told numpy."""

import sys
from contextlib import AbstractContextManager, nullcontext


def calm_numbers() -> AbstractContextManager[None]:
    """Within it numpy neither warns of infinite and undefined results nor raises, as `numpy.seterr` may have asked.

    Does not import numpy: where nobody has, there are no such numbers either.
    """
    numpy = sys.modules.get("numpy")
    return nullcontext() if numpy is None else numpy.errstate(all="ignore")
