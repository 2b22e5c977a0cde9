"""Successive treatments of whole cohorts: who leaves, who differs by covariates, who switches, several cohorts."""

from __future__ import annotations

from functools import partial
from itertools import product

import numpy as np
import polars as pl
from scipy.stats import binom

import analyses
from analyses.estimates.result import estimates_frame
from analyses.estimates.successive.trend_rows import fisher_p
from synthetic_data.succession.frailty import Beta
from synthetic_data.succession.returns import had_nobody_left
from synthetic_data.succession.truth import Succession
from tests.certify.design import LEVEL, Design, Drawn, Wanted
from tests.certify.histories import as_table, chances_of, drawn_counts, stays_of

STEPS = 4
PLAIN = Succession(frailty=Beta(0.8, 0.96), steps=STEPS, leaving=(0.3,) * 3)
HARD = Succession(frailty=Beta(0.8, 0.96), steps=STEPS, leaving=(0.3,) * 3, leaving_slope=3.0)
CORRELATION = 0.3
MEANS = {"no": 0.55, "yes": 0.3}
CENTRE, SPREAD, COHORTS, SIZE = -0.8, 0.4, 10, 300
SWITCHED, STAYED = 40, 80
LARGE = "what is allowed is a convention: limits and errors are right in large samples only"


def product_limit(rng, truth):
    """The cumulative share as if leavers were like stayers, cohort of 1000."""
    counts = drawn_counts(chances_of(truth), 1000, stays_of(truth), rng)
    return analyses.cumulative_success(as_table(counts), undetermined="excluded")


def of_kind(mean):
    """Return the truth of those with a mean chance."""
    total = (1 - CORRELATION) / CORRELATION
    return Succession(frailty=Beta(mean * total, (1 - mean) * total), steps=5)


def two_kinds(rng):
    """Counts of those with and without a covariate, 600 each."""
    parts = [drawn_counts(chances_of(of_kind(mean)), 600, 0.85, rng) for mean in MEANS.values()]
    return pl.concat([as_table(part, focal=kind) for kind, part in zip(MEANS, parts, strict=True)])


def by_covariates(rng):
    """The chance of the third treatment and a covariate's odds ratio."""
    profiles = pl.DataFrame({"focal": list(MEANS)})
    found = analyses.forecast_for(two_kinds(rng), profiles, undetermined="excluded", horizon=3).frame
    # Numbers are told apart by their criterion here, not by who they are of.
    chances = found.filter(statistic="chance").with_columns(criterion="population")
    return pl.concat([chances, found.filter(statistic="log odds ratio")])


def for_all(rng):
    """The chance of the third treatment of everybody."""
    return analyses.forecast(two_kinds(rng), undetermined="excluded", horizon=3)


def several(rng, cohorts, interval):
    """The mean logit of cohorts that differ, and the limits for a further one less that one's own logit."""
    logits = rng.normal(CENTRE, SPREAD, cohorts + 1)
    shares = 1 / (1 + np.exp(-logits))
    met = rng.binomial(SIZE, shares[:-1])
    data = pl.DataFrame({"cohort": [f"{i}" for i in range(cohorts)], "treatment_no": 1, "tried": SIZE, "met": met})
    asked = {"by": "cohort", "undetermined": "excluded", "pool_anyway": True, "interval": interval}
    found = analyses.pooled_shares(data, **asked).frame
    further = found.filter(statistic="prediction interval").row(0, named=True)
    ends = {name: np.log(further[name] / (1 - further[name])) - logits[-1] for name in ("conf_low", "conf_high")}
    new = {"statistic": "prediction interval", "estimate": CENTRE - logits[-1], "group": "1"} | ends
    mean = found.filter(statistic="pooled logit").with_columns(term=pl.lit(interval))
    return pl.concat([mean, estimates_frame([new])])


def switching(rng, chances):
    """Switching against staying."""
    met = rng.binomial([SWITCHED, STAYED], chances)
    data = pl.DataFrame({"done": ["switched", "stayed"], "tried": [SWITCHED, STAYED], "met": met})
    return analyses.switch_or_stay(data, undetermined="excluded")


def fisher_level(chance):
    """How often Fisher's test rejects where chances are equal, summed over all counts."""
    chances = [binom.pmf(np.arange(n + 1), n, chance) for n in (SWITCHED, STAYED)]
    return sum(
        chances[0][x] * chances[1][y]
        for x, y in product(range(SWITCHED + 1), range(STAYED + 1))
        if chances[0][x] * chances[1][y] > 1e-12 and fisher_p(x, SWITCHED, y, STAYED) < LEVEL
    )


def designs():
    """Return the designs of cohorts."""
    yield from _of_leaving()
    yield from _of_covariates()
    yield from _of_several()
    yield from _of_switching()


