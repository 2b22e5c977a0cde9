"""Whether hazards are proportional: a test of each variable of a Cox regression."""

from __future__ import annotations

import re
from typing import Literal, get_args

from analyses.estimates.distributions import chi_square_p
from analyses.estimates.regression.changing_effects import TimeScore, score_tests
from analyses.estimates.regression.cox_model import CoxModel
from analyses.estimates.regression.fitted_cox import cox_model
from analyses.estimates.regression.risk_sets import frequencies
from analyses.estimates.result import Estimates, estimates_frame
from cohort.errors import EstimationError, some

Transform = Literal["km", "identity", "log", "rank"]
MEANINGS = {
    "km": "1 - S(t) (Kaplan-Meier)",
    "identity": "time",
    "log": "the logarithm of time",
    "rank": "the rank of the time",
}


def proportional_hazards_test(fit: Estimates, *, transform: Transform = "km") -> Estimates:
    """Return the test of Grambsch and Therneau that the coefficients of a Cox regression do not change with time.

    Rows "proportional hazards chi-square", one a variable (`term`; the columns of a factor, a spline or an interaction
    are tested together, `df` says how many they are), and last the term "global" for all together. A variable whose
    effect cannot be told to change (its events fall on one day) has no chi-square.

    It is the score test of adding each covariate's product with a function of time to the model, as cox.zph of R's
    survival package from version 3 on. Older versions of it, and lifelines, take the variance of the covariates to be
    the same on all days, and give other numbers. The variance is that of the model, not the one robust to clusters.

    Args:
        fit: What `cox` returned.
        transform: The function of time: "km" 1 - S(t) just before the day, by Kaplan-Meier from all rows; "identity";
            "log"; "rank" among all times, of events and censored.

    Raises:
        EstimationError: `fit` is not a Cox regression with Efron's or Breslow's treatment of ties; all events fall on
            one day; the transform is unknown, or "log" with an event on day 0.

    Sources: Grambsch PM, Therneau TM. Biometrika 1994;81:515-26; Therneau TM, Grambsch PM. Modeling Survival Data.
    Springer 2000, section 6.2.
    """
    model = cox_model(fit, "proportional_hazards_test()")
    check_transform(model, transform)
    terms = variables_of(model)
    everything = list(range(len(model.coefficients)))
    tests = score_tests(model.sample, model.coefficients, model.ties, transform, [*terms.values(), everything])
    counts = _counts(model)
    rows = [_row(name, test) | counts for name, test in zip([*terms, "global"], tests, strict=True)]
    silent = [name for name, test in zip(terms, tests, strict=False) if test.chi_square is None]
    notes = [f"{some(silent)}: the data cannot tell whether the effect changes with time"] if silent else []
    if model.clustered is not None:
        notes.append(f"the test takes rows for independent; it does not allow for dependence within {model.clustered}")
    method = f"Score test of proportional hazards (Grambsch and Therneau) against {MEANINGS[transform]}"
    return Estimates(estimates_frame(rows), method, tuple(notes), fit.confidence)


def check_transform(model: CoxModel, transform: str) -> None:
    """Refuse a function of time that is unknown or does not exist on the days of events.

    Raises:
        EstimationError: It is, or all events fall on one day, so that nothing can change.
    """
    if transform not in get_args(Transform):
        known = ", ".join(map(repr, get_args(Transform)))
        raise EstimationError(f"transform={transform!r} was asked for; known are {known}")
    days = model.sample.time[model.sample.event]
    if days.min() == days.max():
        raise EstimationError(f"all events fall on day {days[0]:g}; a change of effects needs two days with events")
    if transform == "log" and not days.min() > 0:
        raise EstimationError(
            f"{int((days <= 0).sum())} events fall on day 0, which has no logarithm; take transform='km', 'rank' or "
            "'identity'"
        )


def variables_of(model: CoxModel) -> dict[str, list[int]]:
    """Return which columns belong to each variable or interaction, in the order of the formula."""
    found: dict[str, list[int]] = {}
    for number, coefficient in enumerate(model.design.coefficients):
        # The columns of a spline or a polynomial are numbered: bs(age, df=4)[2].
        found.setdefault(re.sub(r"\[\d+\]", "", coefficient.term), []).append(number)
    return found


def _row(name: str, test: TimeScore) -> dict[str, object]:
    p = None if test.chi_square is None else chi_square_p(test.chi_square, test.df)
    return {
        "statistic": "proportional hazards chi-square",
        "term": name,
        "estimate": test.chi_square,
        "df": test.df,
        "p_value": p,
    }


def _counts(model: CoxModel) -> dict[str, object]:
    frequency = frequencies(model.sample)
    return {"n": round(frequency.sum()), "events": round(frequency[model.sample.event].sum())}
