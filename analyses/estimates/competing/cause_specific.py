"""Cox regressions of one cause at a time, events of the others censored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import polars as pl

from analyses.estimates.competing.causes import causes_of, require_cause
from analyses.estimates.event_faults import check_columns, refuse_faults
from analyses.estimates.regression.cox import cox
from analyses.estimates.regression.cox_model import Ties
from analyses.estimates.result import Estimates, together
from cohort.errors import EstimationError


def cause_specific(
    data: pl.DataFrame,
    formula: str,
    *,
    cause: str | None = None,
    strata: str | Sequence[str] | None = None,
    cluster: str | None = None,
    ties: Ties = "efron",
    frequency: str | None = None,
    case_weights: str | None = None,
    confidence: float = 0.95,
) -> Estimates:
    """Return cause-specific hazard ratios: how covariates move the rate of a cause among those free of every event.

    The rows are those of `cox`, with the cause as `criterion`: a block a cause, in the causes' own order, or the one
    that is asked for. Events of other causes end the time as a censoring does, on the same day. A hazard ratio of one
    cause says nothing alone about its cumulative incidence, which hangs on all causes: see `fine_gray`.

    `model` is the cause's `CoxModel` where one was asked for, and else a dictionary of a cause's own `Estimates` by
    cause, for tests and residuals. A cause that cannot be fitted (for too few events, say) is left out, and a note
    says why.

    Args:
        data: EVENTS joined with the covariates; late entry is allowed.
        formula: The right side of a formula: "arm + age + arm:sex".
        cause: The cause; None for each cause in turn.
        strata: As in `cox`, like all that follow.
        cluster: The column of what is independent.
        ties: The treatment of events of the cause on one day.
        frequency: A column that says how many equal rows each row stands for.
        case_weights: A column that says how much each row counts for.
        confidence: Coverage of the limits.

    Raises:
        EstimationError: The cause does not occur; `cox` cannot fit the cause that is asked for, or any.

    Sources: Prentice RL and others. Biometrics 1978;34:541-54.

    >>> days = [float(day) for day in range(1, 9)]
    >>> causes = ["relapse", "stop", "relapse", "stop", "relapse", "stop", "relapse", None]
    >>> data = pl.DataFrame({"subject_id": list("abcdefgh"), "entry": 0.0, "left": days, "cause": causes})
    >>> data = data.with_columns(pl.when(pl.col("cause").is_not_null()).then("left").alias("right"))
    >>> data = data.with_columns(dose=pl.Series([3, 1, 2, 3, 1, 1, 1, 1]))
    >>> found = cause_specific(data, "dose")
    >>> [round(found.value("hazard ratio", criterion=cause), 4) for cause in ("relapse", "stop")]
    [3.4749, 2.1029]
    """
    check_columns(data)
    refuse_faults(data)
    if cause is not None:
        require_cause(data, cause)
    fit = partial(
        cox,
        formula=formula,
        strata=strata,
        cluster=cluster,
        ties=ties,
        frequency=frequency,
        case_weights=case_weights,
        confidence=confidence,
    )
    parts: dict[str, Estimates] = {}
    notes: list[str] = []
    for one in causes_of(data) if cause is None else [cause]:
        try:
            fitted = fit(_alone(data, one))
            parts[one] = replace(fitted, frame=fitted.frame.with_columns(criterion=pl.lit(one)))
            notes += [f"{one}: {note}" for note in parts[one].notes]
        except EstimationError as error:
            notes.append(f"{one}: {error}")
    if not parts:
        raise EstimationError("; ".join(notes))
    method = f"{next(iter(parts.values())).method}, of each cause with the others censored"
    model = parts if cause is None else parts[cause].model
    return Estimates(together(list(parts.values())), method, tuple(notes), confidence, model)


def _alone(data: pl.DataFrame, cause: str) -> pl.DataFrame:
    own = (pl.col("cause").cast(pl.String) == cause).fill_null(False)
    return data.with_columns(pl.when(own).then("right").alias("right"), pl.when(own).then("cause").alias("cause"))
