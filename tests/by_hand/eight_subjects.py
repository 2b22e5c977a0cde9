"""Eight subjects in two arms, whose curves are worked by hand.

A: died day 2, died day 5, censored day 5, censored day 7.   B: died day 2, died day 4, censored day 6, died day 9.
"""

from __future__ import annotations

import math
from fractions import Fraction

import polars as pl

from analyses.estimates.distributions import normal_quantile

ROWS = [("A", 2, 1), ("A", 5, 1), ("A", 5, 0), ("A", 7, 0), ("B", 2, 1), ("B", 4, 1), ("B", 6, 0), ("B", 9, 1)]
Z = normal_quantile(0.95)


def events(rows=ROWS, arms=("A", "B"), **columns):
    ended = [float(time) if seen else None for _, time, seen in rows]
    return pl.DataFrame(
        {
            "subject_id": [f"{i:02}" for i in range(len(rows))],
            "arm": pl.Series([arm for arm, _, _ in rows], dtype=pl.Enum(arms)),
            "entry": 0.0,
            "left": [float(time) for _, time, _ in rows],
            "right": pl.Series(ended, dtype=pl.Float64),
        }
        | columns
    )


EIGHT = events()
# At day 4: S = 3/4 in A and 1/2 in B, Greenwood's sums 1/12 and 1/12 + 1/6.
S4, G4 = {"A": Fraction(3, 4), "B": Fraction(1, 2)}, {"A": Fraction(1, 12), "B": Fraction(1, 4)}
SCALES = {
    "plain": (lambda s: s, lambda s: 1.0),
    "log": (math.log, lambda s: 1 / s),
    "log-log": (lambda s: math.log(-math.log(s)), lambda s: 1 / (s * math.log(s))),
    "arcsine": (lambda s: math.asin(math.sqrt(s)), lambda s: 0.5 / math.sqrt(s * (1 - s))),
    "logit": (lambda s: math.log(s / (1 - s)), lambda s: 1 / (s * (1 - s))),
}
