"""What one more treatment is worth, from published tables alone: a report and the numbers behind it.

Run with `python examples/diminishing_returns/report.py FOLDER`.
"""

from __future__ import annotations

import sys
from pathlib import Path

import polars as pl

import analyses
from analyses import Part, Section

STUDIES = ("Chen 2018", "Brodie 2012", "STAR*D 2006")
BELOW = 0.10
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
    lead = f"{counts['criterion'][0].capitalize()}. {counts['source'][0]}."
    return analyses.successive_section(counts, undetermined="excluded", title=study, lead=lead, below=BELOW)


def main() -> None:
    """Write report.html and results.json."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "diminishing_returns")
    sections = [section(study) for study in STUDIES]
    folder.mkdir(parents=True, exist_ok=True)
    page = folder / "report.html"
    analyses.report(page, sections, title="Diminishing returns of successive treatments", subtitle=HEAD, notes=NOTES)
    numbers = [part.estimates.frame for one in sections for part in one.parts if isinstance(part, Part)]
    pl.concat(numbers).write_json(folder / "results.json")
    print(f"report: {page.resolve()}")


if __name__ == "__main__":
    main()
