"""Rates per 28 days and sustained freedom on 100 million days of diary, against only reading the columns, and peers.

Run with `python -m benchmarks.diary [million rows] [turns]`. Each way runs in a process of its own, one after another
in turns. Printed are the fastest of its turns and the median of its ratios to the reading of the same turn (per row,
where there are fewer), the same for the time that the processors were busy with it, and its highest memory. Times drift
with the machine and what else it does, the ratios of processor seconds least. The peers compute rates and runs, but
know no rule for missing days and check nothing; data.table is given its columns read, and is left out where there is no
Rscript with it. The diary is kept in DIARY_BENCHMARK where that names a folder.
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
from time import perf_counter, process_time

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
    print(f"{os.cpu_count()} processors, polars {pl.__version__}, {turns} turns")
    print(f"{'':38}{'million rows':>14}{'seconds':>10}{'ratio':>8}{'processor seconds':>20}{'ratio':>8}{'GB':>8}")
    rows = {name: pl.scan_parquet(file).select(pl.len()).collect().item() / 1e6 for name, file in files.items()}
    for way, runs in found.items():
        many = rows[WAYS[way][0]]
        numbers = [per_reading(runs, found["only reading"], which, rows["numbers"] / many) for which in (0, 1)]
        told = "".join(f"{best:{width}.2f}{ratio:8.2f}" for (best, ratio), width in zip(numbers, (10, 20), strict=True))
        print(f"{way:38}{many:14,.1f}{told}{max(run[2] for run in runs):8.2f}")


def per_reading(runs, reads, which, scale):
    """Return the smallest number of a way, and the median of its ratios to that of reading as many rows."""
    ratios = [run[which] / read[which] * scale for run, read in zip(runs, reads, strict=False)]
    return min(run[which] for run in runs), median(ratios)


def child(way, file):
    """Return seconds, processor seconds and highest memory of one way in a process of its own."""
    out = subprocess.run(
        [sys.executable, "-m", "benchmarks.diary", "child", way, file], capture_output=True, text=True, check=True
    )
    return tuple(float(number) for number in out.stdout.split()[-3:])


def run(way, file):
    """Run one way and print its seconds, those of the processors, and its highest memory."""
    work = WAYS[way][1]
    if way == "R data.table":
        print(*work(file))
        return
    work(str(Path(file).with_name("warm.parquet")))  # imports are no part of its time
    began, busy = perf_counter(), process_time()
    work(file)
    print(perf_counter() - began, process_time() - busy, highest_memory())


def highest_memory():
    """Return this process's highest memory in GB; what `resource` says may be that of the process it came from."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1e6


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
began <- proc.time()
before <- rows[day < 0 & !is.na(count), .(days = .N, seizures = sum(count)), by = subject]
after <- rows[day >= 84 & !is.na(count), .(days = .N, seizures = sum(count)), by = subject]
seizures <- rows[count > 0, .(subject, day)]
seizures[, previous := shift(day), by = subject]
interval <- seizures[day < 0, .(interval = max(day - previous, na.rm = TRUE)), by = subject]
longest <- seizures[day >= 0, .(longest = max(day - pmax(previous, 0L, na.rm = TRUE))), by = subject]
last <- rows[, .(last = max(day)), by = subject][seizures[, .(seizure = max(day)), by = subject], on = "subject"]
took <- proc.time() - began
memory <- sub("[^0-9]*([0-9]+).*", "\\\\1", grep("VmHWM", readLines("/proc/self/status"), value = TRUE))
cat(took[["elapsed"]], took[["user.self"]] + took[["sys.self"]], as.numeric(memory) / 1e6)
"""


def data_table(file):
    """Return seconds, processor seconds and memory of data.table, its columns read."""
    with tempfile.TemporaryDirectory() as place:
        for name in (S, D, C):
            values = pl.scan_parquet(file).select(pl.col(name).cast(pl.Int32).fill_null(-(2**31))).collect()
            values.to_series().to_numpy().tofile(Path(place) / name)
        script = Path(place) / "diary.R"
        script.write_text(DATA_TABLE)
        out = subprocess.run(["Rscript", script, place], capture_output=True, text=True, check=True)
    return tuple(float(number) for number in out.stdout.split())


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
            drawn = place / "drawn.parquet"
            write_numbers(drawn, int(rows))
            pl.scan_parquet(drawn).sink_parquet(file, row_group_size=GROUP)  # all written by one writer
            drawn.unlink()
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
