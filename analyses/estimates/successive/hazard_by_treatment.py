"""Hazard of success by treatment number: as it is seen, and given what a subject's treatments have in common."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

import polars as pl

from analyses.estimates.distributions import normal_quantile
from analyses.estimates.regression.cox import cox
from analyses.estimates.regression.frailty_cox import frailty_cox
from analyses.estimates.result import Estimates
from analyses.estimates.successive.treatment_events import NUMBER, SUBJECT, of_cause, treatment_events
from cohort.errors import EstimationError, some

Model = Literal["gap time", "frailty", "stratified"]
Number = Literal["factor", "line"]
Stopped = Literal["censored", "at risk"]

_SEEN = (
    "a hazard that falls with the treatment number does not tell whether failing a treatment lowers the next one's "
    "hazard, later treatments are weaker, or the easier cases have left"
)
_FRAILTY = (
    "what remains of the fall given the frailty rests on three things that these data cannot show: that the frailty is "
    "gamma distributed, that hazards are proportional between treatments given it, and that a stop tells no more of a "
    "subject than the time spent without success. All earlier treatments of a subject failed, so that nobody shows two "
    "successes"
)
_AT_ONCE = (
    "nine in ten successes fall on days {low:g} to {high:g} of a treatment: within so short a span hazards do not show "
    "whether the easier cases leave first, and what is said of the frailty rests on its form alone; see mechanism()"
)
# Of the last success but one in twenty; where successes spread less they tell of no frailty.
_SPREAD = 0.25
_STAYED = (
    "{stopped} treatments that were stopped before day {last:g} count as going on without success to that day, the "
    "last one on which somebody succeeded: ratios are of subdistribution hazards and speak of the chance of success; "
    "right where the stopped would have been followed as long"
)
_CENSORED = (
    "{stopped} treatments that ended otherwise are censored on that day: ratios compare those still on treatment, and "
    "those who stopped because it failed are not among them; stopped='at risk' keeps them as not having succeeded"
)


@dataclass(frozen=True)
class _Asked:
    model: Model
    number: Number
    stopped: Stopped
    reference: int
    last: int | None


def hazard_by_treatment(
    events: pl.DataFrame,
    formula: str = "",
    *,
    cause: str,
    model: Model = "gap time",
    number: Number = "factor",
    reference: int = 1,
    last: int | None = None,
    stopped: Stopped = "censored",
    ties: Literal["efron", "breslow"] = "efron",
    confidence: float = 0.95,
) -> Estimates:
    """Return hazard ratios of success between a subject's successive treatments, days counted from each one's start.

    "gap time": Cox's regression with the treatment number as a covariate and errors robust to a subject's treatments
    hanging together; the ratios are those that are seen. "frailty": the same with a gamma frailty of each subject (see
    `frailty_cox`). Where subjects differ and nothing else is at work, those who are left at later treatments are the
    harder cases, the first ratio falls below 1 and the second does not. "stratified": the gap time model of
    Prentice, Williams and Peterson, a baseline hazard for each treatment number; for the effects of covariates, which
    it compares among subjects at the same treatment.

    Rows "log hazard ratio" and "hazard ratio" with the `term` "treatment_no" and treatment numbers in `group` and
    `reference` (both null for a line: per further treatment), those of covariates, and the other rows of `cox` or
    `frailty_cox`; with stopped="at risk" they are called "subdistribution hazard ratio". `criterion` is the outcome.

    Args:
        events: EVENTS, one row a subject and treatment, joined with the covariates.
        formula: Covariates, the right side of a formula: "age + sex".
        cause: The outcome.
        model: "gap time", "frailty" or "stratified" (which needs a formula).
        number: "factor" (each number against the reference) or "line" (one ratio for each further treatment).
        reference: The treatment number with which the others are compared.
        last: Numbers from this one on are taken together, as late treatments of few subjects need it.
        stopped: Treatments that ended otherwise: "censored" on that day, so that ratios compare those still on
            treatment; or "at risk" on, without success, to the last day on which somebody succeeded, so that ratios
            speak of the chance of success. Where treatments are stopped because they fail, the first is misled.
        ties: "efron" or "breslow".
        confidence: Coverage of the limits.

    Raises:
        EstimationError: There is one treatment number only; a number has no success; `reference` or `last` do not fit;
            an option is unknown; and as `treatment_times`, `cox` and `frailty_cox`.

    Sources: Prentice RL, Williams BJ, Peterson AV. Biometrika 1981;68:373-9; Vaupel JW, Manton KG, Stallard E.
    Demography 1979;16:439-54; Aalen OO. Stat Med 1988;7:1121-37 (what frailty does to hazards that are seen).

    >>> rows = {"subject_id": list("abccdd"), "treatment_no": [1, 1, 1, 2, 1, 2], "left": [30.0, 80, 40, 70, 20, 90]}
    >>> events = pl.DataFrame(rows | {"entry": 0.0, "cause": ["free", "free", None, "free", None, "free"]})
    >>> events = events.with_columns(right=pl.when(pl.col("cause").is_not_null()).then("left"))
    >>> round(hazard_by_treatment(events, cause="free").value("hazard ratio", group="2"), 2)
    0.44
    """
    normal_quantile(confidence)
    asked = _Asked(model, number, stopped, reference, last)
    _refuse_unknown(asked, formula)
    checked = treatment_events(events, cause=cause, by=None)
    rows, ended = _ended(checked.parts[0][1], cause, stopped)
    rows = _numbered(rows, asked)
    terms = [formula] if formula.strip() else []
    if model == "frailty":
        found = frailty_cox(rows, " + ".join([NUMBER, *terms]), cluster=SUBJECT, ties=ties, confidence=confidence)
    elif model == "gap time":
        found = cox(rows, " + ".join([NUMBER, *terms]), cluster=SUBJECT, ties=ties, confidence=confidence)
    else:
        found = cox(rows, formula, strata=NUMBER, cluster=SUBJECT, ties=ties, confidence=confidence)
    frame = found.frame.with_columns(criterion=pl.lit(cause))
    if stopped == "at risk":
        frame = frame.with_columns(pl.col("statistic").str.replace("hazard ratio", "subdistribution hazard ratio"))
    notes = (*checked.notes, *found.notes, *ended, *_meaning(model, rows))
    method = f"{found.method}; hazard of {cause} by treatment number, days from the start of each treatment"
    return replace(found, frame=frame, method=method, notes=notes)


def _refuse_unknown(asked: _Asked, formula: str) -> None:
    for name, value, known in (
        ("model", asked.model, get_args(Model)),
        ("number", asked.number, get_args(Number)),
        ("stopped", asked.stopped, get_args(Stopped)),
    ):
        if value not in known:
            raise EstimationError(f"{name}={value!r}; it is one of {some(known, 4)}")
    if asked.model == "stratified" and not formula.strip():
        raise EstimationError("model='stratified' compares nothing between treatment numbers; name covariates")
    if asked.number == "line" and asked.last is not None:
        raise EstimationError(f"last={asked.last} takes numbers together, which a line cannot; use number='factor'")


def _ended(rows: pl.DataFrame, cause: str, stopped: Stopped) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Return the rows with the outcome as the one event, and a note on those that ended otherwise."""
    other = (pl.col("cause").cast(pl.String) != cause).fill_null(value=False)
    alone = of_cause(rows, cause)
    if stopped == "censored":
        count = rows.filter(other).height
        return alone, ((_CENSORED.format(stopped=count),) if count else ())
    last = float(alone.select(pl.col("right").max()).item())
    short = other & (pl.col("left") < last)
    count = rows.filter(short).height
    stayed = rows.with_columns(left=pl.when(short).then(last).otherwise("left"))
    return of_cause(stayed, cause), ((_STAYED.format(stopped=count, last=last),) if count else ())


