"""Rank tests by their definitions, day by day and with whole fractions, and rows on which to try them."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import polars as pl
from hypothesis import assume
from hypothesis import strategies as st

ARMS = ("control", "low", "high")
CAUSES = ("relapse", "death", None)
# Arm, entry, days until the end, cause, stratum; few days, so that ties abound, and a late entry on a day of events.
ROW = st.tuples(
    st.sampled_from(ARMS), st.integers(0, 4), st.integers(1, 6), st.sampled_from(CAUSES), st.sampled_from("fm")
)
LATE = st.lists(ROW, min_size=8, max_size=30)
START = st.lists(ROW.map(lambda row: (row[0], 0, row[2] - 1, *row[3:])), min_size=8, max_size=30)


def events(rows):
    end = [float(row[1] + row[2]) for row in rows]
    return pl.DataFrame(
        {
            "subject_id": [f"{i:03}" for i in range(len(rows))],
            "arm": pl.Series([row[0] for row in rows], dtype=pl.Enum(ARMS)),
            "entry": [float(row[1]) for row in rows],
            "left": end,
            "right": pl.Series([t if row[3] else None for t, row in zip(end, rows, strict=True)], dtype=pl.Float64),
            "cause": pl.Series([row[3] for row in rows], dtype=pl.String),
            "sex": [row[4] for row in rows],
        }
    )


def at_risk(rows, arm, t):
    return sum(row[0] == arm and (row[1] < t or row[1] == t == 0) and t <= row[1] + row[2] for row in rows)


def slow_log_rank(rows, weigh, strata):
    """Observed minus expected and their covariance by the definition, stratum by stratum and day by day."""
    difference, covariance = [Fraction(0)] * 3, [[Fraction(0)] * 3 for _ in ARMS]
    for sex in "fm" if strata else (None,):
        own = [row for row in rows if sex in (None, row[4])]
        before = shrunk = Fraction(1)
        for t in sorted({row[1] + row[2] for row in own if row[3]}):
            risk = [at_risk(own, arm, t) for arm in ARMS]
            died = [sum(row[0] == arm and row[3] is not None and row[1] + row[2] == t for row in own) for arm in ARMS]
            n, d = sum(risk), sum(died)
            w = weigh(n, d, before, shrunk)
            before, shrunk = before * (1 - Fraction(d, n)), shrunk * (1 - Fraction(d, n + 1))
            for g in range(3):
                difference[g] += w * (died[g] - Fraction(d * risk[g], n))
                for h in range(3):
                    shared = Fraction(risk[g], n) * ((g == h) - Fraction(risk[h], n))
                    covariance[g][h] += w * w * Fraction(d * (n - d), max(n - 1, 1)) * shared
    return np.array(difference, dtype=float), np.array(covariance, dtype=float)


def quadratic(difference, covariance):
    assume(np.linalg.matrix_rank(covariance, tol=1e-6 * np.abs(covariance).max()) == 2)
    assume(np.linalg.cond(covariance[1:, 1:]) < 1e4)
    return difference[1:] @ np.linalg.inv(covariance[1:, 1:]) @ difference[1:]


def slow_gray(rows, cause, rho):
    """Scores and covariance by the definition, with whole fractions; None once the common incidence has reached 1."""
    days = sorted({row[2] for row in rows if row[3]})
    arms = range(3)
    risk = {(g, t): at_risk(rows, ARMS[g], t) for g in arms for t in days}
    own = {(g, t): sum(r[0] == ARMS[g] and r[2] == t and r[3] == cause for r in rows) for g in arms for t in days}
    other = {
        (g, t): sum(r[0] == ARMS[g] and r[2] == t and r[3] not in (None, cause) for r in rows)
        for g in arms
        for t in days
    }
    s, incidence, common = [Fraction(1)] * 3, [Fraction(0)] * 3, Fraction(0)
    z, at = [Fraction(0)] * 3, []
    for t in days:
        inflated = [Fraction(risk[g, t]) / s[g] if risk[g, t] else Fraction(0) for g in arms]
        d, total = sum(own[g, t] for g in arms), sum(inflated)
        if common >= 1:
            return None
        weight, rise = (1 - common) ** rho, d / total
        sub = [inflated[g] * (1 - incidence[g]) for g in arms]
        for g in arms:
            z[g] += weight * (own[g, t] - d * sub[g] / sum(sub))
        a = [[weight * inflated[k] * ((k == r) - inflated[r] / total) for r in arms] for k in arms]
        step, before = rise / (1 - common), list(s)
        common += rise
        for g in arms:
            if risk[g, t]:
                incidence[g] += s[g] * own[g, t] / risk[g, t]
                s[g] *= 1 - Fraction(own[g, t] + other[g, t], risk[g, t])
        at.append((t, d, total, rise, step, a, before, list(s), common))
    return z, _slow_covariance(at, risk, other)


def _slow_covariance(at, risk, other):
    covariance = [[Fraction(0)] * 3 for _ in range(3)]
    for i, (t, d, total, rise, _, a, before, after, common) in enumerate(at):
        for r in range(3):
            y = risk[r, t]
            if not y:
                continue
            ahead = [sum((later[4] * later[5][k][r] for later in at[i + 1 :]), Fraction(0)) for k in range(3)]
            left = (1 - common) / after[r] if after[r] else Fraction(0)
            tied = 1 - (d - 1) / (total * before[r] - 1) if d > 1 else 1
            rare = 1 - Fraction(other[r, t] - 1, y - 1) if other[r, t] > 1 else 1
            h = [a[k][r] + (1 - left) * ahead[k] for k in range(3)]
            m = [left * ahead[k] for k in range(3)]
            v, u = max(tied, 0) * before[r] * rise / y, rare * (before[r] / y) ** 2 * other[r, t]
            for k in range(3):
                for j in range(3):
                    covariance[k][j] += h[k] * h[j] * v + m[k] * m[j] * u
    return covariance