def _of_leaving():
    labels = {"statistic": "cumulative share", "term": "product-limit", "group": str(STEPS)}
    allowed = {"ratio": 0.02, "coverage": 0.005}
    right = Wanted(labels=labels, true=float(had_nobody_left(PLAIN)[-1]), allowed=allowed, why=LARGE)
    wrong = "WRONG METHOD: leavers taken as if they were like stayers"
    biased = Wanted(labels=labels, true=float(had_nobody_left(HARD)[-1]), why=wrong, must_fail=("bias", "coverage"))
    yield Design(
        estimator="cumulative_success",
        design="whoever has no success leaves with chance 0.3, cohort of 1000",
        task=Drawn(partial(product_limit, truth=PLAIN), 911),
        wanted=(right,),
        weight=0.5,
    )
    yield Design(
        estimator="cumulative_success",
        design="hard cases leave, cohort of 1000",
        task=Drawn(partial(product_limit, truth=HARD), 912),
        wanted=(biased,),
        weight=0.5,
    )


def _of_covariates():
    allowed = {"bias": 0.003, "ratio": 0.03, "coverage": 0.01}
    chance = {"statistic": "chance", "term": "beta frailty", "group": "3"}
    odds = [mean / (1 - mean) for mean in MEANS.values()]
    ratio = {"statistic": "log odds ratio", "criterion": "focal", "term": "beta frailty"}
    yield Design(
        estimator="forecast_for",
        design="two kinds of subject, 600 each",
        task=Drawn(by_covariates, 913),
        wanted=(
            *(
                Wanted(
                    labels=chance | {"criterion": f"focal {kind}"},
                    true=float(chances_of(of_kind(mean))[2]),
                    allowed=allowed,
                    why=LARGE,
                )
                for kind, mean in MEANS.items()
            ),
            Wanted(
                labels=ratio | {"group": "yes", "reference": "no"},
                true=float(np.log(odds[1] / odds[0])),
                allowed=allowed,
                why=LARGE,
            ),
        ),
        weight=0.5,
    )
    yield Design(
        estimator="forecast",
        design="two kinds of subject, 600 each, taken for one",
        task=Drawn(for_all, 913),
        wanted=(
            Wanted(
                labels=chance,
                true=float(chances_of(of_kind(MEANS["yes"]))[2]),
                why="WRONG METHOD: one chance for both kinds",
                must_fail=("bias", "coverage"),
            ),
        ),
        weight=0.25,
    )


def _of_several():
    few = "WRONG METHOD: normal limits of few cohorts, which take the spread between them as known"
    usual = "hartung-knapp"
    yield Design(
        estimator="pooled_shares",
        design=f"{COHORTS} cohorts of {SIZE}, logits normal with SD {SPREAD:g}",
        task=Drawn(partial(several, cohorts=COHORTS, interval=usual), 914),
        wanted=(
            Wanted(
                labels={"statistic": "pooled logit", "term": usual, "group": "1"},
                true=CENTRE,
                allowed={"bias": 0.01, "ratio": 0.04, "coverage": 0.01},
                why=LARGE,
            ),
            Wanted(
                labels={"statistic": "prediction interval", "group": "1"},
                true=0.0,
                ratio=None,
                allowed={"bias": 0.02, "coverage": 0.02},
                why="the true logit of a further cohort, which lies within as often as it should only on the average",
            ),
        ),
        weight=0.5,
    )
    yield Design(
        estimator="pooled_shares",
        design=f"4 cohorts of {SIZE}, normal limits",
        task=Drawn(partial(several, cohorts=4, interval="normal"), 915),
        wanted=(
            Wanted(
                labels={"statistic": "pooled logit", "term": "normal", "group": "1"},
                true=CENTRE,
                why=few,
                must_fail=("coverage",),
            ),
        ),
        weight=0.5,
    )


def _of_switching():
    compared = {"group": "switched", "reference": "stayed"}
    yield Design(
        estimator="switch_or_stay",
        design=f"{SWITCHED} who switch and {STAYED} who stay, p = 0.5 and 0.3",
        task=Drawn(partial(switching, chances=(0.5, 0.3)), 916),
        wanted=(
            Wanted(
                labels={"statistic": "log risk ratio"} | compared,
                true=float(np.log(0.5 / 0.3)),
                allowed={"bias": 0.02, "ratio": 0.04, "coverage": 0.015},
                why=LARGE,
            ),
        ),
    )
    yield Design(
        estimator="switch_or_stay",
        design=f"{SWITCHED} who switch and {STAYED} who stay, p = 0.3 for both",
        task=Drawn(partial(switching, chances=(0.3, 0.3)), 917),
        wanted=(
            Wanted(
                labels={"statistic": "odds ratio"} | compared,
                true=None,
                level=fisher_level(0.3),
                why="Exact: summed over all counts; Fisher's test is known to reject too seldom",
            ),
        ),
    )
