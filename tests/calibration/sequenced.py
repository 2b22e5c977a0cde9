"""Sequenced treatment of depression beside STAR*D and its reanalysis."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from math import sqrt

import numpy as np

import cohort
from cohort.criteria import HAMD17_REMISSION
from synthetic_data.presets.sequenced import STARD_2006, STARD_2023
from synthetic_data.sequenced.after import After, draw_after
from synthetic_data.sequenced.courses import Courses, draw_courses
from synthetic_data.sequenced.design import MONTHS
from synthetic_data.sequenced.long_run import Counted
from synthetic_data.sequenced.scores import Ratings, draw_ratings
from synthetic_data.sequenced.truth import SequencedTruth
from synthetic_data.simulation import simulate
from synthetic_data.succession.histories import INTOLERANCE
from tests.calibration.line import Line

RUSH = "Rush AJ et al. Am J Psychiatry 2006;163:1905-17"
MEMORY = f"{RUSH}; from memory"
TRIVEDI = "Trivedi MH et al. Am J Psychiatry 2006;163:28-40"
LATER = "Acta Psychiatr Scand 2015;131:51-60, table 2"
PIGOTT = "Pigott HE et al. BMJ Open 2023;13:e063095"
REPLY = f"{PIGOTT}; exclusions: Am J Psychiatry 2023, letter"

SUBJECTS = 200_000
RECORDED = 40_000
STARTED = (3671, 1439, 390, 123)
REMITTED = (1346, 439, 53, 16)


@cache
def drawn(truth: SequencedTruth) -> tuple[Courses, Ratings, After]:
    rng = np.random.default_rng(20260)
    courses = draw_courses(truth, SUBJECTS, rng)
    scores = draw_ratings(truth, courses, rng)
    return courses, scores, draw_after(truth, courses, scores, rng)


def lines() -> list[Line]:
    """Return every comparison of the two presets."""
    return [
        *_steps(),
        *_responses(),
        *_leaving(),
        *_cumulative(),
        *_remission_days(),
        *_relapse(),
        *_records(),
        *_2023(),
    ]


def compared(quantity: str, published: float, found: Counted, *, of: float = 100, n: int = 0, source: str) -> Line:
    """Return a line in percent (or per `of`), with the source's own 95 percent limits where it counted `n`."""
    share = published / of
    reach = 1.96 * of * sqrt(share * (1 - share) / n) if n else None
    return Line(
        preset="stard_2006",
        quantity=quantity,
        published=round(published, 2),
        simulated=of * found.share,
        mc_error=of * found.std_error,
        low=None if reach is None else published - reach,
        high=None if reach is None else published + reach,
        source=source,
    )


def averaged(quantity: str, published: float, values: np.ndarray, source: str) -> Line:
    error = float(values.std() / sqrt(values.size))
    return Line(
        preset="stard_2006",
        quantity=quantity,
        published=published,
        simulated=float(values.mean()),
        mc_error=error,
        source=source,
    )


def counted(met: np.ndarray, asked: np.ndarray) -> Counted:
    return Counted(int((met & asked).sum()), int(asked.sum()))


def _steps() -> Iterator[Line]:
    courses, _, _ = drawn(STARD_2006)
    taken, everyone = courses.histories.taken, np.ones(SUBJECTS, dtype=np.bool_)
    intolerance = (16.3, 19.5, 25.6, 34.1)
    for k, (n, met) in enumerate(zip(STARTED, REMITTED, strict=True)):
        if k:
            start = counted(taken[:, k], everyone)
            yield compared(f"start step {k + 1}, per 3671", n, start, of=3671, n=3671, source=RUSH)
        found = counted(courses.remits[:, k], taken[:, k])
        yield compared(f"step {k + 1}: remission, percent", 100 * met / n, found, n=n, source=RUSH)
        found = counted(courses.histories.result[:, k] == INTOLERANCE, taken[:, k])
        yield compared(f"step {k + 1}: intolerance, percent", intolerance[k], found, n=n, source=MEMORY)


def _responses() -> Iterator[Line]:
    courses, scores, _ = drawn(STARD_2006)
    for k, share in enumerate((48.6, 28.5, 16.8, 16.3)):
        found = counted(2 * scores.at_exit[:, k] <= scores.at_entry[:, k], courses.histories.taken[:, k])
        yield compared(f"step {k + 1}: response, percent", share, found, n=STARTED[k], source=MEMORY)
    for k, (entry, leave) in enumerate(((15.4, 9.5), (14.3, 10.5), (15.5, 13.1), (16.4, 12.3))):
        taken = courses.histories.taken[:, k]
        yield averaged(f"step {k + 1}: mean QIDS-SR16 at entry", entry, scores.at_entry[taken, k], LATER)
        yield averaged(f"step {k + 1}: mean QIDS-SR16 at exit", leave, scores.at_exit[taken, k], LATER)


