"""A year of daily seizure diary, drawn block by block and written as Parquet.

Run with `python -m benchmarks.blocks [subjects]`. The peer writes as many rows of Poisson counts, drawn in one piece:
no clusters, no missing days, no checks. Memory does not grow with the number of subjects; the peer's does.
"""

from __future__ import annotations

import resource
import sys
import tempfile
from pathlib import Path
from time import perf_counter

import numpy as np
import polars as pl

from analyses.plan.simulated import simulated

DAYS = 365


def main() -> None:
    """Print rows a second of both ways, their ratio, and the highest memory of the blocks."""
    subjects = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000
    with tempfile.TemporaryDirectory() as place:
        began = perf_counter()
        simulated("diary_year", Path(place) / "blocks", subjects, 1)
        blocks = perf_counter() - began
        highest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        began = perf_counter()
        plain(subjects).write_parquet(Path(place) / "plain.parquet")
        peer = perf_counter() - began
        size = sum(path.stat().st_size for path in (Path(place) / "blocks").rglob("*") if path.is_file()) / 1e6
    rows = subjects * DAYS
    print(f"{subjects:,} subjects, {rows:,} rows, {size:,.0f} MB on disk, at most {highest:.2f} GB of memory")
    print(f"simulated, checked and written: {rows / blocks:12,.0f} rows a second ({blocks:,.1f} s)")
    print(f"plain Poisson counts, written:  {rows / peer:12,.0f} rows a second; ratio {peer / blocks:.2f}")


def plain(subjects: int) -> pl.DataFrame:
    """Return as many rows of independent counts."""
    rng = np.random.default_rng(1)
    return pl.DataFrame(
        {
            "subject_id": pl.int_range(subjects, eager=True)
            .cast(pl.String)
            .gather(np.repeat(np.arange(subjects), DAYS)),
            "day": np.tile(np.arange(DAYS), subjects),
            "count": rng.poisson(0.2, subjects * DAYS),
        }
    )


if __name__ == "__main__":
    main()
