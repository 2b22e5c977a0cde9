"""Interval-censored times as EVENTS, and the slow ways to their most likely distribution."""

import numpy as np
import polars as pl

ARMS = pl.Enum(["A", "B"])
ARM = "arm"


def events(rows, arms=ARMS):
    """Return EVENTS of (left, right) or (left, right, arm); right None where the time is right-censored."""
    right = pl.Series([row[1] for row in rows], dtype=pl.Float64)
    return pl.DataFrame(
        {
            "subject_id": [f"{number:04}" for number in range(len(rows))],
            "event_no": 1,
            "entry": 0.0,
            "left": pl.Series([row[0] for row in rows], dtype=pl.Float64),
            "right": right,
            "cause": pl.select(pl.when(right.is_not_null()).then(pl.lit("remission"))).to_series(),
            "arm": pl.Series([row[2] if len(row) > 2 else "A" for row in rows], dtype=arms),
        }
    )


def ends(rows):
    """Return the ends as arrays; inf where right-censored."""
    return np.array([float(row[0]) for row in rows]), np.array([np.inf if row[1] is None else row[1] for row in rows])


def slow_support(rows):
    """Return Turnbull's intervals by looking at each pair of ends."""
    codes = [(2 * left + (left != right), np.inf if right is None else 2 * right) for left, right, *_ in rows]
    begins, stops = {a for a, _ in codes}, {b for _, b in codes}
    return sorted(
        (a, b)
        for a in begins
        for b in stops
        if a <= b and not any(a < other <= b for other in begins) and not any(a <= other < b for other in stops)
    )


def slow_masses(rows, steps=20_000):
    """Return the masses by Turnbull's self-consistency, one row at a time in a full table of who holds what."""
    cells = slow_support(rows)
    held = np.array(
        [
            [2 * left + (left != right) <= a and b <= (np.inf if right is None else 2 * right) for a, b in cells]
            for left, right, *_ in rows
        ],
        dtype=float,
    )
    mass = np.full(len(cells), 1 / len(cells))
    for _ in range(steps):
        following = (held * mass / (held @ mass)[:, None]).mean(axis=0)
        if np.abs(following - mass).max() < 1e-15:
            break
        mass = following
    return mass, float(np.log(held @ mass).sum())
