"""Operating characteristics: a truth simulated and analysed many times, and what the analysis makes of it."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import polars as pl

from analyses.estimates.result import Estimates, estimates_frame
from analyses.plan.replication.characteristics import Match, summary
from analyses.plan.replication.chunks import Say, replicates_of
from analyses.plan.replication.folder import kept_in
from analyses.plan.replication.tasks import Analysis, AnalysisOfMany, AtOnce, OneByOne
from cohort.errors import CohortError, EstimationError
from synthetic_data.estimands import Truth

REJECTIONS = ("power", "type I error")
Label = str | float


def progress(line: str) -> None:
    """Show a line of progress in place of the last one, to a person; a scheduled run stays silent."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{line}", end="", file=sys.stderr, flush=True)


def replicate(
    truth: Truth,
    analysis: Analysis,
    n: int,
    seed: int,
    *,
    subjects: int,
    match: Match | None = None,
    alpha: float = 0.05,
    workers: int | None = None,
    folder: Path | str | None = None,
    say: Say = progress,
) -> Estimates:
    """Return what an analysis does in the long run: simulate `n` studies from a truth, analyse each, compare.

    For every number of the analysis (its labels are kept; its own statistic becomes `analysis`), as `statistic`:

    - "replicates": in how many studies the number exists; "mean estimate"; "empirical standard error", its spread;
    - "mean standard error": the root mean square of the reported ones; "standard error ratio": that over the spread;
    - where the truth knows the true value: "true value", "bias", "mean squared error", "coverage" of the limits;
    - where there is a test: "power", or "type I error" where the truth has no effect: the share with p < `alpha`, or
      where there is no p value, whose limits leave out the null value (at the limits' own level). A test without a true
      value of its own, such as a chi-square, makes type I errors where every comparison of the truth is null.

    `std_error` is the Monte Carlo standard error, the limits are 95% Monte Carlo limits (Wilson's for shares), `n` is
    how many studies the row rests on, `events` how many of them cover or reject. A study in which the analysis raises
    EstimationError has no estimate and is counted in the notes. Replicate r is the same study whatever `n`, and the
    numbers are the same to the last bit whatever `workers`; an analysis of many studies at once draws its own.

    Args:
        truth: Any truth that `synthetic_data.simulate` takes.
        analysis: From a study to Estimates (or a frame of that shape). One that can analyse many studies at once
            (`RemissionLogRank`) does so where it knows the truth.
        n: How many studies.
        seed: 0 or more.
        subjects: How many in each study.
        match: How the analysis's labels become the truth's, where they differ: for a column, from one's values to the
            other's, or None to leave the column out of the comparison.
        alpha: Level of the tests.
        workers: How many processes (threads for many studies at once) share the work. None: all processors for many at
            once, else 1. Other processes must be able to import the analysis.
        folder: Keeps finished replicates here; the same call, or one with a larger `n`, goes on from them.
        say: Is told how far it is, at most twice a second; with "" at the end.

    Raises:
        EstimationError: No study has an estimate, the labels of the analysis do not tell its numbers apart, or `match`
            leaves several true values for one.
        CohortError: A number makes no sense, the folder holds another run, or other processes cannot have the analysis.

    Sources: Morris TP, White IR, Crowther MJ. Stat Med 2019;38:2074-102.

    >>> from analyses.plan.replication.remission_log_rank import RemissionLogRank
    >>> from synthetic_data import HAMD_STUDY
    >>> found = replicate(HAMD_STUDY, RemissionLogRank(), 1000, seed=1, subjects=200)
    >>> 0.05 < found.value("power", analysis="log-rank chi-square") < 0.13
    True
    """
    _check(n=n, subjects=subjects, workers=1 if workers is None else workers)
    if not isinstance(seed, int) or isinstance(seed, bool) or seed < 0:
        raise CohortError(f"seed is {seed!r}; expected a whole number, 0 or more")
    if not isinstance(alpha, int | float) or not 0 < alpha < 1:
        raise CohortError(f"alpha is {alpha!r}; expected a level between 0 and 1, such as 0.05")
    task: OneByOne | AtOnce
    if isinstance(analysis, AnalysisOfMany) and analysis.takes(truth):
        task = AtOnce(truth, analysis, seed, subjects)
    else:
        task = OneByOne(truth, analysis, seed, subjects)
    hands = workers or ((os.cpu_count() or 1) if task.threads else 1)
    kept = None if folder is None else kept_in(Path(folder), task.described())
    found = summary(replicates_of(task, n, hands, kept, say), truth.estimates(), match or {}, alpha)
    method = f"{n:,} simulated studies of {subjects:,} subjects (seed {seed}), tests at the level {alpha:g}"
    return Estimates(estimates_frame(found.rows), method, found.notes)


