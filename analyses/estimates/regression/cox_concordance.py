"""How often a Cox regression orders the times of two subjects rightly, with its error."""

from __future__ import annotations

from analyses.estimates.distributions import normal_quantile
from analyses.estimates.regression.concordance import concordance as concordance_of
from analyses.estimates.regression.fitted_cox import cox_model
from analyses.estimates.regression.risk_sets import frequencies
from analyses.estimates.result import Estimates, estimates_frame
from cohort.errors import EstimationError


def concordance(fit: Estimates, *, confidence: float = 0.95) -> Estimates:
    """Return Harrell's C of a Cox regression with its standard error.

    Rows "concordance" (with the infinitesimal jackknife's standard error and normal limits cut at 0 and 1), and "pairs"
    with the terms "concordant", "discordant" and "tied": of the pairs within a stratum in which one has the event while
    the other is under observation, those in which the higher hazard, the lower hazard, and neither has it first. Two
    events on one day are no such pair, an event and a censoring on one day are. With weights a pair counts for the
    product of its two. The rows that it predicts are those that it was fitted to.

    Args:
        fit: What `cox` returned.
        confidence: Coverage of the limits.

    Raises:
        EstimationError: `fit` is not a Cox regression, or no pair can be ordered.

    Sources: Harrell FE, Califf RM, Pryor DB, et al. JAMA 1982;247:2543-6; Therneau TM, Watson DA. The concordance
    statistic and the Cox model. Mayo Clinic Technical Report 85, 2017.
    """
    z = normal_quantile(confidence)
    model = cox_model(fit, "concordance()", exact=True)
    sample = model.sample
    found = concordance_of(sample, (sample.matrix * model.coefficients).sum(axis=1))
    if found is None or found.std_error is None:
        raise EstimationError(
            f"0 pairs among {len(sample.time)} rows can be ordered; one must have the event while another is observed"
        )
    limits = {"conf_low": max(0.0, found.value - z * found.std_error)}
    limits["conf_high"] = min(1.0, found.value + z * found.std_error)
    rows: list[dict[str, object]] = [
        {"statistic": "concordance", "estimate": found.value, "std_error": found.std_error, **limits}
    ]
    pairs = {"concordant": found.concordant, "discordant": found.discordant, "tied": found.tied}
    rows += [{"statistic": "pairs", "term": term, "estimate": number} for term, number in pairs.items()]
    frequency = frequencies(sample)
    counts = {"n": round(frequency.sum()), "events": round(frequency[sample.event].sum())}
    method = f"Harrell's concordance of the Cox regression on {model.formula}, {100 * confidence:g}% limits"
    return Estimates(estimates_frame(row | counts for row in rows), method, (), confidence)
