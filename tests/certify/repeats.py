"""Events that repeat: mean numbers, rates and hazard ratios, rightly and wrongly."""

from __future__ import annotations

from functools import partial
from math import log

import numpy as np
import polars as pl

import analyses
from tests.certify import draws
from tests.certify.design import Design, Drawn, Wanted
from tests.certify.hazards import LOG_RATIO

SUBJECTS, RATE, EFFECT, DEATH = 200, 1.5, log(0.6), 0.8
DAY = 1.0
# Five thousand replicates.
WEIGHT = 2.5
FRAILTY = "gamma frailty of variance 1"
SMALL = f"the robust error is a little small with {SUBJECTS} subjects"


def histories(rng, effect=0.0, death=0.0):
    """Poisson processes whose rate each subject's gamma frailty multiplies, watched for 0.5 to 2 or until death."""
    drug = np.arange(SUBJECTS) % 2
    frailty = rng.exponential(size=SUBJECTS)
    end, died = rng.uniform(0.5, 2, SUBJECTS), np.full(SUBJECTS, np.inf)
    if death:
        died = rng.exponential(1 / (frailty * death))
    stop = np.minimum(end, died)
    counts = rng.poisson(frailty * RATE * np.exp(effect * drug) * stop)
    who = np.concatenate([np.repeat(np.arange(SUBJECTS), counts), np.arange(SUBJECTS)])
    when = np.concatenate([rng.random(counts.sum()) * np.repeat(stop, counts), stop])
    last = np.repeat([False, True], [counts.sum(), SUBJECTS])
    order = np.lexsort([last, when, who])
    who, when, last = who[order], when[order], last[order]
    before = np.where(np.append(True, who[1:] != who[:-1]), 0.0, np.append(0.0, when[:-1]))
    cause = np.where(~last, "seizure", np.where(died[who] <= end[who], "death", ""))
    frame = {"subject_id": who.astype(str), "entry": before, "left": when, "cause": cause}
    rows = pl.DataFrame(frame | {"arm": draws.ARMS.categories.gather(drug[who])}).filter(
        pl.col("left") > pl.col("entry")
    )
    seen = pl.when(pl.col("cause") != "")
    return rows.with_columns(
        right=seen.then("left"), cause=seen.then("cause"), arm=pl.col("arm").cast(draws.ARMS)
    ).with_row_index("row")


def taken_apart(rows):
    """Return the rows as though each came from a subject of its own."""
    return rows.with_columns(subject_id=pl.col("row").cast(pl.String))


def mean_number(rng, naive):
    """The mean number of events by day 1."""
    rows = histories(rng)
    return analyses.mean_cumulative(taken_apart(rows) if naive else rows, by=None, times=[DAY])


def mean_until_death(rng, naive):
    """The mean number by day 1 where the frail die sooner; naively, death censors."""
    rows = histories(rng, death=DEATH)
    if naive:
        alive = pl.when(pl.col("cause") != "death")
        return analyses.mean_cumulative(
            rows.with_columns(right=alive.then("right"), cause=alive.then("cause")), by=None, times=[DAY]
        )
    return analyses.mean_cumulative(rows, by=None, times=[DAY], terminal="death")


def hazard_ratio(rng, naive):
    """The Andersen-Gill model; naively, each row is a subject."""
    rows = histories(rng, EFFECT)
    return analyses.cox(taken_apart(rows), "arm") if naive else analyses.recurrent(rows, "arm")


def rate_ratio(rng, **options):
    """A regression of counts."""
    return analyses.event_rates(histories(rng, EFFECT), "arm", **options)


def designs():
    """Return the designs of events that repeat."""
    loose = {"bias": 0.01, "ratio": 0.03, "coverage": 0.01}
    mean = {"statistic": "mean cumulative function", "term": "time point", "at": DAY}
    yield _design(
        "mean_cumulative",
        FRAILTY,
        partial(mean_number, naive=False),
        621,
        Wanted(labels=mean, true=RATE, allowed=loose, why=SMALL),
    )
    yield _wrong(
        "mean_cumulative",
        f"{FRAILTY}, each stretch taken for a subject",
        partial(mean_number, naive=True),
        621,
        Wanted(labels=mean, true=RATE, must_fail=("ratio", "coverage"), why="WRONG METHOD: subjects repeat"),
    )
    until_death = RATE / DEATH * (1 - 1 / (1 + DEATH * DAY))
    yield _design(
        "mean_cumulative (Ghosh-Lin)",
        f"{FRAILTY}, which hastens death too",
        partial(mean_until_death, naive=False),
        622,
        Wanted(labels=mean, true=until_death, allowed=loose, why=f"Exact for exponential frailty; {SMALL}"),
    )
    yield _wrong(
        "mean_cumulative",
        f"{FRAILTY}, death taken for censoring",
        partial(mean_until_death, naive=True),
        622,
        Wanted(
            labels=mean, true=until_death, must_fail=("bias", "coverage"), why="WRONG METHOD: the dead have no events"
        ),
    )
    yield from _ratios(loose)


def _ratios(loose):
    subjects = "WRONG METHOD: subjects repeat"
    effect = {"true": EFFECT, "why": SMALL, "allowed": loose}
    hazard = {"labels": LOG_RATIO} | effect
    rate = {"labels": LOG_RATIO | {"statistic": "log rate ratio"}} | effect
    wrong = {"must_fail": ("ratio", "coverage"), "why": subjects}
    yield _design("recurrent (Andersen-Gill)", FRAILTY, partial(hazard_ratio, naive=False), 623, Wanted(**hazard))
    yield _wrong(
        "cox",
        f"{FRAILTY}, each stretch taken for a subject",
        partial(hazard_ratio, naive=True),
        623,
        Wanted(**hazard | wrong),
    )
    for family in ("Poisson", "negative binomial"):
        errors = "robust" if family == "Poisson" else "observed"
        task = partial(rate_ratio, family=family, errors=errors)
        yield _design(f"event_rates ({family}, {errors})", FRAILTY, task, 624, Wanted(**rate))
    yield _wrong(
        "event_rates (Poisson, observed)",
        FRAILTY,
        rate_ratio,
        624,
        Wanted(**rate | wrong | {"why": "WRONG METHOD: counts vary more than Poisson's"}),
    )


def _design(estimator, design, task, seed, wanted, weight=WEIGHT):
    named = f"{design}, n = {SUBJECTS}"
    return Design(estimator=estimator, design=named, task=Drawn(task, seed), wanted=(wanted,), weight=weight)


def _wrong(*parts):
    return _design(*parts, weight=0.5)
