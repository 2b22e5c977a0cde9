"""Seizure diaries and the add-on study beside published figures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import polars as pl

import analyses
import cohort
import synthetic_data
from cohort.criteria import SEIZURE_RESPONSE_50
from synthetic_data.add_on.answers import responded
from synthetic_data.add_on.enrolment import longest_quiet
from synthetic_data.add_on.long_run import HYPOTHETICAL, long_run
from synthetic_data.add_on.truth import AddOnTruth
from synthetic_data.diary.counts import draw_counts
from synthetic_data.diary.habits import Habits, draw_habits, habits_taken, overdispersion
from synthetic_data.diary.truth import Diary
from synthetic_data.presets.add_on import ADD_ON_EPILEPSY
from tests.calibration.line import Line

PRESET = "add_on_epilepsy"
PLAIN = "plain diaries, one effect on all treatment days, nobody stops"

_STUDIES = "means of 23 randomized add-on studies, as compiled with the CHOCOLATES simulator"
_TARGET = "target of the CHOCOLATES simulator"
_MEASURED = "measured on diaries of the CHOCOLATES simulator"
_TRIED = "an earlier implementation of the same rules, 4,000 eligible subjects"

# By arm: published responders and fall of the median with the bands in which a simulated study should lie.
_RESPONDERS = {"placebo": (21.1, 15, 28), "drug": (43.2, 33, 45)}
_FALLS = {"placebo": (16.7, 8, 24), "drug": (40.9, 35, 45)}
_EFFECTS = {0.0: (18.9, 15, 28), 0.20: (29.3, None, None), 0.30: (38.0, 33, 45)}
_ZEROS = {1: 58, 2: 30, 4: 8, 8: 1}


def lines() -> list[Line]:
    """Return the lines of the add-on study; about half a minute."""
    return [*_study(20_000), *_population(8_000), *_zeros(20_000), *_plain(20_000)]


def _line(quantity: str, published: float | None, simulated: float, error: float, source: str, **more: object) -> Line:
    named = {"preset": PRESET, "quantity": quantity, "published": published, "source": source}
    return Line(**named, simulated=float(simulated), mc_error=float(error), **more)


def _study(subjects: int) -> Iterator[Line]:
    """One large study with everything that goes missing, analysed by the package."""
    study = synthetic_data.simulate(ADD_ON_EPILEPSY, subjects=subjects, seed=90)
    data = study.subjects.join(cohort.classify(study, SEIZURE_RESPONSE_50), on="subject_id")
    shares = analyses.proportions(data, by="arm", undetermined="excluded").frame.filter(statistic="share")
    for arm, (published, low, high) in _RESPONDERS.items():
        share = shares.filter(group=arm).row(0, named=True)
        found = 100 * share["estimate"], 100 * share["std_error"]
        yield _line(f"50 percent responders on {arm}, percent", published, *found, _STUDIES, low=low, high=high)
    changes = cohort.seizure_changes(study, (-56, -1), (0, 83))
    for arm, (published, low, high) in _FALLS.items():
        falls = -changes.filter(pl.col("arm").cast(pl.String) == arm)["percent_change"].drop_nulls().to_numpy()
        found = float(np.median(falls)), _error_of_median(falls)
        yield _line(f"fall of the median rate on {arm}, percent", published, *found, _STUDIES, low=low, high=high)
    entry = changes["baseline_rate28"].to_numpy()
    yield _line("median baseline seizures per 28 days", None, np.median(entry), _error_of_median(entry), "")
    eligible = _eligible(10_000)
    yield _line("eligible of all drawn, percent", 39, 100 * eligible.mean(), 100 * _error(eligible), _MEASURED)


def _eligible(subjects: int) -> np.ndarray:
    """Return 1 for those of everybody whom the study would take if no day were missing."""
    truth, rng = ADD_ON_EPILEPSY, np.random.default_rng(91)
    habits, days = draw_habits(truth.diary, subjects, rng), np.arange(-truth.baseline_days, 0)
    counts = draw_counts(truth.diary, habits, days, np.ones((subjects, days.size)), rng)
    enough = counts.sum(axis=1) >= truth.minimum_seizures
    return (enough & (longest_quiet(counts) <= truth.longest_gap)).astype(float)


def _population(subjects: int, parts: int = 10) -> Iterator[Line]:
    """24 months of untreated diaries of everybody, eligible or not."""
    diary, rng, found = ADD_ON_EPILEPSY.diary, np.random.default_rng(92), []
    for _ in range(parts):
        months = _months(diary, draw_habits(diary, subjects // parts, rng), 24, rng)
        means, spreads = months.mean(axis=1), months.std(axis=1, ddof=1)
        told = spreads > 0
        slope, intercept = np.polyfit(np.log10(means[told]), np.log10(spreads[told]), 1)
        found.append((slope, intercept, np.median(means), np.median(means[means > 4])))
    values, errors = np.mean(found, axis=0), np.std(found, axis=0, ddof=1) / np.sqrt(parts)
    pairs = list(zip(values, errors, strict=True))
    yield _line("slope of log10 SD on log10 mean of 30 days", 0.75, *pairs[0], _TARGET, low=0.70, high=0.78)
    yield _line("intercept of that line", 0.041, *pairs[1], _MEASURED)
    yield _line("median seizures in 30 days", 2.7, *pairs[2], _TARGET)
    yield _line("median seizures in 30 days among those above 4", 8.5, *pairs[3], _TARGET)


def _zeros(subjects: int) -> Iterator[Line]:
    """Months without seizures in subjects with a given mean."""
    diary, rng = ADD_ON_EPILEPSY.diary, np.random.default_rng(93)
    for mean, published in _ZEROS.items():
        habits = draw_habits(diary, subjects, rng)
        rates = np.full(subjects, mean * 28 / 30)
        spread = overdispersion(diary, rates, np.exp(diary.spread_sd * rng.standard_normal(subjects)))
        none = (_months(diary, replace(habits, rate28=rates, overdispersion=spread), 1, rng) == 0).astype(float)
        yield _line(
            f"30 days without seizures at a mean of {mean}, percent",
            published,
            100 * none.mean(),
            100 * _error(none),
            _MEASURED + ", which at low means vary more than its own line",
        )


def _plain(subjects: int) -> Iterator[Line]:
    """The generator of the calibration notes: no clusters, no cycles, nothing missing."""
    for effect, (published, low, high) in _EFFECTS.items():
        truth = AddOnTruth(diary=Diary(spread_sd=0.15, missing=0.0), reductions=(0.0, effect))
        run = long_run(truth, subjects)
        met = responded(truth, run.baseline, run.periods[HYPOTHETICAL], 50)[1]
        named = {"quantity": f"50 percent responders, effect {effect:.2f}, percent", "published": published}
        found = {"simulated": 100 * float(met.mean()), "mc_error": 100 * _error(met)}
        yield Line(preset=PLAIN, **named, **found, low=low, high=high, source=_TRIED)


def _months(diary: Diary, habits: Habits, months: int, rng: np.random.Generator) -> np.ndarray:
    """Return untreated seizures by subject and month of 30 days."""
    days, parts = np.arange(30 * months), []
    for at in range(0, habits.rate28.size, 1000):
        own = habits_taken(habits, slice(at, at + 1000))
        counts = draw_counts(diary, own, days, np.ones((own.rate28.size, days.size)), rng)
        parts.append(counts.reshape(-1, months, 30).sum(axis=2))
    return np.concatenate(parts)


def _error(values: np.ndarray) -> float:
    return float(values.std() / np.sqrt(values.size))


def _error_of_median(values: np.ndarray) -> float:
    ordered, reach = np.sort(values), 3 * np.sqrt(values.size)
    low, high = (int(values.size / 2 + side * reach) for side in (-1, 1))
    return float(ordered[high] - ordered[low]) / 12
