"""The two ways to make replicates: study by study, or many studies at once."""

from __future__ import annotations

import hashlib
import pickle
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any, ClassVar, Protocol, runtime_checkable

import numpy as np
import polars as pl

from analyses.estimates.result import Estimates
from analyses.plan.replication.identity import identity
from analyses.plan.replication.replicates import REPLICATES, failures, of_one
from cohort.errors import CohortError, EstimationError
from cohort.records.study import Study
from synthetic_data.estimands import Truth
from synthetic_data.simulation import simulate

Analysis = Callable[[Study], Estimates | pl.DataFrame]
ONE, MANY = 1, 2  # first part of the spawn keys, so that no two streams of random numbers meet
SUBJECTS_AT_ONCE = 200_000


@runtime_checkable
class AnalysisOfMany(Protocol):
    """An analysis that can also draw and analyse many studies at once, without building them."""

    def takes(self, truth: Truth) -> bool:
        """Return whether it can do so for this truth."""

    def many(self, truth: Any, studies: int, subjects: int, rng: np.random.Generator) -> pl.DataFrame:  # noqa: ANN401
        """Return REPLICATES of that many studies, numbered from 0: what it would return study by study."""


class Task(Protocol):
    """Replicates that can be made in chunks, each the same whoever makes it.

    Attributes:
        threads: Whether workers are threads; processes otherwise.
    """

    threads: ClassVar[bool]

    @property
    def size(self) -> int:
        """How many replicates a chunk has."""

    def rows(self, first: int, last: int) -> pl.DataFrame:
        """Return REPLICATES `first` to `last` - 1, which lie in one chunk."""

    def described(self) -> dict[str, object]:
        """Return what makes a replicate what it is, apart from its number."""


@dataclass(frozen=True)
class OneByOne:
    """Studies simulated and analysed one after the other."""

    truth: Truth
    analysis: Analysis
    seed: int
    subjects: int
    size: int = 25
    threads: ClassVar[bool] = False

    def rows(self, first: int, last: int) -> pl.DataFrame:
        """Return REPLICATES `first` to `last` - 1."""
        return pl.concat([REPLICATES.to_frame(), *(self._row(replicate) for replicate in range(first, last))])

    def described(self) -> dict[str, object]:
        """Return what makes a replicate what it is, apart from its number."""
        return described(self, "one by one")

    def _row(self, replicate: int) -> pl.DataFrame:
        study = simulate(self.truth, subjects=self.subjects, seed=replicate_seed(self.seed, replicate))
        try:
            found = self.analysis(study)
        except EstimationError as error:
            return failures({replicate: str(error)})
        return of_one(replicate, found)


@dataclass(frozen=True)
class AtOnce:
    """Studies drawn and analysed a batch at a time, each batch whole even where only a part of it is asked for."""

    truth: Truth
    analysis: AnalysisOfMany
    seed: int
    subjects: int
    threads: ClassVar[bool] = True

    @property
    def size(self) -> int:
        """How many studies a batch has; set by the number of subjects alone, so that replicates do not depend on n."""
        return max(1, SUBJECTS_AT_ONCE // self.subjects)

    def rows(self, first: int, last: int) -> pl.DataFrame:
        """Return REPLICATES `first` to `last` - 1."""
        batch = first // self.size
        rng = np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=(MANY, batch)))
        found = self.analysis.many(self.truth, self.size, self.subjects, rng)
        numbered = found.with_columns(pl.col("replicate") + batch * self.size)
        return numbered.filter(pl.col("replicate").is_between(first, last, closed="left"))

    def described(self) -> dict[str, object]:
        """Return what makes a replicate what it is, apart from its number."""
        return described(self, "many at once")


def replicate_seed(seed: int, replicate: int) -> int:
    """Return the seed with which one replicate was simulated, to look at its study.

    >>> replicate_seed(1, 0)
    4654460112120296358
    """
    state = np.random.SeedSequence(seed, spawn_key=(ONE, replicate)).generate_state(1, np.uint64)
    return int(state[0])


def described(task: OneByOne | AtOnce, how: str) -> dict[str, object]:
    """Return what makes a replicate what it is: fingerprints of truth, analysis, code, seed and size.

    The code is that of this package and the libraries that draw and count; see `identity` for the analysis.
    """
    return {
        "truth": f"{type(task.truth).__name__} {_digest(repr(task.truth))}",
        "analysis": f"{_name(task.analysis)} {_digest(identity(task.analysis))}",
        "code": _digest(_our_code() + "".join(version(name) for name in ("numpy", "polars", "scipy"))),
        "seed": task.seed,
        "subjects": task.subjects,
        "how": how,
    }


def must_reach_other_processes(task: Task) -> None:
    """Refuse a task that a newly started Python cannot rebuild.

    Raises:
        CohortError: The analysis is a lambda, was defined inside a function, or was typed into an interactive session.
    """
    analysis = getattr(task, "analysis", None)
    advice = "move it into a module and import it from there, or pass workers=1"
    if _home(analysis) == "__main__" and not hasattr(sys.modules["__main__"], "__file__"):
        raise CohortError(
            f"{_name(analysis)} was defined in an interactive session, which other processes do not see: {advice}"
        )
    try:
        pickle.dumps(task)
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise CohortError(f"{_name(analysis)} cannot be handed to another process ({error}): {advice}") from error


def _unwrapped(analysis: object) -> object:
    return _unwrapped(analysis.func) if isinstance(analysis, partial) else analysis


def _home(analysis: object) -> str:
    inner = _unwrapped(analysis)
    return str(getattr(inner, "__module__", None) or type(inner).__module__)


def _name(analysis: object) -> str:
    inner = _unwrapped(analysis)
    return str(getattr(inner, "__qualname__", None) or type(inner).__qualname__)


@cache
def _our_code() -> str:
    folders = [files(name) for name in ("cohort", "synthetic_data", "analyses")]
    found = sorted(path for folder in folders for path in Path(str(folder)).rglob("*.py"))
    return _digest("".join(path.read_text(encoding="utf-8") for path in found))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
