"""From a truth to records: the same seed makes the same study, to the last bit, whole or block by block."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from cohort.errors import some
from cohort.records.study import Study
from synthetic_data.add_on.records import add_on_heading, draw_add_on
from synthetic_data.add_on.truth import AddOnTruth
from synthetic_data.clinic.records import clinic_heading, draw_clinic
from synthetic_data.clinic.truth import ClinicTruth
from synthetic_data.drawn import Drawn, Heading
from synthetic_data.estimands import Truth
from synthetic_data.hamd.records import draw_hamd, hamd_heading
from synthetic_data.hamd.truth import HamdTruth
from synthetic_data.natural_history.records import draw_natural_history, natural_history_heading
from synthetic_data.natural_history.truth import NaturalHistoryTruth
from synthetic_data.sequenced.records import draw_sequenced, sequenced_heading
from synthetic_data.sequenced.truth import SequencedTruth
from synthetic_data.soundness import demand, whole
from synthetic_data.subjects import subject_ids

BLOCK = 5_000
"""Subjects of one block. Each block has its own stream of random numbers, made from the seed and the block's number."""


@dataclass(frozen=True)
class Kind:
    """How a kind of truth becomes records.

    Attributes:
        heading: What the study says of itself.
        draw: From the truth, the names of a block's subjects and a generator to their records.
    """

    heading: Callable[[Any], Heading]
    draw: Callable[[Any, pl.Series, np.random.Generator], Drawn]


KINDS: dict[type, Kind] = {
    HamdTruth: Kind(hamd_heading, draw_hamd),
    ClinicTruth: Kind(clinic_heading, draw_clinic),
    AddOnTruth: Kind(add_on_heading, draw_add_on),
    NaturalHistoryTruth: Kind(natural_history_heading, draw_natural_history),
    SequencedTruth: Kind(sequenced_heading, draw_sequenced),
}


def simulate(truth: Truth, *, subjects: int, seed: int) -> Study:
    """Return a study whose records were drawn from a truth.

    Args:
        truth: What is true; see `synthetic_data.presets`.
        subjects: How many.
        seed: 0 or more. The same truth, number and seed give the same study.

    Raises:
        TruthError: `subjects` or `seed` is not such a number, or `truth` is no truth.

    >>> from synthetic_data.presets import HAMD_STUDY
    >>> study = simulate(HAMD_STUDY, subjects=100, seed=1)
    >>> study.subjects["arm"].value_counts(sort=True)["count"].to_list()
    [50, 50]
    """
    return simulate_with_latent(truth, subjects=subjects, seed=seed)[0]


def simulate_with_latent(truth: Truth, *, subjects: int, seed: int) -> tuple[Study, pl.DataFrame]:
    """Return the study of `simulate`, and beside it what no record holds: each subject's class, chance, true course.

    Its columns depend on the kind of truth and are described where that is; `subject_id` is always among them.

    Raises:
        TruthError: `subjects` or `seed` is not such a number, or `truth` is no truth.
    """
    parts = [part for _, part in _drawn(truth, subjects, seed, None)]
    return _study(truth, parts), pl.concat([part.latent for part in parts])


def simulate_blocks(
    truth: Truth, *, subjects: int, seed: int, blocks: tuple[int, ...] | None = None
) -> Iterator[tuple[int, Study, pl.DataFrame]]:
    """Yield the study of `simulate` in blocks of subjects, so that one of any size fits in memory.

    All blocks together hold what `simulate_with_latent` returns; each can be made again alone, and is the same.

    Args:
        truth: What is true.
        subjects: How many there are in all blocks together.
        seed: As in `simulate`.
        blocks: Which blocks, counted from 0; None for all.

    Yields:
        The block's number, its study, and what no record of it holds.

    Raises:
        TruthError: As in `simulate`, or there is no such block.
    """
    for block, part in _drawn(truth, subjects, seed, blocks):
        yield block, _study(truth, [part]), part.latent


def _drawn(truth: Truth, subjects: int, seed: int, blocks: tuple[int, ...] | None) -> Iterator[tuple[int, Drawn]]:
    known = sorted(kind.__name__ for kind in KINDS)
    demand(type(truth) in KINDS, f"truth is a {type(truth).__name__}; expected one of {some(known, 9)}")
    whole("subjects", subjects, 1)
    whole("seed", seed, 0)
    there = range(-(-subjects // BLOCK))
    wanted = there if blocks is None else blocks
    strange = [block for block in wanted if block not in there]
    demand(not strange, f"{len(strange)} blocks do not exist: {some(strange)}; expected 0 to {there[-1]}")
    for block in wanted:
        ids = subject_ids(block * BLOCK + 1, min((block + 1) * BLOCK, subjects), of=subjects)
        rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(block,)))
        yield block, KINDS[type(truth)].draw(truth, ids, rng)


def _study(truth: Truth, parts: list[Drawn]) -> Study:
    heading = KINDS[type(truth)].heading(truth)
    tables: dict[str, Any] = {name: pl.concat([part.tables[name] for part in parts]) for name in parts[0].tables}
    return Study(
        name=heading.name,
        title=heading.title,
        index=heading.index,
        source="simulated",
        arms=heading.arms,
        visits=heading.visits,
        **tables,
    )