def _numbered(rows: pl.DataFrame, asked: _Asked) -> pl.DataFrame:
    """Return the rows with the treatment number as a factor, the reference first, or as a number."""
    found = rows[NUMBER].unique().sort().to_list()
    if len(found) < 2:
        raise EstimationError(f"all {rows.height} treatments have the number {found[0]}; at least two are compared")
    if asked.number == "line" and asked.model != "stratified":
        return rows.with_columns(pl.col(NUMBER).cast(pl.Float64))
    names = _names(found, asked.last)
    labels = list(dict.fromkeys(names.values()))
    if names.get(asked.reference) is None or len(labels) < 2:
        raise EstimationError(
            f"reference={asked.reference} and last={asked.last} do not fit the treatment numbers {some(found, 9)}"
        )
    first = names[asked.reference]
    levels = pl.Enum([first, *(label for label in labels if label != first)])
    number = pl.col(NUMBER).replace_strict(names, return_dtype=pl.String).cast(levels)
    return rows.with_columns(number.alias(NUMBER))


def _names(numbers: Sequence[int], last: int | None) -> dict[int, str]:
    """Return how each number is called: from `last` on all alike."""
    if last is None or last >= max(numbers):
        return {number: str(number) for number in numbers}
    return {number: str(number) if number < last else f"{last} and later" for number in numbers}


def _meaning(model: Model, rows: pl.DataFrame) -> tuple[str, ...]:
    if model == "stratified":
        return ()
    if model == "gap time":
        return (_SEEN,)
    days = rows["right"].drop_nulls().sort()
    low, high = (float(days[round(share * (len(days) - 1))]) for share in (0.05, 0.95))
    return (_FRAILTY, _AT_ONCE.format(low=low, high=high)) if high - low < _SPREAD * high else (_FRAILTY,)
