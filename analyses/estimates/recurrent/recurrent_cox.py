"""Hazards of events that repeat, explained by covariates."""

from __future__ import annotations

from typing import Any, Literal, get_args

import polars as pl

from analyses.estimates.competing.causes import require_cause
from analyses.estimates.distributions import normal_quantile
from analyses.estimates.groups import require
from analyses.estimates.recurrent.event_effects import by_event, naive_rows, spread
from analyses.estimates.recurrent.event_layouts import Model, lay_out
from analyses.estimates.regression.cox import cox
from analyses.estimates.regression.design import variables
from analyses.estimates.result import Estimates, estimates_frame
from cohort.errors import EstimationError, some

Effects = Literal["common", "by event"]
_ONE_STRATUM = "Andersen-Gill"


def recurrent(
    data: pl.DataFrame,
    formula: str,
    *,
    model: Model = "Andersen-Gill",
    effects: Effects = "common",
    cause: str | None = None,
    max_events: int | None = None,
    last: int | None = None,
    cluster: str = "subject_id",
    ties: Literal["efron", "breslow"] = "efron",
    confidence: float = 0.95,
) -> Estimates:
    """Return hazard ratios of events that repeat, with errors that allow for a subject's events hanging together.

    "Andersen-Gill": every event has the same hazard, whatever came before. "Prentice-Williams-Peterson total time":
    only who had the event before is at risk of the next, days counted from the start, each event number with a baseline
    of its own. "Prentice-Williams-Peterson gap time": the same, days counted from the event before.
    "Wei-Lin-Weissfeld": for each event number a model of the time from the start, everybody being at risk of all of
    them from the start.

    Rows "log hazard ratio" and "hazard ratio" as of `cox`, with robust errors (Lin and Wei) by subject; "naive standard
    error" for each coefficient (the inverse information, which takes all rows as independent: for comparison alone);
    "log likelihood" and "Wald chi-square". With effects="by event" a coefficient has a row for each event number, its
    `term` being "arm, event 2"; then for each covariate the "global chi-square" (no effect on any event), the
    "homogeneity chi-square" (one effect on all events), and the "average log hazard ratio" and "average hazard ratio",
    weighted so that their error is least. `n` is the number of rows fitted. `model` is the `CoxModel`; with effects by
    event its columns are named "column1event2".

    Args:
        data: EVENTS with covariates, one row for each stretch up to an event or to the end of observation; `event_no`
            is counted where it is not there.
        formula: The right side of a formula: "arm + age".
        model: One of the four.
        effects: "common" to all events, or "by event" (not with Andersen-Gill, which knows no event numbers).
        cause: The cause that is the event; others end a row as censoring does. None: any cause is the event.
        max_events: A subject is followed up to its event of this number, and no further.
        last: Prentice-Williams-Peterson: event numbers from this one on share a baseline. Wei-Lin-Weissfeld: no more
            event numbers than this. Late events of few subjects need it.
        cluster: The column of what is independent.
        ties: "efron" or "breslow" (which SAS takes unless told otherwise).
        confidence: Coverage of the limits.

    Raises:
        EstimationError: A subject's rows overlap; event numbers do not follow one another; an event number has too few
            events for effects of its own; Wei-Lin-Weissfeld: a covariate changes within a subject, or there are gaps;
            and as `cox`.

    Sources: Andersen PK, Gill RD. Ann Stat 1982;10:1100-20; Prentice RL, Williams BJ, Peterson AV. Biometrika
    1981;68:373-9; Wei LJ, Lin DY, Weissfeld L. J Am Stat Assoc 1989;84:1065-73; Lin DY, Wei LJ. J Am Stat Assoc
    1989;84:1074-8.

    >>> rows = {"subject_id": ["1", "1", "2", "3", "4"], "entry": [0.0, 3, 0, 0, 0], "left": [3.0, 9, 8, 9, 4]}
    >>> seen = {"right": [3.0, 9, 8, None, 4], "cause": ["relapse", "relapse", "relapse", None, "relapse"]}
    >>> events = pl.DataFrame(rows | seen | {"dose": [0, 0, 1, 1, 0]})
    >>> round(recurrent(events, "dose").value("hazard ratio"), 3)
    0.274
    """
    normal_quantile(confidence)
    for name, value, known in (("model", model, get_args(Model)), ("effects", effects, get_args(Effects))):
        if value not in known:
            raise EstimationError(f"{name}={value!r}; it is one of {some(known, 4)}")
    if effects == "by event" and model == _ONE_STRATUM:
        raise EstimationError("the Andersen-Gill model has one effect on all events; effects='by event' needs another")
    require(data, [cluster], "the column to cluster by")
    used = variables(formula, data.columns)
    laid = lay_out(_of_cause(data, cause), model, fixed=[*used, cluster], max_events=max_events, last=last)
    options: dict[str, Any] = {"cluster": cluster, "ties": ties, "confidence": confidence}
    if model != _ONE_STRATUM:
        options["strata"] = "event_no"
    if effects == "common":
        fitted, notes = cox(laid.rows, formula, **options), laid.notes
        frame = pl.concat([fitted.frame, estimates_frame(naive_rows(fitted))])
    else:
        columns = spread(laid, formula, used, cluster)
        fitted, notes = cox(columns.rows, " + ".join(columns.names), **options), (*laid.notes, *columns.notes)
        frame = by_event(fitted, columns, confidence)
    method = f"{model} model of {formula}, effects {effects}, robust errors by {cluster}; {fitted.method}"
    return Estimates(frame, method, (*notes, *fitted.notes), confidence, fitted.model)


def _of_cause(data: pl.DataFrame, cause: str | None) -> pl.DataFrame:
    if cause is None:
        return data
    require_cause(data, cause)
    own = pl.when(pl.col("cause").cast(pl.String) == cause)
    return data.with_columns(right=own.then("right"), cause=own.then("cause"))
