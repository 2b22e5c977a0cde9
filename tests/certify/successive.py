"""Selection told from dependence, and the chance of the next treatment; what is taken for them wrongly."""

from __future__ import annotations

from functools import partial

import numpy as np

import analyses
from analyses.estimates.distributions import normal_quantile
from analyses.estimates.result import estimates_frame
from analyses.estimates.successive.fitting import fit
from analyses.estimates.successive.mechanism_rows import Pair, fitted_rows
from analyses.estimates.successive.models import BETA_AND_DEPENDENCE, BETA_FRAILTY, FIVE
from analyses.estimates.successive.selection import selection_rows, share_between
from synthetic_data.succession.frailty import Beta, LogitNormal
from synthetic_data.succession.shares import selection_share
from synthetic_data.succession.truth import Succession
from tests.certify.design import LEVEL, Design, Drawn, Wanted
from tests.certify.foretold import constant_is_kept, power
from tests.certify.histories import as_table, chances_of, drawn_counts

STEPS, STAY, LATER = 6, 0.85, 3
SELECTION = Succession(frailty=Beta(0.8, 0.96), steps=STEPS)
BOTH = Succession(frailty=Beta(0.9, 0.9), steps=STEPS, dependence=0.4)
FAILING = Succession(frailty=LogitNormal(0.0, 0.0), steps=STEPS, dependence=0.4)
NEITHER = Succession(frailty=LogitNormal(-0.4, 0.0), steps=STEPS)
FULL = {"term": BETA_AND_DEPENDENCE.name}
TEST = {"statistic": "likelihood ratio chi-square", "reference": BETA_FRAILTY.name} | FULL
CHOSEN = {"statistic": "chosen by AIC"}
CHANCE = {"statistic": "chance", "term": BETA_FRAILTY.name}
SLOPE = {"statistic": "log odds ratio", "term": "treatment_no", "criterion": "success"}
LARGE = "what is allowed is a convention: limits and errors are right in large samples only"


def two_models(rng, truth, cohort):
    """Beta frailty without and with dependence: the test between them, and the chance of a later treatment."""
    counts = drawn_counts(chances_of(truth), cohort, STAY, rng)
    pair = Pair(fit(BETA_FRAILTY, counts), fit(BETA_AND_DEPENDENCE, counts))
    rows = [TEST | {"estimate": pair.chi_square, "p_value": pair.p_value}]
    ahead = np.array([2, STEPS + LATER - 1])
    return pair, [*rows, *fitted_rows(pair.frailty, ahead, "chance", normal_quantile(0.95))]


def chosen(rng, truth, cohort):
    """The test, and which of the five models has the lowest AIC."""
    pair, rows = two_models(rng, truth, cohort)
    counts = pair.full.counts
    fits = [pair.frailty, pair.full, *(fit(model, counts) for model in FIVE if len(model.low) < 3)]
    best = min(fits, key=lambda found: found.aic).model.name
    # A choice stands as a test that rejects: its share of rejections is how often the model is chosen.
    rows += [CHOSEN | {"term": model.name, "estimate": 0.0, "p_value": float(best != model.name)} for model in FIVE]
    return estimates_frame(rows)


def share(rng, truth, cohort):
    """The test, and the selection share at the last treatment; a limit that does not exist is without bound."""
    pair, rows = two_models(rng, truth, cohort)
    found = share_between(pair, np.array([0, STEPS - 1]), 0.95)
    (row,) = selection_rows(pair, [found], 1)
    low, high = found.limits
    return estimates_frame([*rows, row | {"conf_low": -1e6 if low is None else low, "conf_high": high or 1e6}])


def line(rng, truth, cohort):
    """The odds ratio of success per further treatment."""
    counts = drawn_counts(chances_of(truth), cohort, STAY, rng)
    return analyses.trend(as_table(counts), undetermined="excluded")


def designs():
    """Return the designs of selection, dependence and forecasts."""
    yield from _of_selection()
    yield from _of_both()
    yield _chosen("pure dependence", FAILING, 8000, "dependence", 0.921, 906, "AIC adds a frailty of none in 8 percent")
    kept = constant_is_kept(NEITHER, 4000, STAY)
    neither = "Foretold by the directions in which the other models leave it"
    yield _chosen("neither selection nor dependence", NEITHER, 4000, "constant", kept, 907, neither)
    yield from _of_trend()


