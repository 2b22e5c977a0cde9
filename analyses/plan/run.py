"""The main job: a study file -> records, outcomes, estimates -> a finished folder."""

from __future__ import annotations

import json
import platform
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import polars as pl

from analyses.displays.report import Part, Section, report
from analyses.estimates.result import Estimates, estimates_frame, together
from analyses.plan.folder import MARK, finished_folder
from analyses.plan.perform import perform
from analyses.plan.performed import Performed
from analyses.plan.plan_file import load_plan
from analyses.plan.prepared import prepared
from cohort.records.inspect import Inspection, inspect
from cohort.schemas import OUTCOMES

LIBRARIES = ("polars", "numpy", "scipy", "lifelines", "formulaic", "plotnine", "great_tables", "pyreadstat", "pandas")


@dataclass(frozen=True)
class Finished:
    """Where the folder lies, and what was read."""

    folder: Path
    inspection: Inspection

    @property
    def report(self) -> Path:
        """The page to open."""
        return self.folder / "report.html"


def run(study_file: str | Path, out: str | Path, *, say: Callable[[str], None] = lambda line: None) -> Finished:
    """Read, classify, estimate and report one study.

    The folder holds `report.html`, `results.parquet` and `results.json` (ESTIMATES), `outcomes.parquet` (OUTCOMES),
    `refused.csv` and `manifest.json`. It is written beside its place and put there when it is complete.

    Args:
        study_file: The study.toml.
        out: The folder to make, or to replace where an earlier run made it.
        say: Called with a line of progress; lines hold counts, never subjects.

    Raises:
        CohortError: The study is refused, or a step of its plan cannot be carried out; nothing is written.
    """
    study_file, out = Path(study_file), Path(out)
    with finished_folder(out) as folder:
        say(f"reading {study_file}")
        inspection = inspect(study_file)
        inspection.check()
        plan = load_plan(inspection.analysis)
        inspection = prepared(inspection, totals=plan.totals)
        study = inspection.study
        say(f"{study.subjects.height} subjects; {_told(inspection)}")
        performed = []
        for done in perform(study, plan):
            say(done.section.title)
            performed.append(done)
        _write(folder, inspection, performed)
        say(f"writing {out}")
    return Finished(out, inspection)


def _told(inspection: Inspection) -> str:
    read_rows, refused = (int(inspection.counts[name].sum()) for name in ("rows_read", "rows_refused"))
    return f"{read_rows} rows read, {refused} refused"


def _write(folder: Path, inspection: Inspection, performed: list[Performed]) -> None:
    study = inspection.study
    records = _records_section(inspection)
    sections = [*(done.section for done in performed), records]
    results = together([_numbers(part) for section in sections for part in section.parts])
    results.write_parquet(folder / "results.parquet")
    rows = {"study": study.name, "estimates": results.to_dicts()}
    (folder / "results.json").write_text(
        json.dumps(rows, indent=1, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8"
    )
    _outcomes(performed).write_parquet(folder / "outcomes.parquet")
    inspection.refused.write_csv(folder / "refused.csv")
    report(
        folder / "report.html",
        sections,
        title=study.title or study.name,
        subtitle=study.source or None,
        summary=_summary(inspection),
        notes=inspection.cautions,
        definitions=_definitions(performed),
        version=version("refractory"),
    )
    (folder / MARK).write_text(
        json.dumps(_manifest(inspection, folder), indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )


def _numbers(part: Part | Estimates) -> Estimates:
    return part.estimates if isinstance(part, Part) else part


def _outcomes(performed: list[Performed]) -> pl.DataFrame:
    """Return every verdict once, though several steps may rest on it."""
    frames = {frame["criterion"][0]: frame for done in performed for frame in done.outcomes if frame.height}
    return pl.concat([OUTCOMES.empty(), *frames.values()])


def _definitions(performed: list[Performed]) -> list[tuple[str, str, str]]:
    criteria = dict.fromkeys(criterion for done in performed for criterion in done.criteria)
    return [(criterion.label, criterion.definition, criterion.source) for criterion in criteria]


def _summary(inspection: Inspection) -> list[tuple[str, str]]:
    study = inspection.study
    facts = [("Subjects", f"{study.subjects.height:,}")]
    for arm in study.arms:
        role = " (control)" if arm == study.arms[0] and len(study.arms) > 1 else ""
        facts.append((f"{arm}{role}", f"{study.subjects.filter(arm=arm).height:,}"))
    facts.append(("Day 0", study.index))
    facts.append(("Rows read", f"{inspection.counts['rows_read'].sum():,}"))
    facts.append(("Rows refused", f"{inspection.counts['rows_refused'].sum():,}"))
    return facts


def _records_section(inspection: Inspection) -> Section:
    """Return what was read, kept and refused; every number of the report is an estimate, these too."""
    order = {"rows_read": "rows read", "rows_kept": "rows kept", "rows_refused": "rows refused", "records": "records"}
    counts = inspection.counts.with_columns(pl.col("file").str.split("/").list.last())
    lines = [
        {"criterion": row["table"], "term": row["file"], "statistic": said, "estimate": row[name]}
        for row in counts.iter_rows(named=True)
        for name, said in order.items()
    ]
    for table, reason, rows in inspection.reasons().iter_rows():
        lines.append({"criterion": table, "term": reason, "statistic": "refused for this reason", "estimate": rows})
    method = (
        "Rows read are rows kept and rows refused; a cell of a wide table is a row; several rows may state one record."
    )
    found = Estimates(estimates_frame(lines), method).labelled("Records", "all records")
    lead = (
        "What was read from each source. Refused rows are listed with their reasons in refused.csv, beside this page."
    )
    return Section("Records", lead, (Part(found),))


def _manifest(inspection: Inspection, folder: Path) -> dict[str, object]:
    return {
        "study": inspection.study.name,
        "inputs": inspection.inputs,
        "settings": {"max_refused_share": inspection.max_refused_share, "analysis": inspection.analysis},
        "counts": inspection.counts.to_dicts(),
        "refused": inspection.reasons().to_dicts(),
        "cautions": list(inspection.cautions),
        "files": {path.name: path.stat().st_size for path in sorted(folder.iterdir())},
        "versions": {
            "refractory": version("refractory"),
            "python": platform.python_version(),
            **{name: version(name) for name in LIBRARIES},
        },
    }
