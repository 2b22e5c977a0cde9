"""Whole studies of other designs: times seen at visits, an add-on study, steps of treatment."""

from __future__ import annotations

from dataclasses import replace
from math import inf

import numpy as np

import analyses
import cohort
from analyses.estimates.result import Estimates, together
from analyses.plan.performed import about
from analyses.plan.replication.tasks import OneByOne
from cohort.criteria import HAMD17_REMISSION, SEIZURE_RESPONSE_50
from synthetic_data import ADD_ON_EPILEPSY, HAMD_STUDY, STARD_2006
from tests.certify.design import Design, Wanted
from tests.certify.exact import binomial_ratio, newcombe_coverage, of_those_reached, survival_coverage, wilson_coverage

SUBJECTS, IN_STEPS = 100, 150
STAYS = replace(HAMD_STUDY, dropout_intercepts=(-inf,) * 4)
ON_THE_DAY = replace(STAYS, day_jitter=0)
KEPT = replace(ADD_ON_EPILEPSY, diary=replace(ADD_ON_EPILEPSY.diary, missing=0.0, gap_chance=0.0), keeps_diary=1.0)
STEPS = tuple(replace(HAMD17_REMISSION, scale="QIDS-SR16", threshold=5).at(f"step {number} exit") for number in (1, 2))
LONG_RUN = "the truth's own long run"


def waiting(study):
    """Kaplan-Meier to the first rating in remission, by arm."""
    events = study.subjects.join(cohort.time_to(study, HAMD17_REMISSION), on="subject_id")
    return about(analyses.kaplan_meier(events, times=[14, 28, 42, 45]), HAMD17_REMISSION.event)


def responders(study):
    """Shares of 50 percent responders and their difference."""
    data = study.subjects.join(cohort.classify(study, SEIZURE_RESPONSE_50), on="subject_id")
    return Estimates(
        together([f(data, undetermined="excluded") for f in (analyses.proportions, analyses.risk_differences)]), ""
    )


def steps(study):
    """Shares in remission at the exit of the first two steps, of those who tried them and of all."""
    found = [
        analyses.proportions(cohort.classify(study, criterion), by=None, undetermined=undetermined)
        for criterion in STEPS
        for undetermined in ("excluded", "not met")
    ]
    return Estimates(together(found).filter(statistic="share"), "")


def designs():
    """Return the designs of these studies."""
    named = f"HAM-D study of {SUBJECTS}, everybody stays"
    yield Design(
        estimator="time_to and kaplan_meier",
        design=f"{named}, rated on the day",
        task=OneByOne(ON_THE_DAY, waiting, 604, SUBJECTS),
        wanted=tuple(_waiting()),
    )
    yield Design(
        estimator="time_to and kaplan_meier",
        design=f"{named}, rated up to 3 days off",
        task=OneByOne(STAYS, waiting, 605, SUBJECTS),
        wanted=tuple(_within_the_last_window()),
        weight=0.5,
    )
    yield Design(
        estimator="classify and estimate",
        design=f"add-on study of {SUBJECTS}, every diary kept to the end",
        task=OneByOne(KEPT, responders, 606, SUBJECTS),
        wanted=tuple(_responders()),
        weight=0.5,
    )
    yield Design(
        estimator="classify and estimate",
        design=f"sequenced treatment of {IN_STEPS}",
        task=OneByOne(STARD_2006, steps, 607, IN_STEPS),
        wanted=tuple(_steps()),
        weight=0.5,
    )


def _waiting():
    n = SUBJECTS // 2
    for arm in STAYS.arms:
        for day in (14.0, 28.0, 42.0):
            survival, error = _survival(ON_THE_DAY, arm, day)
            coverage, reach = _coverage_about(n, survival, error)
            yield Wanted(
                labels=_at(arm, day),
                true=survival,
                coverage=coverage,
                ratio=binomial_ratio(n),
                allowed={"bias": 3 * error, "coverage": reach},
                why=f"Exact: a binomial count is left. Bias and coverage: within 3 errors of {LONG_RUN}",
            )


def _within_the_last_window():
    """Yield the curve on the last day on which ratings fall, where those rated early were censored."""
    yield Wanted(
        labels=_at("placebo", 45.0),
        true=_survival(STAYS, "placebo", 45.0)[0],
        must_fail=("bias",),
        why="WRONG METHOD: who is rated early in the last visit's window counts as censored before the others are seen",
    )


def _responders():
    n = SUBJECTS // 2
    truth = KEPT.estimates().filter(criterion=SEIZURE_RESPONSE_50.label, term="treatment policy")
    labels = {"criterion": SEIZURE_RESPONSE_50.label, "term": "observed cases"}
    by_arm = {arm: truth.filter(statistic="share", group=arm)["estimate"].item() for arm in KEPT.arms}
    for arm, p in by_arm.items():
        yield Wanted(
            labels={"statistic": "share", "group": arm} | labels,
            true=p,
            coverage=wilson_coverage(n, p),
            ratio=binomial_ratio(n),
            allowed={"bias": 0.004, "coverage": 0.005},
            why=f"Exact: summed over all counts. Bias and coverage: {LONG_RUN}",
        )
    control, drug = by_arm.values()
    yield Wanted(
        labels={"statistic": "risk difference", "group": "drug", "reference": "placebo"} | labels,
        true=drug - control,
        coverage=newcombe_coverage(n, drug, n, control),
        ratio=binomial_ratio(n),
        allowed={"bias": 0.006, "coverage": 0.005},
        why=f"Exact: summed over all counts. Bias and coverage: {LONG_RUN}",
    )


def _steps():
    truth = STARD_2006.estimates().filter(statistic="share")
    started = truth.filter(criterion="treatment started")
    for number, criterion in enumerate(STEPS, start=1):
        reached = started.filter(group=str(number))["estimate"].item()
        for term, share in (("observed cases", reached), ("non-responder imputation", 1.0)):
            p = truth.filter(criterion=criterion.label, term=term)["estimate"].item()
            coverage, ratio = of_those_reached(IN_STEPS, share, p)
            yield Wanted(
                labels={"statistic": "share", "criterion": criterion.label, "term": term},
                true=p,
                coverage=coverage,
                ratio=ratio,
                why="Exact: summed over all counts",
            )


def _at(arm, day):
    labels = {"statistic": "survival", "criterion": HAMD17_REMISSION.event, "term": "time point"}
    return labels | {"group": arm, "at": day}


def _survival(truth, arm, day):
    return truth.estimates().filter(population="all", **_at(arm, day)).select("estimate", "std_error").row(0)


def _coverage_about(n, survival, error):
    """Return the middle and half the range of the coverage, which jumps, within 3 errors of a drawn true value."""
    found = [survival_coverage(n, survival + step * error) for step in np.linspace(-3, 3, 61)]
    return (max(found) + min(found)) / 2, (max(found) - min(found)) / 2
