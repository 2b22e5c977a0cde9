"""Whole studies: simulated, classified, estimated; and choices that lose the truth on the way."""

from __future__ import annotations

from dataclasses import replace
from math import inf

import polars as pl

import analyses
import cohort
from analyses.estimates.result import Estimates, together
from analyses.plan.performed import about
from analyses.plan.replication.tasks import OneByOne
from cohort.criteria import HAMD17_REMISSION, HAMD17_RESPONSE, ILAE_2010_FREEDOM, RETENTION
from synthetic_data import EPILEPSY_CLINIC, HAMD_STUDY
from tests.certify.design import Design, Wanted
from tests.certify.exact import (
    binomial_ratio,
    newcombe_coverage,
    of_those_reached,
    survival_coverage,
    wilson_coverage,
)

SUBJECTS, IN_CLINIC = 100, 60
EVERYBODY_STAYS = replace(HAMD_STUDY, dropout_intercepts=(-inf,) * 4)
VISIT, DAYS = "week 6", (365.0, 730.0)
CRITERIA = (HAMD17_REMISSION.at(VISIT), HAMD17_RESPONSE.at(VISIT))
COUNTED = "Exact: summed over all counts"


def hamd(study):
    """Shares in remission and response with leavers left out or counted as failures, differences, mean changes."""
    found = [analyses.describe(cohort.changes(study, "HAMD17"), ["change"], within="visit")]
    for criterion in CRITERIA:
        data = study.subjects.join(cohort.classify(study, criterion), on="subject_id")
        found.append(analyses.risk_differences(data, undetermined="excluded"))
        for undetermined in ("excluded", "not met"):
            counted = analyses.proportions(data, undetermined=undetermined)
            found.append(replace(counted, frame=counted.frame.filter(statistic="share")))
    return Estimates(together(found), "")


def clinic(study):
    """Shares freed by each treatment; time to withdrawal of the first, rightly and with inefficacy as censoring."""
    free = cohort.classify(study, ILAE_2010_FREEDOM)
    withdrawn = cohort.time_to(study, RETENTION)
    wrongly = pl.col("cause").eq_missing(pl.lit("inefficacy"))
    intolerance = withdrawn.with_columns(pl.when(~wrongly).then(pl.col("right", "cause")))
    curves = [analyses.kaplan_meier(events, by=None, times=DAYS) for events in (withdrawn, intolerance)]
    points = curves[1].frame.filter(statistic="survival", term="time point")
    naive = points.with_columns(
        statistic=pl.lit("cumulative incidence"),
        term=pl.lit("intolerance"),
        estimate=1 - pl.col("estimate"),
        conf_low=1 - pl.col("conf_high"),
        conf_high=1 - pl.col("conf_low"),
    )
    shares = analyses.proportions(free, by="treatment_no", undetermined="not met")
    timed = [about(one, RETENTION.event) for one in (curves[0], replace(curves[1], frame=naive))]
    return Estimates(together([shares, *timed]), "")


def designs():
    """Return the designs of whole studies."""
    stays, leaves = (OneByOne(truth, hamd, 601 + k, SUBJECTS) for k, truth in enumerate((EVERYBODY_STAYS, HAMD_STUDY)))
    named = f"HAM-D study of {SUBJECTS}"
    yield Design(
        estimator="classify and estimate", design=f"{named}, everybody stays", task=stays, wanted=tuple(_hamd_right())
    )
    yield Design(
        estimator="classify and estimate",
        design=f"{named}, who improves less leaves more often",
        task=leaves,
        wanted=tuple(_hamd_wrong()),
        weight=0.5,
    )
    yield Design(
        estimator="classify and estimate",
        design=f"epilepsy clinic of {IN_CLINIC}, three treatments",
        task=OneByOne(EPILEPSY_CLINIC, clinic, 603, IN_CLINIC),
        wanted=tuple(_clinic()),
    )


def _hamd_right():
    n = SUBJECTS // 2
    for criterion in CRITERIA:
        by_arm = {arm: _hamd_true("share", criterion=criterion.label, group=arm) for arm in HAMD_STUDY.arms}
        labels = {"criterion": criterion.label, "term": "observed cases"}
        for arm, p in by_arm.items():
            own = {"statistic": "share"} | labels | {"group": arm}
            yield Wanted(
                labels=own, true=p, coverage=wilson_coverage(n, p), ratio=binomial_ratio(n), why=COUNTED
            )  # fmt: skip
        control, drug = by_arm.values()
        yield Wanted(
            labels={"statistic": "risk difference"} | labels | {"group": "drug", "reference": "placebo"},
            true=drug - control,
            coverage=newcombe_coverage(n, drug, n, control),
            ratio=binomial_ratio(n),
            why=COUNTED,
        )
    for arm in HAMD_STUDY.arms:
        true = _hamd_true("mean change", term=VISIT, group=arm)
        yield Wanted(labels=_change(arm), true=true, coverage=None, why="Exact")


def _hamd_wrong():
    """Yield what is asked of those who are seen, or of leavers as failures, in place of all had nobody left."""
    remission = CRITERIA[0].label
    true = _hamd_true("share", criterion=remission, group="placebo")
    for term in ("observed cases", "non-responder imputation"):
        labels = {"statistic": "share", "criterion": remission, "term": term, "group": "placebo"}
        yield Wanted(labels=labels, true=true, must_fail=("bias",), why="WRONG METHOD: had nobody left is asked")
    yield Wanted(
        labels=_change("placebo"),
        true=_hamd_true("mean change", term=VISIT, group="placebo"),
        coverage=None,
        must_fail=("bias",),
        why="WRONG METHOD: the mean of those who are seen",
    )


def _clinic():
    truth = EPILEPSY_CLINIC.estimates()
    label = ILAE_2010_FREEDOM.label
    for group in ("1", "2", "3"):
        reached = _only(truth, statistic="share", criterion="treatment started", group=group)
        p = _only(truth.filter(pl.col("term").is_null()), statistic="share", criterion=label, group=group)
        coverage, ratio = of_those_reached(IN_CLINIC, reached, p)
        yield Wanted(
            labels={"statistic": "share", "criterion": label, "term": "non-responder imputation", "group": group},
            true=p,
            coverage=coverage,
            ratio=ratio,
            allowed={"bias": 0.002},
            why=f"{COUNTED}; records decide fewer than 1 in 1000 courses otherwise than the truth",
        )
    for day in DAYS:
        survival = _only(truth, statistic="survival", criterion=RETENTION.event, at=day)
        yield Wanted(
            labels={"statistic": "survival", "criterion": RETENTION.event, "term": "time point", "at": day},
            true=survival,
            coverage=survival_coverage(IN_CLINIC, survival),
            ratio=binomial_ratio(IN_CLINIC),
            why="Exact: a binomial count is left",
        )
    labels = {"statistic": "cumulative incidence", "criterion": RETENTION.event, "term": "intolerance", "at": DAYS[1]}
    why = "WRONG METHOD: 1 - Kaplan-Meier, stops for inefficacy taken as censoring"
    yield Wanted(labels=labels, true=_only(truth, **labels), must_fail=("bias",), why=why)


def _change(arm):
    return {"statistic": "mean", "criterion": "change", "term": VISIT, "group": arm}


def _hamd_true(statistic, **labels):
    return _only(EVERYBODY_STAYS.estimates(), statistic=statistic, **labels)


def _only(truth, **labels):
    return truth.filter(**labels)["estimate"].item()
