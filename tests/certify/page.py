"""The certificate: designs run, judged, and written as a table."""

from __future__ import annotations

import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path
from statistics import NormalDist

import polars as pl

from analyses.estimates.result import estimates_frame
from analyses.plan.replicate import progress
from analyses.plan.replication.characteristics import COMPARED, summary
from analyses.plan.replication.chunks import end_with_parent, progress_line
from tests.certify import (
    areas,
    cohorts,
    competing,
    curves,
    designed,
    hazards,
    means,
    parametric,
    ranks,
    rates,
    repeats,
    shares,
    studies,
    successive,
    treatments,
    visits,
)
from tests.certify.design import LEVEL, Design
from tests.certify.draws import ONE_CRITERION
from tests.certify.verdict import FALSE_ALARM, Line, checks, tested, verdicts

PAGE = Path(__file__).parents[2] / "docs/certificate.md"
REPLICATES = 2000
HEAD = """# Certificate

Every estimator against a truth that is known: its bias, its standard errors, its limits, its tests, over many
simulated studies. In brackets stands the Monte Carlo standard error. "SE ratio" is the root mean square of the reported
standard errors divided by the spread of the estimates.

A verdict asks whether bias, SE ratio, coverage and type I error lie within their expected value, plus or minus what is
allowed, plus or minus Monte Carlo error: {z:.2f} standard errors, for shares the exact binomial quantiles. One of the
{judged} verdicts on right methods is then wrong by chance in fewer than 1 of {runs:,.0f} tables. The last column says
what was expected and why, and what is allowed beyond it. Beside the right methods stand wrong ones, which must be
caught. This page is written by `make certify`.
"""
COLUMNS = (
    "estimator",
    "design",
    "number",
    "replicates",
    "true value",
    "bias",
    "empirical SE",
    "mean SE",
    "SE ratio",
    "coverage",
    "type I error",
    "verdict",
    "expected and allowed",
)


def designs() -> list[Design]:
    """Return everything that is certified."""
    return [
        design
        for room in (
            shares,
            means,
            rates,
            curves,
            areas,
            competing,
            ranks,
            hazards,
            parametric,
            repeats,
            successive,
            cohorts,
            treatments,
            studies,
            designed,
            visits,
        )
        for design in room.designs()
    ]


def certificate(asked: list[Design], replicates: int, workers: int) -> list[Line]:
    """Return every line; `replicates` is the usual number, of which a design may take a multiple."""
    numbers = [max(2, round(design.weight * replicates)) for design in asked]
    judged = verdicts(asked)
    found = _run(asked, numbers, workers)
    return [
        line for design, n, rows in zip(asked, numbers, found, strict=True) for line in _lines(design, n, rows, judged)
    ]


def _run(asked: list[Design], numbers: list[int], workers: int) -> list[pl.DataFrame]:
    """Return the REPLICATES of each design, in their order whoever made them."""
    spans = [
        (number, first, min(first + design.task.size, n))
        for number, (design, n) in enumerate(zip(asked, numbers, strict=True))
        for first in range(0, n, design.task.size)
    ]
    if workers == 1:
        made = {span: asked[span[0]].rows(*span[1:]) for span in spans}
    else:
        made = _in_processes(asked, spans, workers)
    return [pl.concat([made[span] for span in spans if span[0] == number]) for number in range(len(asked))]


def _in_processes(asked, spans, workers):
    made, began, total = {}, time.monotonic(), sum(last - first for _, first, last in spans)
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=end_with_parent) as pool:
        futures = {pool.submit(asked[span[0]].rows, *span[1:]): span for span in spans}
        for future in as_completed(futures):
            made[futures[future]] = future.result()
            done = sum(last - first for _, first, last in made)
            progress(progress_line(done, total, done / (time.monotonic() - began)))
    progress("")
    return made


def _lines(design: Design, n: int, rows: pl.DataFrame, judged: int) -> list[Line]:
    found = estimates_frame(summary(rows, design.truth(), {}, LEVEL).rows if rows.height else ())
    lines = []
    for wanted in design.wanted:
        own = found.filter(
            pl.col("analysis" if column == "statistic" else column).eq_missing(pl.lit(wanted.labels.get(column)))
            for column in COMPARED
        )
        measures = {row["statistic"]: row for row in own.iter_rows(named=True)}
        judgements = tuple(checks(wanted, measures, judged))
        lines.append(Line(design=design, wanted=wanted, measures=measures, asked=n, checks=judgements))
    return lines


def page(lines: list[Line], judged: int) -> str:
    """Return the certificate as Markdown."""
    z = -NormalDist().inv_cdf(FALSE_ALARM / (2 * judged))
    head = HEAD.format(z=z, judged=judged, runs=1 / FALSE_ALARM)
    table = [f"| {' | '.join(COLUMNS)} |", "|" + "---|" * len(COLUMNS), *map(_row, lines)]
    return "\n".join([head, *table, "", _closing(lines), ""])


def _closing(lines: list[Line]) -> str:
    wrong = sum(bool(line.wanted.must_fail) for line in lines)
    unsound = sum(not line.sound for line in lines)
    return (
        f"{len(lines) - wrong} lines of right methods, {wrong} of wrong ones; {unsound} without the verdict they need."
    )


def _row(line: Line) -> str:
    made = line.asked - line.lacking
    cells = (
        line.design.estimator,
        line.design.design,
        _number(line.wanted.labels),
        f"{made:,}" if not line.lacking else f"{made:,} of {line.asked:,}",
        *(_found(line, name) for name in ("true value", "bias", "empirical standard error", "mean standard error")),
        *(_found(line, name) for name in ("standard error ratio", "coverage")),
        _found(line, tested(line.measures)) if line.wanted.level is not None else "",
        line.verdict,
        _expected(line),
    )
    return f"| {' | '.join(cells)} |"


def _number(labels) -> str:
    words = [f"at {value:g}" if isinstance(value, float) else str(value) for value in labels.values()]
    return ", ".join(word for word in words if word != ONE_CRITERION)


def _found(line: Line, name: str) -> str:
    row = line.measures.get(name)
    if row is None:
        return ""
    if name in ("true value", "empirical standard error", "mean standard error"):
        return f"{row['estimate']:.4g}"
    return (
        f"{row['estimate']:.4f} ({row['std_error']:.4f})" if row["std_error"] is not None else f"{row['estimate']:.4f}"
    )


def _expected(line: Line) -> str:
    told = []
    for check in line.checks:
        expected, allowed = getattr(line.wanted, check.kind), line.wanted.allowed.get(check.kind, 0)
        named = {"ratio": "SE ratio", "level": "type I error"}.get(check.kind, check.kind)
        told.append(f"{named} {expected:.4g}" + (f" &plusmn; {allowed:g}" if allowed else ""))
    return "; ".join(told) + (f". {line.wanted.why}" if line.wanted.why else "")


def main() -> None:
    """Write the certificate, print it, and fail where a line is unsound."""
    asked = designs()
    lines = certificate(asked, REPLICATES, workers=os.cpu_count() or 1)
    text = page(lines, verdicts(asked))
    PAGE.write_text(text, encoding="utf-8")
    print(text)
    sys.exit(0 if all(line.sound for line in lines) else 1)
