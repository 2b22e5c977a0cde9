"""Clinics of newly treated epilepsy beside the cohorts that they were calibrated to."""

from __future__ import annotations

from collections.abc import Iterator
from math import sqrt

import numpy as np
import polars as pl

import cohort
import synthetic_data
from cohort.criteria import ILAE_2010_FREEDOM
from synthetic_data import PRESETS
from synthetic_data.clinic.lengths import Lengths
from synthetic_data.clinic.truth import ClinicTruth
from synthetic_data.succession.histories import INEFFICACY, INTOLERANCE, REMISSION, Histories, draw_histories
from tests.calibration.line import Line

HISTORIES = 400_000
SUBJECTS = 3_000
ERRORS = 2.6  # how many standard errors of the source a simulated figure may lie away

_MEMORY = ", and so are the denominators from the second regimen on"
_CHEN = "Chen Z et al. JAMA Neurol 2018;75:279-86"
_BRODIE = "Brodie MJ et al. Neurology 2012;78:1548-54"
_KWAN = "Kwan P, Brodie MJ. N Engl J Med 2000;342:314-9"
_SANAD = "SANAD, carbamazepine or lamotrigine (joineR `epileptic`, n = 605), computed"

# By preset: subjects who tried each regimen, subjects freed by it, source.
COUNTS: dict[str, tuple[tuple[int, ...], tuple[int, ...], str]] = {
    "chen_2018": ((1795, 742, 330, 140, 71, 43), (820, 208, 78, 21, 10, 6), f"{_CHEN}; regimens 4 to 6 from memory"),
    "brodie_2012": (
        (1098, 398, 168, 68, 32, 16),
        (543, 146, 41, 11, 4, 2),
        f"{_BRODIE}; counts by regimen from memory",
    ),
    "kwan_brodie_2000": ((470,), (222, 61, 6), f"{_KWAN}; 61 and 6 from memory"),
}


def lines() -> list[Line]:
    """Return the lines of the clinics; under a minute on a quiet core."""
    found: list[Line] = []
    for place, preset in enumerate(COUNTS):
        rng = np.random.default_rng([60, place])
        histories = draw_histories(_truth(preset).succession, HISTORIES, rng)
        free = histories.taken & (histories.result == REMISSION)
        found += [*_of_the_cohort(preset, free, "histories"), *_of_those_who_tried(preset, histories, free)]
        found += _by_records(preset)
        found += _by_reason(histories, free) if preset == "kwan_brodie_2000" else []
    return [*found, *_persistent(), *_courses_of_time(), *_lengths()]


def _truth(preset: str) -> ClinicTruth:
    truth = PRESETS[preset]
    assert isinstance(truth, ClinicTruth)
    return truth


def _share(preset: str, quantity: str, seen: int, of: int, found: np.ndarray, source: str) -> Line:
    """Return a line of a published count of subjects, with a band from the count's own sampling error."""
    published, reach = seen / of, ERRORS * sqrt(seen / of * (1 - seen / of) / of)
    return _line(preset, quantity, published, found, source, reach)


def _line(
    preset: str, quantity: str, published: float, found: np.ndarray, source: str, reach: float | None = None
) -> Line:
    return Line(
        preset=preset,
        quantity=f"{quantity}, percent",
        published=100 * published,
        simulated=100 * float(found.mean()),
        mc_error=100 * float(found.std() / sqrt(found.size)),
        low=None if reach is None else 100 * max(published - reach, 0.0),
        high=None if reach is None else 100 * (published + reach),
        source=source,
    )


def _of_the_cohort(preset: str, free: np.ndarray, how: str) -> Iterator[Line]:
    tried, freed, source = COUNTS[preset]
    for k, seen in enumerate(freed):
        quantity = f"seizure-free on regimen {k + 1}, of the cohort ({how})"
        yield _share(preset, quantity, seen, tried[0], free[:, k], source)
    yield _share(preset, f"seizure-free on any, of the cohort ({how})", sum(freed), tried[0], free.any(axis=1), source)


def _of_those_who_tried(preset: str, histories: Histories, free: np.ndarray) -> Iterator[Line]:
    tried, freed, source = COUNTS[preset]
    for k, (n, seen) in enumerate(zip(tried, freed, strict=False)):
        mine = free[histories.taken[:, k], k]
        yield _share(preset, f"seizure-free on regimen {k + 1}, of those who tried", seen, n, mine, source + _MEMORY)