def power_curve(
    truths: Truth | Mapping[Label, Truth],
    analysis: Analysis,
    n: int,
    seed: int,
    *,
    subjects: int | Sequence[int],
    match: Match | None = None,
    alpha: float = 0.05,
    workers: int | None = None,
    folder: Path | str | None = None,
    say: Say = progress,
) -> Estimates:
    """Return the power of an analysis over designs: truths, numbers of subjects, or both.

    Rows "power" ("type I error" where the truth has no effect) with Monte Carlo errors and limits. `at` is the number
    of subjects and `group` the truth's label; where labels are numbers, `at` is the label and `group` the number of
    subjects. `analysis` is the statistic that is tested; when and what it compares ("at 42,
    drug v placebo") ends its `term`.

    Args:
        truths: One truth, or several by a label in words or numbers (an effect, a share of dropout).
        analysis: As in `replicate`.
        n: How many studies of each design.
        seed: The same for every design.
        subjects: How many in each study; several for a curve over sample sizes.
        match: As in `replicate`.
        alpha: Level of the tests.
        workers: As in `replicate`.
        folder: As in `replicate`; each design has its own folder in it.
        say: As in `replicate`.

    Raises:
        EstimationError: As in `replicate`.
        CohortError: As in `replicate`, or there is no design, or labels are words and numbers mixed.
    """
    labelled: Mapping[Label, Truth] | dict[None, Truth] = truths if isinstance(truths, Mapping) else {None: truths}
    sizes = [int(size) for size in subjects] if isinstance(subjects, Iterable) else [subjects]
    if not labelled or not sizes:
        raise CohortError("there are 0 designs; name at least one truth and one number of subjects")
    numeric = _labels_are_numbers(list(labelled))
    rows: list[dict[str, object]] = []
    notes: dict[str, None] = {}
    for label, truth in labelled.items():
        for size in sizes:
            place = None if folder is None else Path(folder) / re.sub(r"[^\w .,+-]", "_", _design(label, size))
            found = replicate(
                truth,
                analysis,
                n,
                seed,
                subjects=size,
                match=match,
                alpha=alpha,
                workers=workers,
                folder=place,
                say=say,
            )
            where = {"at": label, "group": f"{size} subjects"} if numeric else {"at": size, "group": label}
            rows += [row | where for row in _rejections(found.frame)]
            notes |= dict.fromkeys(
                f"{_design(label, size)}: {note}" for note in found.notes if "true value" not in note
            )
    if not rows:
        raise EstimationError("the analysis has no test and no limits against no effect, so that there is no power")
    method = f"{n:,} simulated studies of each design (seed {seed}), tests at the level {alpha:g}"
    return Estimates(estimates_frame(rows), method, tuple(notes))


def _rejections(frame: pl.DataFrame) -> Iterator[dict[str, object]]:
    for row in frame.filter(pl.col("statistic").is_in(REJECTIONS)).iter_rows(named=True):
        compared = f"{row['group']} v {row['reference']}" if row["group"] and row["reference"] else row["group"]
        when = None if row["at"] is None else f"at {row['at']:g}"
        about = ", ".join(part for part in (row["term"], when, compared) if part)
        yield row | {"term": about or None, "reference": None}


def _design(label: Label | None, subjects: int) -> str:
    return f"{subjects} subjects" if label is None else f"{label}, {subjects} subjects"


def _labels_are_numbers(labels: Sequence[Label | None]) -> bool:
    numbers = [isinstance(label, int | float) for label in labels]
    if any(numbers) != all(numbers):
        raise CohortError(f"the truths are labelled {labels}; expected words, or numbers, and not both")
    return all(numbers)


def _check(**whole: int) -> None:
    for name, value in whole.items():
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise CohortError(f"{name} is {value!r}; expected a whole number, 1 or more")
