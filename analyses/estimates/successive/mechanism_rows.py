"""The rows and notes of fitted models of success after failures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from analyses.estimates.distributions import chi_square_p, normal_quantile
from analyses.estimates.proportions import wilson
from analyses.estimates.successive.failure_counts import FailureCounts
from analyses.estimates.successive.fitting import Fit, Target, fit, profile_limits
from analyses.estimates.successive.frailty_course import Ints
from analyses.estimates.successive.models import FRAILTIES

Row = dict[str, object]
Limits = tuple[float | None, float | None]

# With more counts than this, which only many patterns of covariates make, a profile takes minutes.
_MANY = 1000

FITS = 0.05
"""A model fits where Pearson's p value is not below this."""


@dataclass(frozen=True, eq=False)
class Pair:
    """A form of frailty, without and with dependence, fitted to the same counts."""

    frailty: Fit
    full: Fit

    @property
    def chi_square(self) -> float:
        """The likelihood ratio statistic of dependence given frailty."""
        return max(0.0, 2 * (self.full.log_likelihood - self.frailty.log_likelihood))

    @property
    def df(self) -> int:
        """1; 2 where frailty alone is fitted as none, since both may then move: a bound that holds the test's level."""
        return 2 if self.frailty.alike else 1

    @property
    def p_value(self) -> float:
        """The p value of dependence given frailty."""
        return chi_square_p(self.chi_square, self.df)


def pairs_of(counts: FailureCounts) -> list[Pair]:
    """Return the forms of frailty; none where dependence cannot be fitted beside them (three numbers of failures)."""
    if len(counts.failures) < 3:
        return []
    return [Pair(fit(frailty, counts), fit(full, counts)) for frailty, full in FRAILTIES]


def observed_rows(counts: FailureCounts, z: float) -> list[Row]:
    """Return the observed chances, with Wilson's limits."""
    rows: list[Row] = []
    for failures, met, n in zip(counts.failures, counts.met, counts.counted, strict=True):
        low, high = wilson(int(met), int(n), z)
        named: Row = {"statistic": "observed chance", "group": str(failures + 1), "n": int(n), "events": int(met)}
        rows.append(named | {"estimate": met / n, "conf_low": low, "conf_high": high})
    return rows


def fitted_rows(found: Fit, failures: Ints, statistic: str, z: float) -> list[Row]:
    """Return the chances that a model gives, with limits by the delta method on the logit."""
    rows: list[Row] = []
    seen = {int(m): i for i, m in enumerate(found.counts.failures)}
    errors = found.std_errors(lambda theta: found.model.chances(theta, failures))
    for m, chance, error in zip(failures.tolist(), found.chances(failures).tolist(), errors, strict=True):
        low, high = scaled_limits(chance, error, "logit", z)
        n, events = (int(part[seen[m]]) if m in seen else 0 for part in (found.counts.counted, found.counts.met))
        named: Row = {"statistic": statistic, "term": found.model.name, "group": str(m + 1), "n": n, "events": events}
        rows.append(named | {"estimate": chance, "std_error": error, "conf_low": low, "conf_high": high})
    return rows


def fit_rows(found: Fit) -> list[Row]:
    """Return the log-likelihood, AIC and Pearson's chi-square of a fit."""
    x2, p = found.pearson()
    named: Row = {"term": found.model.name, "n": int(found.counts.counted.sum()), "events": int(found.counts.met.sum())}
    return [
        named | {"statistic": "log likelihood", "estimate": found.log_likelihood, "df": len(found.theta)},
        named | {"statistic": "AIC", "estimate": found.aic},
        named | {"statistic": "Pearson chi-square", "estimate": x2, "df": found.df, "p_value": p},
    ]


