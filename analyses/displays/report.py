"""The report: estimates, figures and definitions as one self-contained page."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import polars as pl

from analyses.displays import page
from analyses.displays.figures import kaplan_meier_figure, svg
from analyses.displays.lay_survival import CURVE, SURVIVAL
from analyses.displays.table import bare_table
from analyses.estimates.result import Estimates
from cohort.errors import CohortError, some

if TYPE_CHECKING:
    from plotnine import ggplot


class Definition(Protocol):
    """Whatever can explain itself in a report: a criterion, say."""

    @property
    def label(self) -> str:
        """The name."""

    @property
    def definition(self) -> str:
        """What it says."""

    @property
    def source(self) -> str:
        """Where that comes from."""


@dataclass(frozen=True)
class Part:
    """Estimates in a report: their table, and a figure where there is one.

    Attributes:
        estimates: The numbers; their method and notes are printed below them.
        figure: A figure of the same numbers.
        caption: What the figure shows; without a figure, what the table shows.
        title: A heading of its own; the analysis' name stands in the captions where there is none.
    """

    estimates: Estimates
    figure: ggplot | None = None
    caption: str | None = None
    title: str | None = None


@dataclass(frozen=True)
class Section:
    """A section of a report: a heading, a sentence that says what it shows, and its parts."""

    title: str
    lead: str = ""
    parts: tuple[Part | Estimates, ...] = ()


_Content = Section | Part | Estimates
_Defined = Definition | tuple[str, str, str]


def report(
    path: str | os.PathLike[str],
    sections: Sequence[_Content],
    *,
    title: str = "Results",
    subtitle: str | None = None,
    definitions: Iterable[_Defined] = (),
    summary: Iterable[tuple[str, object]] = (),
    notes: Iterable[str] = (),
    version: str | None = None,
) -> Path:
    """Write the report as one HTML file and return its path.

    The file opens without a network and asks for nothing outside itself. The same input gives the same bytes. See
    `render` for what stands in it.

    Args:
        path: The file, ending in .html; missing folders are made, an existing file is replaced.
        sections: In order. Bare estimates become a section under the name of their analysis or criterion, and curves
            among them are drawn.
        title: The page's title.
        subtitle: The line below it: the study, the data cut.
        definitions: What the criteria say: objects with `label`, `definition` and `source`, or triples of them.
        summary: Key facts, label and value, in a block at the top.
        notes: What holds for the whole report.
        version: The package's version, for the footer.

    Raises:
        CohortError: The path does not end in .html, or a section or definition is of no known kind.
        EstimationError: Some estimates have no rows.
    """
    target = Path(path)
    if target.suffix.lower() not in {".html", ".htm"}:
        raise CohortError(f"a report cannot be written as {target.name!r}; expected a name that ends in .html")
    written = render(
        sections,
        title=title,
        subtitle=subtitle,
        definitions=definitions,
        summary=summary,
        notes=notes,
        version=version,
    )
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(written, encoding="utf-8", newline="\n")
    return target


def render(
    sections: Sequence[_Content],
    *,
    title: str = "Results",
    subtitle: str | None = None,
    definitions: Iterable[_Defined] = (),
    summary: Iterable[tuple[str, object]] = (),
    notes: Iterable[str] = (),
    version: str | None = None,
) -> str:
    """Return the report's page as text.

    It holds contents, summary, the sections (lead, tables, figures, methods, notes), definitions and notes. Tables and
    figures are numbered through. Every text is escaped. The arguments and errors are those of `report`.
    """
    drawn = _drawn_sections([_section(given) for given in sections])
    facts, defined, general = list(summary), [_triple(entry) for entry in definitions], list(notes)
    blocks = [("summary", "Summary", page.summary(facts))] if facts else []
    blocks += drawn
    blocks += [("definitions", "Definitions", page.definitions(defined))] if defined else []
    blocks += [("notes", "Notes", page.bullets(general))] if general else []
    contents = page.contents([(anchor, heading) for anchor, heading, _ in blocks])
    main = "".join(page.section(anchor, heading, content) for anchor, heading, content in blocks)
    footer = f"Made with refractory {version}." if version else ""
    return page.whole(title, subtitle or "", contents, main, footer)


def _section(given: object) -> Section:
    if isinstance(given, Section):
        return given
    if isinstance(given, Estimates):
        return Section(_name(given), parts=(given,))
    if isinstance(given, Part):
        named = given.title or _name(given.estimates)
        return Section(named, parts=(replace(given, title=None),))
    raise CohortError(f"a section is a {type(given).__name__}; expected Section, Part or Estimates")


# What estimates are called that name neither their analysis nor a criterion, by a statistic that only they hold.
_FAMILIES = {
    "survival": "Time to the event",
    "cumulative hazard": "Cumulative hazard",
    "cumulative incidence curve": "Cumulative incidence",
    "mean cumulative function": "Mean number of events",
    "restricted mean": "Mean time without the event",
    "survival difference": "Survival compared at fixed times",
    "log-rank chi-square": "Log-rank test",
    "Gray chi-square": "Gray's test",
    "hazard ratio": "Hazard ratios",
    "subdistribution hazard ratio": "Subdistribution hazard ratios",
    "time ratio": "Time ratios",
    "rate ratio": "Rate ratios",
    "rate per 1000 days": "Rates",
}


def _name(estimates: Estimates) -> str:
    """Return what estimates are about: their analysis, or else their criteria, or else their kind."""
    for column in ("analysis", "criterion"):
        names = [name for name in estimates.frame[column].unique(maintain_order=True) if name]
        if names:
            return str(names[0]) if len(names) == 1 else some(names).replace("'", "")
    held = set(estimates.frame["statistic"])
    return next((name for statistic, name in _FAMILIES.items() if statistic in held), "Results")


_TOLD = ("label", "definition", "source")


def _triple(entry: object) -> tuple[str, str, str]:
    if isinstance(entry, tuple | list):
        if len(entry) != 3:
            raise CohortError(f"a definition has {len(entry)} parts; expected 3: name, text, source")
        name, says, source = entry
        return str(name), str(says), str(source)
    lacking = [name for name in _TOLD if not hasattr(entry, name)]
    if lacking:
        raise CohortError(
            f"a definition is a {type(entry).__name__} without {some(lacking)}; "
            "expected an object with label, definition and source, or a triple of them"
        )
    label, definition, origin = (str(getattr(entry, name)) for name in _TOLD)
    return label, definition, origin


def _drawn_sections(sections: Sequence[Section]) -> list[tuple[str, str, str]]:
    """Return anchor, heading and content of each section; tables and figures are numbered through the report."""
    tables, figures = count(1), count(1)
    drawn = []
    for number, section in enumerate(sections, start=1):
        parts = [part if isinstance(part, Part) else _drawn_part(part) for part in section.parts]
        content = "".join(_part(part, section.title, tables, figures) for part in parts)
        drawn.append((f"section-{number}", section.title, page.paragraph(section.lead, "lead") + content))
    return drawn


def _drawn_part(estimates: Estimates) -> Part:
    """Return bare estimates as a part; a single set of survival curves among them is drawn."""
    curves = estimates.frame.filter(pl.col("statistic") == SURVIVAL, pl.col("term") == CURVE)
    sets = curves.select("analysis", "population", "criterion").n_unique() if curves.height else 0
    return Part(estimates, kaplan_meier_figure(estimates) if sets == 1 else None)


def _part(part: Part, section_title: str, tables: count[int], figures: count[int]) -> str:
    named = part.title or _caption(part.estimates, section_title)
    heading = f"<h3>{page.text(part.title)}</h3>\n" if part.title else ""
    table = _table(part, named, next(tables))
    figure = "" if part.figure is None else _figure(part.figure, part.caption or named, next(figures))
    method = page.sentence(part.estimates.method, "method")
    return heading + table + figure + method + page.bullets(part.estimates.notes)


def _table(part: Part, named: str, number: int) -> str:
    about = part.caption if part.caption and part.figure is None else named
    made = bare_table(part.estimates, f"table-{number}").as_raw_html()
    return page.captioned_table(made, f"Table {number}. {about}")


def _figure(figure: ggplot, about: str, number: int) -> str:
    caption = f"Figure {number}. {about}"
    return page.captioned_figure(svg(figure, label=caption, prefix=f"figure-{number}"), caption)


def _caption(estimates: Estimates, section_title: str) -> str:
    named = [name for name in estimates.frame["analysis"].unique(maintain_order=True) if name]
    populations = [name for name in estimates.frame["population"].unique(maintain_order=True) if name != "all"]
    about = str(named[0]) if len(named) == 1 else section_title
    return f"{about}, population: {populations[0]}" if len(populations) == 1 else about