def _leaving() -> Iterator[Line]:
    """Published shares are not those of the counts, by which the preset goes: 24.1, 42.4 and 54.9 percent."""
    courses, _, _ = drawn(STARD_2006)
    for k, share in enumerate((20.9, 29.7, 42.3)):
        found = counted(courses.histories.left[:, k], courses.histories.taken[:, k])
        yield compared(f"step {k + 1}: leave before the next, percent", share, found, source=MEMORY)


def _cumulative() -> Iterator[Line]:
    courses, _, after = drawn(STARD_2006)
    everyone = np.ones(SUBJECTS, dtype=np.bool_)
    found = counted(after.who, everyone)
    yield compared("remission at any exit, percent", 100 * 1854 / 3671, found, n=3671, source=RUSH)
    yield _product(courses, 66.9)
    stayed = after.who & (after.relapse > MONTHS) & (after.missed > MONTHS)
    source = "108 of 4041 in STAR*D, who include those never rated again; Pigott HE et al. 2010, as cited"
    yield compared("neither relapse nor dropout for a year, percent", 2.7, counted(stayed, everyone), source=source)


def _product(courses: Courses, published: float) -> Line:
    """Return the product-limit line; the errors of the steps add up by the delta method."""
    taken, remits = courses.histories.taken.sum(axis=0), courses.remits.sum(axis=0)
    share = remits / taken
    left = float(np.prod(1 - share))
    error = left * sqrt(float(np.sum(share / (1 - share) / taken)))
    counts, met = np.array(STARTED), np.array(REMITTED)
    reach = 1.96 * (1 - published / 100) * sqrt(float(np.sum(met / (counts - met) / counts)))
    return Line(
        preset="stard_2006",
        quantity="remission, product-limit, percent",
        published=published,
        simulated=100 * (1 - left),
        mc_error=100 * error,
        low=published - 100 * reach,
        high=published + 100 * reach,
        source=RUSH,
    )


def _remission_days() -> Iterator[Line]:
    courses, scores, _ = drawn(STARD_2006)
    first = courses.remits[:, 0]
    day = scores.remission_day[:, 0]
    early = counted(day <= 45, first)
    yield compared("step 1: of remissions, within 6 weeks, percent", 50, early, source="STAR*D, as cited")
    yield averaged("step 1: mean days to remission", 47, day[first], MEMORY)


def _relapse() -> Iterator[Line]:
    """Published shares are crude and of all who entered follow-up; simulated is the risk had nobody dropped out."""
    _, _, after = drawn(STARD_2006)
    published = zip((40.1, 55.3, 64.6, 71.1), (4.1, 3.6, 3.1, 3.3), strict=True)
    for k, (share, months) in enumerate(published):
        mine = after.who & (after.step == k)
        relapsed = mine & (after.relapse <= MONTHS)
        yield compared(f"step {k + 1}: relapse in a year, percent", share, counted(relapsed, mine), source=MEMORY)
        yield averaged(f"step {k + 1}: mean months to relapse", months, after.relapse[relapsed], MEMORY)


def _records() -> Iterator[Line]:
    """Return what `cohort.classify` finds in records; a missing HAM-D17 counts as no remission, as it did there."""
    study = simulate(STARD_2006, subjects=RECORDED, seed=20260)
    qids = replace(HAMD17_REMISSION, scale="QIDS-SR16", threshold=5)
    for k in range(4):
        for criterion, shares, sizes in (
            (qids, tuple(100 * met / n for met, n in zip(REMITTED, STARTED, strict=True)), STARTED),
            (HAMD17_REMISSION, (28.0, None, None, None), (0, 0, 0, 0)),
        ):
            verdicts = cohort.classify(study, criterion.at(f"step {k + 1} exit"))["verdict"]
            if shares[k] is None:
                continue
            rated = study.ratings.filter(visit=f"step {k + 1} exit", scale=criterion.scale).height
            found = Counted(int((verdicts == "met").sum()), rated)
            quantity = f"step {k + 1}: {criterion.event} in records, percent"
            source = RUSH if criterion is qids else TRIVEDI
            yield compared(quantity, shares[k], found, n=sizes[k], source=source)


def _2023() -> Iterator[Line]:
    courses, _, after = drawn(STARD_2023)
    everyone = np.ones(SUBJECTS, dtype=np.bool_)
    for k, n in enumerate((1142, 297, 106), start=1):
        found = counted(courses.histories.taken[:, k], everyone)
        line = compared(f"start step {k + 1}, per 3110", n, found, of=3110, n=3110, source=REPLY)
        yield replace(line, preset="stard_2023")
    line = compared("remission at any exit, percent", 35.0, counted(after.who, everyone), n=3110, source=PIGOTT)
    yield replace(line, preset="stard_2023")
