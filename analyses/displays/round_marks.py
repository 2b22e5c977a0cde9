"""Round marks of an axis."""

from __future__ import annotations

import math


def round_marks(top: float) -> tuple[float, ...]:
    """Return at most six round marks from 0 to at least `top`.

    >>> round_marks(1.9)
    (0.0, 0.5, 1.0, 1.5, 2.0)
    """
    rough = max(top, 1e-9) / 5
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(times * power for times in (1, 2, 2.5, 5, 10) if times * power >= rough * (1 - 1e-9))
    return tuple(step * number for number in range(math.ceil(top / step - 1e-9) + 1))
