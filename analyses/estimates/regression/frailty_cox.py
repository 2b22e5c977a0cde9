"""Proportional hazards regression with a frailty that the rows of a subject share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import polars as pl

from analyses.estimates.distributions import chi_square_p, normal_quantile
from analyses.estimates.groups import require_frame, text
from analyses.estimates.regression.cox_frame import coefficient_rows
from analyses.estimates.regression.cox_rows import UsableRows, empty_levels, events_of, usable_rows
from analyses.estimates.regression.design import Design, design, factor_levels, variables
from analyses.estimates.regression.frailty_fit import FrailtyFit, fit_frailty
from analyses.estimates.regression.frailty_model import FrailtyModel
from analyses.estimates.regression.sample import Sample
from analyses.estimates.result import Estimates, estimates_frame
from analyses.estimates.weighting import weighting
from cohort.errors import EstimationError

Row = dict[str, object]
TREATMENTS = {"efron": "Efron's", "breslow": "Breslow's"}
_CONDITIONAL = (
    "hazard ratios hold between times that share a frailty; between subjects taken at random the hazards differ less, "
    "and less and less as time goes on"
)


def frailty_cox(
    data: pl.DataFrame,
    formula: str,
    *,
    cluster: str = "subject_id",
    strata: str | Sequence[str] | None = None,
    ties: Literal["efron", "breslow"] = "efron",
    confidence: float = 0.95,
) -> Estimates:
    """Return hazard ratios given a frailty that multiplies all hazards of a cluster. Any cause counts as the event.

    The frailty has a gamma distribution of mean 1, and its variance is estimated: what of the hazard the covariates
    leave unexplained and the cluster's rows have in common. Rows "log hazard ratio" and "hazard ratio" as of `cox`, but
    given the frailty; "frailty variance" (standard error; profile likelihood limits, for it may be 0); "log likelihood"
    with the terms "no frailty" and "fitted"; "frailty chi-square", the likelihood ratio test of variance 0, whose p
    value is half that of a chi-square with 1 degree of freedom, for the variance cannot lie below (Self and Liang 1987;
    1 where the estimate is 0). `n` is the number of rows fitted, `events` that of events. `model` is a `FrailtyModel`
    with each cluster's posterior mean frailty (`frailties`).

    The likelihood is the marginal one: the frailties are integrated out and the baseline is the one of highest
    likelihood. It is written on the scale of the log partial likelihood, as R's coxph does ("I-likelihood"): without a
    frailty it is the Cox regression's. Standard errors come from its observed information of coefficients and log
    variance together, so that they allow for the variance being estimated (R's take it as known, and by default leave
    out how frailties of different subjects hang together). With Efron's treatment of ties the frailties are those whose
    expected events are Efron's; the likelihood is then marginal in name, as in R. At a variance of 0 all is as from
    `cox`.

    The frailty is gamma distributed on day 0 of the clock, for all clusters alike; a row tells of it from its `entry`
    on alone. Rows of a cluster that enter late are taken as if entering late told nothing of the frailty: where only
    those who had no event before could enter, the frail are lacking among them, and the variance is not that of day 0.

    Args:
        data: EVENTS joined with the covariates; a cluster may have several rows at a time, and rows after an event.
        formula: The right side of a formula: "arm + age".
        cluster: The column that names what shares a frailty.
        strata: A column or columns; each combination of values has a baseline hazard of its own.
        ties: Events on one day: "efron" or "breslow".
        confidence: Coverage of the limits.

    Raises:
        EstimationError: No cluster has more than one row; the variance grows without bound, or the likelihood is flat
            in it; ties="exact"; and as `cox`.

    Sources: Vaupel JW, Manton KG, Stallard E. Demography 1979;16:439-54; Nielsen GG, Gill RD, Andersen PK, Sørensen
    TIA. Scand J Stat 1992;19:25-43; Klein JP. Biometrics 1992;48:795-806; Therneau TM, Grambsch PM, Pankratz VS. J
    Comput Graph Stat 2003;12:156-75; Murphy SA, van der Vaart AW. J Am Stat Assoc 2000;95:449-65 (its profile);
    Self SG, Liang KY. J Am Stat Assoc 1987;82:605-10.

    >>> times = {"left": [1.0, 2, 3, 7, 8, 9, 4, 5, 6, 2.5], "x": [0, 1, 0, 1, 0, 0, 1, 0, 1, 1]}
    >>> events = pl.DataFrame({"subject_id": list("aaabbbcccd"), "entry": 0.0} | times)
    >>> found = frailty_cox(events.with_columns(right="left"), "x")
    >>> round(found.value("frailty variance"), 2), round(found.value("hazard ratio"), 2)
    (1.46, 1.81)
    """
    z = normal_quantile(confidence)
    if ties not in TREATMENTS:
        raise EstimationError(f"ties={ties!r} was asked for; with a frailty there are 'efron' and 'breslow'")
    require_frame(data, "the data")
    used = variables(formula, data.columns)
    within = [strata] if isinstance(strata, str) else list(strata or ())
    rows = usable_rows(data, used, strata=within, cluster=cluster, weights=weighting(data, None, None))
    factors = factor_levels(rows.frame, used)
    n, events = events_of(rows, factors)
    rows, number, names = _by_cluster(rows, cluster, [*used, *within])
    designed = design(rows.frame.select(used or ["left"]), formula, factors)
    sample = _sample(rows, designed, events)
    fitted = fit_frailty(sample, number, ties, z)
    found = coefficient_rows(designed.coefficients, fitted.coefficients, fitted.covariance, z) + _rows(fitted)
    frame = estimates_frame(row | {"n": n, "events": events} for row in found)
    model = FrailtyModel(formula, ties, designed, fitted, sample, rows.order, number, cluster, names, rows.strata)
    method = f"Cox regression on {formula} with a gamma frailty shared within {cluster} ({TREATMENTS[ties]} treatment "
    method += "of ties"
    method += f"; stratified by {', '.join(within)})" if within else ")"
    method += f", {100 * confidence:g}% Wald limits, of the variance by profile likelihood"
    notes = (*rows.notes, *empty_levels(rows.frame, factors), *_notes(fitted, n, cluster))
    return Estimates(frame, method, notes, confidence, model)


def _by_cluster(
    rows: UsableRows, cluster: str, names: Sequence[str]
) -> tuple[UsableRows, np.ndarray[tuple[int], np.dtype[np.int64]], tuple[str, ...]]:
    """Return the rows sorted by cluster and by all that is fitted, with the number of each row's cluster.

    Raises:
        EstimationError: No cluster has more than one row.
    """
    named = text(rows.frame[cluster]).alias("_cluster")
    keys = rows.frame.select(named, *dict.fromkeys([*names, "left", "entry", "right"]))
    place = keys.select(pl.arg_sort_by(keys.columns, nulls_last=True)).to_series()
    found = named.unique().sort()
    if len(found) == len(named):
        raise EstimationError(
            f"each of {len(found)} values of {cluster!r} has one row; a frailty is told from the hazard by what the "
            "rows of a cluster have in common: name another column, or use cox()"
        )
    number = (named.gather(place).rank("dense").cast(pl.Int64) - 1).to_numpy()
    chosen = place.to_numpy()
    stratum = rows.stratum[chosen] if len(rows.stratum) else rows.stratum
    ordered = UsableRows(
        *(rows.frame[chosen], rows.order[chosen], rows.weights, rows.strata, stratum, rows.cluster, rows.notes)
    )
    return ordered, number, tuple(found.to_list())


def _sample(rows: UsableRows, designed: Design, events: int) -> Sample:
    coefficients = len(designed.coefficients)
    if events < coefficients + 1:
        raise EstimationError(
            f"{events} events cannot carry {coefficients} coefficients and a frailty variance; shorten the formula"
        )
    names = tuple(coefficient.name for coefficient in designed.coefficients)
    return Sample(designed.matrix, names, rows.numbers("entry"), rows.numbers("left"), rows.event, rows.stratum)


def _rows(fitted: FrailtyFit) -> list[Row]:
    limits: Row = {"std_error": fitted.error, "conf_low": fitted.low, "conf_high": fitted.high}
    ratio = max(2 * (fitted.log_likelihood - fitted.log_likelihood_none), 0.0)
    p = chi_square_p(ratio, 1) / 2 if fitted.variance > 0 else 1.0
    return [
        {"statistic": "frailty variance", "estimate": fitted.variance} | limits,
        {"statistic": "log likelihood", "term": "no frailty", "estimate": fitted.log_likelihood_none},
        {"statistic": "log likelihood", "term": "fitted", "estimate": fitted.log_likelihood},
        {"statistic": "frailty chi-square", "estimate": ratio, "df": 1, "p_value": p},
    ]


def _notes(fitted: FrailtyFit, n: int, cluster: str) -> list[str]:
    several = int((fitted.events > 1).sum())
    notes = [f"{n} rows lie in {len(fitted.events)} clusters of {cluster}; {several} have more than one event"]
    if fitted.variance == 0:
        notes.append("no frailty variance above 0 is likelier than 0; hazard ratios are those of cox()")
    else:
        notes.append(_CONDITIONAL)
    if fitted.high is None:
        notes.append("the data set no upper limit to the frailty variance")
    if not several:
        notes.append(
            "no cluster has more than one event: the variance is told by how hazards fall along time without one, "
            "which is taken for the work of a gamma frailty"
        )
    return notes
