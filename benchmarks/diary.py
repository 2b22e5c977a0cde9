"""Rates per 28 days and sustained freedom on 100 million days of diary, against only reading the columns, and peers.

Run with `python -m benchmarks.diary [million rows] [turns]`. Each way runs in a process of its own, one after another
in turns. Printed are the fastest of its turns, the median of its ratios to the reading of the same turn (per row, where
there are fewer), and its highest memory. Times drift with the machine and what else it does; the ratios do not. The
peers compute rates and runs, but know no rule for missing days and check nothing; data.table is given its columns read,
and is left out where there is no Rscript with it. The diary is kept in DIARY_BENCHMARK where that names a folder.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np
import polars as pl

SUBJECTS_IN_100_MILLION, FIRST_DAY, GROUP = 12_247, -84, 1_000_000
S, D, C = "subject", "day", "count"


def main() -> None:
    """Print the table."""
    millions = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    turns = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    kept = os.environ.get("DIARY_BENCHMARK")
    place = Path(kept or tempfile.mkdtemp(prefix="diary_benchmark_"))
    try:
        files = {name: diary(place, name, rows * 1_000_000) for name, rows in sizes(millions).items()}
        show(files, {way: [] for way in WAYS if way != "R data.table" or has_data_table()}, turns)
    finally:
        if not kept:
            shutil.rmtree(place)


def sizes(millions):
    """Return the diaries in millions of rows."""
    return {
        "numbers": millions,
        "tenth": millions / 10,
        "text": millions,
        "encoded": millions,
        "shuffled": millions / 10,
    }


def show(files, found, turns):
    """Run each way in turns and print a line for each; what is slow runs once."""
    for turn in range(turns):
        for way in found:
            if turn == 0 or way not in SLOW:
                found[way].append(child(way, files[WAYS[way][0]]))
    reads = [took for took, _ in found["only reading"]]
    print(f"{os.cpu_count()} processors, {pl.__version__=}, {turns} turns")
    print(f"{'':44}{'million rows':>14}{'seconds':>10}{'ratio to reading':>18}{'GB':>8}")
    for way, runs in found.items():
        rows = pl.scan_parquet(files[WAYS[way][0]]).select(pl.len()).collect().item() / 1e6
        whole = pl.scan_parquet(files["numbers"]).select(pl.len()).collect().item() / 1e6
        ratio = median(took / rows / read * whole for (took, _), read in zip(runs, reads, strict=False))
        best = min(took for took, _ in runs)
        print(f"{way:44}{rows:14,.1f}{best:10.2f}{ratio:18.2f}{max(memory for _, memory in runs):8.2f}")


def child(way, file):
    """Return the seconds and the highest memory of one way in a process of its own."""
    out = subprocess.run(
        [sys.executable, "-m", "benchmarks.diary", "child", way, file], capture_output=True, text=True, check=True
    )
    took, memory = out.stdout.split()[-2:]
    return float(took), float(memory)


def run(way, file):
    """Run one way and print its seconds, without imports, and its highest memory."""
    work = WAYS[way][1]
    if way == "R data.table":
        took, memory = work(file)
    else:
        warm(Path(file).with_name("warm.parquet"), work)
        began = perf_counter()
        work(file)
        took, memory = perf_counter() - began, highest_memory()
    print(took, memory)


def highest_memory():
    """Return this process's highest memory in GB; what `resource` says may be that of the process it came from."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1e6


def warm(file, work):
    """Run a way on a few rows, so that imports are no part of its time."""
    work(str(file))


def only_reading(file):
    """Return the sums of three columns."""
    return pl.scan_parquet(file).select(pl.col(S, D, C).sum()).collect(engine="streaming")


def ours(file, block_rows=4_000_000):
    """Return what this package makes of it."""
    from cohort import DiaryScan, classify_diary
    from cohort.criteria import ILAE_2010_FREEDOM, Period

    scan = DiaryScan(source=file, subject_id=S, block_rows=block_rows)
    return classify_diary(scan, [ILAE_2010_FREEDOM], periods=(Period(FIRST_DAY, -1), Period(84, 9_000)))


def large_blocks(file):
    """Return the same with more rows at a time."""
    return ours(file, 16_000_000)


def with_pandas(file):
    """Return rates, and the longest run, as one would write it with pandas."""
    import pandas as pd

    rows = pd.read_parquet(file, columns=[S, D, C])
    known = rows[rows[C].notna()]
    rates = [known[days].groupby(S)[C].agg(["sum", "count"]) for days in (known[D] < 0, known[D] >= 84)]
    seizures = known[known[C] > 0]
    gap = seizures.groupby(S)[D].diff()
    before = gap[seizures[D] < 0].groupby(seizures[S]).max()
    runs = seizures[D] - seizures.groupby(S)[D].shift().clip(lower=0).fillna(0)
    longest = runs[seizures[D] >= 0].groupby(seizures[S]).max()
    last = rows.groupby(S)[D].max() - seizures.groupby(S)[D].max()
    return rates, before, longest, last