def _of_selection():
    true = 0.8 / (1.76 + np.array([2, STEPS + LATER - 1]))
    yield Design(
        estimator="mechanism, forecast",
        design=f"pure selection, cohort of 4000, {STEPS} treatments",
        task=Drawn(partial(chosen, truth=SELECTION, cohort=4000), 901),
        wanted=(
            Wanted(labels=TEST, true=None, level=LEVEL, allowed={"level": 0.01}, why=LARGE),
            Wanted(
                labels=CHOSEN | {"term": BETA_FRAILTY.name},
                true=None,
                level=0.843,
                allowed={"level": 0.02},
                why="AIC adds a dependence of none in 16 percent; the share is how often pure selection is chosen",
            ),
            _chance(3, true[0]),
            _chance(STEPS + LATER, true[1]),
        ),
        weight=0.5,
    )


def _of_both():
    yield Design(
        estimator="mechanism",
        design="selection and dependence, cohort of 1000",
        task=Drawn(partial(_test_alone, truth=BOTH, cohort=1000), 902),
        wanted=(
            Wanted(
                labels=TEST,
                true=None,
                level=power(BOTH, 1000, STAY),
                allowed={"level": 0.03},
                why="Power, foretold from expected counts by the non-central chi-square distribution",
            ),
        ),
        weight=0.5,
    )
    true = chances_of(Succession(frailty=BOTH.frailty, steps=STEPS + LATER, dependence=BOTH.dependence))[-1]
    yield Design(
        estimator="mechanism, forecast",
        design="selection and dependence, cohort of 4000",
        task=Drawn(partial(share, truth=BOTH, cohort=4000), 903),
        wanted=(
            Wanted(
                labels={"statistic": "selection share", "group": str(STEPS), "reference": "1"} | FULL,
                true=selection_share(BOTH, STEPS),
                ratio=None,
                allowed={"bias": 0.03, "coverage": 0.01},
                why=LARGE,
            ),
            _chance(STEPS + LATER, true, "WRONG METHOD: dependence read as selection", ("bias", "coverage")),
        ),
        weight=0.5,
    )


def _of_trend():
    yield Design(
        estimator="trend",
        design="pure dependence, cohort of 1000",
        task=Drawn(partial(line, truth=FAILING, cohort=1000), 904),
        wanted=(
            Wanted(
                labels=SLOPE,
                true=-FAILING.dependence,
                allowed={"bias": 0.005, "ratio": 0.02, "coverage": 0.005},
                why=LARGE,
            ),
        ),
    )
    yield Design(
        estimator="trend",
        design="pure selection, cohort of 1000, the odds ratio read as dependence",
        task=Drawn(partial(line, truth=SELECTION, cohort=1000), 905),
        wanted=(
            Wanted(
                labels=SLOPE,
                true=0.0,
                level=LEVEL,
                why="WRONG METHOD: those who are left are harder cases",
                must_fail=("bias", "coverage", "level"),
            ),
        ),
        weight=0.5,
    )


def _test_alone(rng, truth, cohort):
    """The test of dependence given frailty."""
    return estimates_frame(two_models(rng, truth, cohort)[1][:1])


def _chosen(what, truth, cohort, model, expected, seed, why):
    wanted = Wanted(labels=CHOSEN | {"term": model}, true=None, level=expected, allowed={"level": 0.02}, why=why)
    return Design(
        estimator="mechanism",
        design=f"{what}, cohort of {cohort}",
        task=Drawn(partial(chosen, truth=truth, cohort=cohort), seed),
        wanted=(wanted,),
        weight=0.5,
    )


def _chance(number, true, why=LARGE, must_fail=()):
    allowed = {"bias": 0.002, "ratio": 0.02, "coverage": 0.01}
    labels = CHANCE | {"group": str(number)}
    return Wanted(labels=labels, true=float(true), allowed=allowed, why=why, must_fail=must_fail)