def _by_records(preset: str) -> Iterator[Line]:
    """The same from full records, judged by the published definition, and how often it agrees with the truth."""
    study, latent = synthetic_data.simulate_with_latent(_truth(preset), subjects=SUBJECTS, seed=61)
    verdicts = cohort.classify(study, ILAE_2010_FREEDOM)
    met = verdicts.filter(verdict="met").join(study.subjects.with_row_index("who"), on="subject_id")
    free = np.zeros((SUBJECTS, latent["treatment_no"].max()), dtype=np.bool_)
    free[met["who"], met["treatment_no"] - 1] = True
    yield from _of_the_cohort(preset, free, "records")
    both = verdicts.join(latent, on=["subject_id", "treatment_no"])
    agree = ((both["verdict"] == "met") == (both["result"] == "remission")).to_numpy()
    yield _line(preset, "verdicts that are the treatment's own truth", 1.0, agree, "", 0.005)


def _by_reason(histories: Histories, free: np.ndarray) -> Iterator[Line]:
    """Freedom on a later drug by why the first one was stopped."""
    later = free[:, 1:].any(axis=1)
    implied = "; numbers stopped implied by the printed percentages"
    for reason, name, seen, of in ((INEFFICACY, "inefficacy", 13, 116), (INTOLERANCE, "intolerance", 54, 132)):
        mine = later[histories.result[:, 0] == reason]
        yield _share("kwan_brodie_2000", f"free later, first stopped for {name}", seen, of, mine, _KWAN + implied)


def _persistent() -> Iterator[Line]:
    """Seizures that persist, by risk factor."""
    truth, rng = _truth("kwan_brodie_2000"), np.random.default_rng(62)
    histories = draw_histories(truth.succession, HISTORIES, rng)
    persist = ~(histories.taken & (histories.result == REMISSION)).any(axis=1)
    known = (("seizures_before_diary", (0.29, 345), (0.51, 180)), ("aetiology", (0.26, 129), (0.40, 396)))
    for place, (name, *figures) in enumerate(known):
        for has, (share, n) in enumerate(figures):
            level = truth.succession.risk_factors[place].levels[has]
            mine, reach = persist[histories.factors[:, place] == bool(has)], ERRORS * sqrt(share * (1 - share) / n)
            source = _KWAN + "; group sizes implied by the printed percentages"
            yield _line("kwan_brodie_2000", f"seizures persist, {name} {level}", share, mine, source, reach)


def _courses_of_time() -> Iterator[Line]:
    """Brodie's four courses; shown, not matched: the 68 percent are free at the last visit, not ever."""
    _, latent = synthetic_data.simulate_with_latent(_truth("brodie_2012"), subjects=SUBJECTS, seed=63)
    free = latent.filter(result="remission").with_columns(
        course=pl.when(pl.col("relapse_day").is_not_null())
        .then(pl.lit("C freedom lost again"))
        .when(pl.col("free_from") <= 183)
        .then(pl.lit("A free within 6 months and kept"))
        .otherwise(pl.lit("B free later and kept"))
    )
    published = {"A free within 6 months and kept": 408, "B free later and kept": 246, "C freedom lost again": 172}
    for course, seen in published.items():
        mine = np.zeros(SUBJECTS)
        mine[: free.filter(course=course).height] = 1
        yield _line("brodie_2012", f"course {course}", seen / 1098, mine, _BRODIE)
    never = np.zeros(SUBJECTS)
    never[free.height :] = 1
    yield _line("brodie_2012", "course D never free", 272 / 1098, never, _BRODIE)


def _lengths() -> Iterator[Line]:
    """When treatments are stopped, among those stopped within three years."""
    rng, lengths = np.random.default_rng(64), Lengths()
    known = (("intolerance", 187, (0.076, 0.111, 0.155, 0.170)), ("inefficacy", 492, (0.034, 0.080, 0.158, 0.213)))
    for reason, median, (*incidence, by_3_years) in known:
        days = getattr(lengths, reason).of(rng.random(HISTORIES))
        ordered, reach = np.sort(days), 3 * sqrt(days.size)
        ends = (int(days.size / 2 + side * reach) for side in (-1, 1))
        error = float(np.diff(ordered[list(ends)])[0]) / 12
        quantity = f"median days to a stop for {reason}"
        named = {"preset": "every clinic", "quantity": quantity, "published": float(median), "source": _SANAD}
        yield Line(**named, simulated=float(np.median(days)), mc_error=error, low=0.9 * median, high=1.1 * median)
        for day, share in zip((182, 365, 730), incidence, strict=True):
            found = (days <= day + 1).astype(float)
            yield _line("every clinic", f"of stops for {reason}, by day {day}", share / by_3_years, found, _SANAD)