DATA_TABLE = """
suppressMessages(library(data.table))
folder <- commandArgs(TRUE)[1]
column <- function(name) { file <- file.path(folder, name); readBin(file, "integer", file.size(file) / 4) }
rows <- data.table(subject = column("subject"), day = column("day"), count = column("count"))
began <- proc.time()[["elapsed"]]
before <- rows[day < 0 & !is.na(count), .(days = .N, seizures = sum(count)), by = subject]
after <- rows[day >= 84 & !is.na(count), .(days = .N, seizures = sum(count)), by = subject]
seizures <- rows[count > 0, .(subject, day)]
seizures[, previous := shift(day), by = subject]
interval <- seizures[day < 0, .(interval = max(day - previous, na.rm = TRUE)), by = subject]
longest <- seizures[day >= 0, .(longest = max(day - pmax(previous, 0L, na.rm = TRUE))), by = subject]
last <- rows[, .(last = max(day)), by = subject][seizures[, .(seizure = max(day)), by = subject], on = "subject"]
took <- proc.time()[["elapsed"]] - began
memory <- sub("[^0-9]*([0-9]+).*", "\\\\1", grep("VmHWM", readLines("/proc/self/status"), value = TRUE))
cat(took, as.numeric(memory) / 1e6)
"""


def data_table(file):
    """Return seconds and memory of data.table, its columns read."""
    with tempfile.TemporaryDirectory() as place:
        for name in (S, D, C):
            values = pl.scan_parquet(file).select(pl.col(name).cast(pl.Int32).fill_null(-(2**31))).collect()
            values.to_series().to_numpy().tofile(Path(place) / name)
        script = Path(place) / "diary.R"
        script.write_text(DATA_TABLE)
        out = subprocess.run(["Rscript", script, place], capture_output=True, text=True, check=True)
    took, memory = out.stdout.split()
    return float(took), float(memory)


def has_data_table():
    """Return whether there is R with data.table; say so where not."""
    there = shutil.which("Rscript") is not None
    there = (
        there
        and subprocess.run(["Rscript", "-e", "library(data.table)"], capture_output=True, check=False).returncode == 0
    )
    if not there:
        print("no Rscript with data.table: that peer is left out")
    return there


WAYS = {
    "only reading": ("numbers", only_reading),
    "rates, freedom, checked": ("numbers", ours),
    "the same, blocks of 16 million rows": ("numbers", large_blocks),
    "the same on a tenth of the rows": ("tenth", ours),
    "subjects as text": ("text", ours),
    "subjects as text, encoded once": ("encoded", ours),
    "a tenth of the rows, in any order": ("shuffled", ours),
    "R data.table": ("numbers", data_table),
    "pandas": ("numbers", with_pandas),
}
SLOW = {"R data.table", "pandas", "a tenth of the rows, in any order"}


def diary(place, name, rows):
    """Return a diary's file, written if it is not there: 85 percent zeros, 1 percent missing, groups of a million."""
    file = place / f"{name}_{int(rows)}.parquet"
    few = place / "warm.parquet"
    if not few.exists():
        write_numbers(few, 100_000)
    if not file.exists():
        if name in ("numbers", "tenth"):
            write_numbers(file, int(rows))
        elif name == "shuffled":
            source = pl.read_parquet(diary(place, "tenth", rows))
            source.sample(fraction=1, shuffle=True, seed=1).write_parquet(file, row_group_size=GROUP)
        else:
            source = pl.scan_parquet(diary(place, "numbers", rows))
            text = pl.format("SITE-{}-{}", pl.col(S) // 50, pl.col(S).cast(pl.String).str.zfill(6))
            typed = text.cast(pl.Categorical) if name == "encoded" else text
            source.with_columns(typed.alias(S)).sink_parquet(file, row_group_size=GROUP)
    return str(file)


def write_numbers(file, rows):
    """Write subjects one after another, each followed for as long."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    subjects = max(1, round(SUBJECTS_IN_100_MILLION * rows / 1e8))
    days = rows // subjects
    rng, at_a_time, writer = np.random.default_rng(1), max(1, GROUP // days), None
    for first in range(0, subjects, at_a_time):
        many = min(at_a_time, subjects - first)
        count = np.where(rng.random(many * days) < 0.85, 0, rng.geometric(0.6, many * days)).astype(np.uint16)
        columns = {
            S: np.repeat(np.arange(first, first + many, dtype=np.int32), days),
            D: np.tile(np.arange(FIRST_DAY, FIRST_DAY + days, dtype=np.int32), many),
            C: pa.array(count, mask=rng.random(many * days) < 0.01),
        }
        table = pa.table(columns)
        writer = writer or pq.ParquetWriter(file, table.schema, compression="zstd")
        writer.write_table(table, row_group_size=GROUP)
    writer.close()


if __name__ == "__main__":
    if sys.argv[1:2] == ["child"]:
        run(*sys.argv[2:])
    else:
        main()
