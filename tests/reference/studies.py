"""The example studies, run as a user runs them, on every copy of their data."""

import polars as pl

from analyses.plan.run import run
from tests.reference.printed import PROGABIDE, REFERENCE, ROOT
from tests.reference.progabide import COPIES


def results_of(folder):
    """Return the results of every example study by name, written below a folder."""
    files = {name: ROOT / f"examples/{name}/study.toml" for name in ("antidepressant", "sanad")}
    files |= {copy: _progabide(folder, copy, file) for copy, file in COPIES.items()}
    return {name: pl.read_parquet(run(file, folder / name).folder / "results.parquet") for name, file in files.items()}


def _progabide(folder, copy, file):
    bundled = ROOT / "examples/progabide/study.toml"
    if file is None:
        return bundled
    text = (
        bundled.read_text().replace('"progabide.csv"', f'"{REFERENCE / PROGABIDE / file}"').replace('"patient"', '"id"')
    )
    changed = folder / f"{copy}.toml"
    changed.write_text(text)
    return changed
