"""The cumulative incidence that a regression on the subdistribution hazard foretells for given covariates."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import polars as pl

from analyses.estimates.competing.fine_gray import FineGrayModel
from analyses.estimates.competing.subdistribution_hazard import SubdistributionHazard, subdistribution_hazard
from analyses.estimates.distributions import normal_quantile
from analyses.estimates.groups import require_frame, text
from analyses.estimates.regression.coding import coded
from analyses.estimates.regression.design import variables
from analyses.estimates.result import Estimates, estimates_of
from analyses.estimates.survival.curve_rows import check_times
from analyses.estimates.tally import Floats
from cohort.errors import EstimationError, some

LABEL = "profile"
Block = dict[str, object]

# The logarithm of a hazard's limit over the hazard, beyond which there is no number.
_FARTHEST = 700.0


def predicted_incidence(
    fit: Estimates, profiles: pl.DataFrame, *, times: Sequence[float] = (), confidence: float = 0.95
) -> Estimates:
    """Return the cumulative incidence of a Fine-Gray regression's cause for given covariates.

    Rows "cumulative incidence curve" at day 0 and each day with an event of the cause, and "cumulative incidence" at
    `times`, with the cause as `term` and `criterion` and the profile as `group`: 1 - exp(-H(t)), H the cumulative
    subdistribution hazard, as predict gives it for R's cmprsk::crr. Standard errors are robust and allow for the
    coefficients, the hazard and (with the convention "Fine-Gray") the weights being estimated; limits are symmetric on
    the scale of log H. Null after the last observed day; both limits are 0 where the incidence is 0.

    The group is named by the column "profile" where there is one, else by the values: "arm=LTG, age=40".

    Args:
        fit: What `fine_gray` returned.
        profiles: One line a profile, with the formula's variables.
        times: Days at which to report.
        confidence: Coverage of the pointwise limits.

    Raises:
        EstimationError: `fit` is not a Fine-Gray regression; profiles lack a variable, repeat a name or have a level
            that was not fitted; a time is out of range.

    Sources: Fine JP, Gray RJ. J Am Stat Assoc 1999;94:496-509.

    >>> from analyses.estimates.competing.fine_gray import fine_gray
    >>> days = [float(day) for day in range(1, 9)]
    >>> causes = ["relapse", "stop", "relapse", None, "relapse", "stop", "relapse", None]
    >>> data = pl.DataFrame({"subject_id": list("abcdefgh"), "entry": 0.0, "left": days, "cause": causes})
    >>> data = data.with_columns(pl.when(pl.col("cause").is_not_null()).then("left").alias("right"))
    >>> fit = fine_gray(data.with_columns(dose=pl.Series([3, 1, 2, 2, 1, 3, 1, 1])), "dose", cause="relapse")
    >>> found = predicted_incidence(fit, pl.DataFrame({"dose": [1, 3]}), times=[5])
    >>> [round(found.value("cumulative incidence", group=group), 3) for group in ("dose=1", "dose=3")]
    [0.333, 0.49]
    """
    z = normal_quantile(confidence)
    model = fit.model if isinstance(fit, Estimates) else None
    if not isinstance(model, FineGrayModel):
        raise EstimationError("predicted_incidence() reads what fine_gray returned; this is another estimate")
    asked = check_times(times)
    names, matrix = _names(model, profiles), coded(model.design, profiles) - model.fit.centre
    known = model.convention == "weighted Cox"
    base = subdistribution_hazard(model.fit, model.clusters, known_weights=known)
    last = float(model.fit.likelihood.sample.time[-1])
    blocks: list[Block] = []
    for name, row in zip(names, matrix, strict=True):
        named: Block = {"criterion": model.cause, "term": model.cause, "group": name}
        for statistic, days in (("cumulative incidence curve", base.day), ("cumulative incidence", asked)):
            numbers = _incidence(base, model, row, np.where(days <= last, days, np.nan), z)
            blocks.append(named | {"statistic": statistic, "at": days} | numbers)
    method = (
        f"Cumulative incidence of {model.cause} from the Fine-Gray regression on {model.formula}, "
        f"{100 * confidence:g}% robust limits on the scale of the log cumulative hazard"
    )
    return Estimates(estimates_of(blocks), method, (), confidence, model)


def _incidence(base: SubdistributionHazard, model: FineGrayModel, row: Floats, days: Floats, z: float) -> Block:
    place = np.searchsorted(base.day, days, side="right") - 1
    hazard = base.hazard[place]
    with np.errstate(over="ignore"):
        ratio = float(np.exp(row @ model.coefficients))
    spread = base.variance[place] + 2 * hazard * (base.shared[place] @ row)
    spread = np.sqrt(np.maximum(spread + hazard**2 * float(row @ model.covariance @ row), 0.0))
    relative = np.divide(spread, hazard, out=np.zeros(len(days)), where=hazard > 0)
    if not 0 < ratio < math.inf or (z * relative[np.isfinite(relative)] > _FARTHEST).any():
        raise EstimationError(
            "a line of covariates lies so far from the data that its hazard is no finite number; ask within the data"
        )
    found = {step: -np.expm1(-ratio * hazard * np.exp(step * relative)) for step in (0.0, -z, z)}
    values = {
        "estimate": found[0.0],
        "std_error": np.exp(-ratio * hazard) * ratio * spread,
        "conf_low": found[-z],
        "conf_high": found[z],
    }
    return {name: np.where(np.isnan(days), np.nan, numbers) for name, numbers in values.items()}


def _names(model: FineGrayModel, profiles: pl.DataFrame) -> list[str]:
    require_frame(profiles, "profiles")
    if not profiles.height:
        raise EstimationError("0 profiles were given; give one line of covariates or more")
    if LABEL in profiles.columns:
        names = text(profiles[LABEL]).to_list()
    else:
        used = variables(model.formula, profiles.columns)
        names = [
            ", ".join(
                f"{name}={value:g}" if isinstance(value, float) else f"{name}={value}" for name, value in row.items()
            )
            for row in profiles.select(name for name in profiles.columns if name in used).rows(named=True)
        ]
    doubled = sorted({str(name) for name in names if name is None or names.count(name) > 1})
    if doubled:
        raise EstimationError(
            f"{len(doubled)} names of profiles stand more than once or are empty: {some(doubled)}; give each line "
            f"another name in the column {LABEL!r}"
        )
    return names
