"""A folder that keeps finished chunks of replicates, so that a run that was stopped goes on where it was."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from cohort.errors import CohortError, some

MARK = "replication.json"


@dataclass(frozen=True)
class Kept:
    """Chunks of one run, each a Parquet file that is either whole or absent."""

    place: Path

    def holds(self, first: int, last: int) -> bool:
        """Return whether replicates `first` to `last` - 1 were finished."""
        return self._file(first, last).exists()

    def read(self, first: int, last: int) -> pl.DataFrame:
        """Return a finished chunk."""
        return pl.read_parquet(self._file(first, last))

    def write(self, first: int, last: int, rows: pl.DataFrame) -> None:
        """Keep a chunk: written beside its name and renamed, so that a killed process leaves no half of one."""
        whole = self._file(first, last)
        part = whole.with_suffix(f".{os.getpid()}.part")
        rows.write_parquet(part)
        part.replace(whole)

    def _file(self, first: int, last: int) -> Path:
        return self.place / f"replicates_{first:08d}_{last - 1:08d}.parquet"


def kept_in(place: Path, described: Mapping[str, object]) -> Kept:
    """Return the folder of a run, made where there is none; more replicates of the same run may be added later.

    Raises:
        CohortError: It is no folder, holds something else, or the replicates of another run.
    """
    if place.exists() and not place.is_dir():
        raise CohortError(f"{place} is a file; name a folder for the replicates")
    place.mkdir(parents=True, exist_ok=True)
    mark = place / MARK
    if not mark.exists():
        _must_be_empty(place)
        part = mark.with_suffix(f".{os.getpid()}.part")
        part.write_text(json.dumps(described, indent=1), encoding="utf-8")
        part.replace(mark)
    _must_agree(place, json.loads(mark.read_text(encoding="utf-8")), described)
    return Kept(place)


def _must_be_empty(place: Path) -> None:
    foreign = sorted(path.name for path in place.iterdir() if path.suffix != ".part")
    if foreign:
        raise CohortError(
            f"{place} holds {len(foreign)} files that are no replicates: {some(foreign)}; name an empty folder"
        )


def _must_agree(place: Path, there: Mapping[str, object], wanted: Mapping[str, object]) -> None:
    differ = [name for name in wanted if there.get(name) != wanted[name]]
    if differ:
        name = differ[0]
        raise CohortError(
            f"{place} holds replicates of another run: {some(differ, 9)} differ ({name} was {there.get(name)}, now "
            f"{wanted[name]}); name another folder"
        )
