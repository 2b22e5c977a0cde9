"""What one more treatment is worth, from published tables alone: a report and the numbers behind it.

Run with `python examples/diminishing_returns/report.py FOLDER`.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import polars as pl

import analyses
from analyses import Part, Section

STUDIES = ("Chen 2018", "Brodie 2012", "STAR*D 2006")
BELOW = 0.10
STATISTICS_OF_THE_FLOW = ("tried", "met", "never went on")
HEAD = (
    "Each further treatment works less often in those who try it. That is what one sees where subjects differ and the "
    "easy cases leave with remission; it is also what one sees where failing makes the next treatment worse."
)
NOTES = (
    "Counts were published or follow from published shares; those cited from memory are marked in the data.",
    "One sequence of treatments a subject and no covariates: selection and dependence are told apart only by the form "
    "that is assumed for how subjects differ.",
)


def section(study: str) -> Section:
    """Return one cohort's analysis."""
    counts = analyses.published_steps(study)
    table = analyses.successive(counts, undetermined="excluded")
    cumulative = analyses.cumulative_success(counts, undetermined="excluded")
    trend = analyses.trend(counts, undetermined="excluded")
    models = analyses.mechanism(counts, undetermined="excluded")
    ahead = analyses.forecast(counts, undetermined="excluded", below=BELOW)
    parts = (
        Part(table, analyses.steps_figure(table), title="Of those who tried, of the whole cohort"),
        Part(only(table, STATISTICS_OF_THE_FLOW), analyses.flow_figure(table), title="Who went on"),
        Part(cumulative, analyses.cumulative_figure(cumulative), title="All treatments together"),
        Part(of_the_cohort(trend), title="The trend"),
        Part(of_the_cohort(models), analyses.hazards_figure(models), title="Selection or dependence"),
        Part(only(ahead, ["chance"]), analyses.forecast_figure(ahead), title="The next treatment"),
    )
    source = counts["source"][0]
    named = tuple(replace(part, estimates=part.estimates.labelled(study)) for part in parts)
    return Section(study, f"{counts['criterion'][0]}. {source}.", named)


def only(estimates: analyses.Estimates, statistics: Sequence[str]) -> analyses.Estimates:
    """Return the rows of some statistics."""
    return replace(estimates, frame=estimates.frame.filter(pl.col("statistic").is_in(list(statistics))))


def of_the_cohort(estimates: analyses.Estimates) -> analyses.Estimates:
    """Return the rows that speak of no single treatment; the figure shows the others."""
    return replace(estimates, frame=estimates.frame.filter(pl.col("group").is_null()))


def main() -> None:
    """Write report.html and results.json."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "diminishing_returns")
    sections = [section(study) for study in STUDIES]
    folder.mkdir(parents=True, exist_ok=True)
    page = folder / "report.html"
    analyses.report(page, sections, title="Diminishing returns of successive treatments", subtitle=HEAD, notes=NOTES)
    numbers = [part.estimates.frame for one in sections for part in one.parts if isinstance(part, Part)]
    pl.concat(numbers).unique(maintain_order=True).write_json(folder / "results.json")
    print(f"report: {page.resolve()}")


if __name__ == "__main__":
    main()