def parameter_rows(found: Fit, level: float) -> list[Row]:
    """Return what a model reports of its parameters; null where a number is infinite or does not exist."""
    rows: list[Row] = []
    with np.errstate(all="ignore"):
        values = found.model.report(found.theta)
    for i, (reported, value) in enumerate(zip(found.model.reported, values.tolist(), strict=True)):
        named: Row = {"statistic": reported.name, "term": found.model.name}
        if not np.isfinite(value):
            rows.append(named | {"estimate": None})
            continue
        error = found.std_error(_reports(found, i))
        low, high = _parameter_limits(found, i, (value, error), level)
        rows.append(named | {"estimate": value, "std_error": error, "conf_low": low, "conf_high": high})
    return rows


def _reports(found: Fit, i: int) -> Target:
    return lambda theta: float(found.model.report(theta)[i])


def _parameter_limits(found: Fit, i: int, estimate: tuple[float, float | None], level: float) -> Limits:
    reported = found.model.reported[i]
    # Beside frailty the likelihood of the dependence is skewed; alone it is not.
    beside_frailty = "frailty" in found.model.name and len(found.counts.failures) <= _MANY
    if reported.name == "dependence" and beside_frailty:
        return profile_limits(found, _reports(found, i), level, (found.model.low[2], found.model.high[2]))
    return scaled_limits(*estimate, reported.scale, normal_quantile(level))


def scaled_limits(value: float, error: float | None, scale: str, z: float) -> Limits:
    """Return estimate -+ z standard errors on a scale ("identity", "log", "logit"); none without an error."""
    if error is None or (scale != "identity" and value <= 0) or (scale == "logit" and value >= 1):
        return None, None
    if scale == "identity":
        return value - z * error, value + z * error
    if scale == "log":
        half = z * error / value
        # Limits that are e^100 times apart say only that there are none.
        return (None, None) if half > 50 else (float(value / np.exp(half)), float(value * np.exp(half)))
    half, middle = z * error / (value * (1 - value)), np.log(value) - np.log1p(-value)
    low, high = 1 / (1 + np.exp(np.minimum(half - middle, 700.0))), 1 / (1 + np.exp(np.minimum(-half - middle, 700.0)))
    return float(low), float(high)


def fits_well(found: Fit) -> bool:
    """Return whether Pearson's test can be made and does not speak against a model."""
    p = found.pearson()[1]
    return p is not None and p >= FITS


def dependence_rows(pair: Pair) -> list[Row]:
    """Return the likelihood ratio test of dependence given frailty, where the fuller model itself fits."""
    if not fits_well(pair.full):
        return []
    named: Row = {"term": pair.full.model.name, "reference": pair.frailty.model.name}
    test = {"estimate": pair.chi_square, "df": pair.df, "p_value": pair.p_value}
    return [named | {"statistic": "likelihood ratio chi-square"} | test]


def dependence_notes(pair: Pair) -> Iterable[str]:
    """Return why the test is not reported, or what it does not hold at the edge."""
    name, (x2, p) = pair.full.model.name, pair.full.pearson()
    if p is None:
        yield (
            f"{name}: as many parameters as numbers of failures, so that it fits whatever happened; no test of "
            "dependence is reported, and the selection share rests on the form of the frailty alone"
        )
    elif p < FITS:
        yield (
            f"{name}: does not fit (Pearson chi-square {x2:.1f}, df {pair.full.df}, p = {p:.2g}); no test of "
            "dependence is reported, and its selection share describes a model that the data contradict"
        )
    elif pair.frailty.alike:
        yield (
            f"{name}: frailty alone is fitted as none, at the edge of its range; the test then has 2 degrees of "
            "freedom and holds its level (its p value is an upper bound)"
        )


def edge_notes(fits: Sequence[Fit]) -> Iterable[str]:
    """Return which models were fitted at the edge of what they can be, where their errors do not hold."""
    for found in fits:
        if found.at_edge:
            yield f"{found.model.name}: a parameter runs to the edge of its range; no errors and no limits"
        elif found.alike:
            yield f"{found.model.name}: fitted with no frailty (subjects alike, a and b infinite); errors hold that"
