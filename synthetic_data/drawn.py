"""What a truth hands to the study that is made from it."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True, eq=False)
class Drawn:
    """What was drawn of a block of subjects.

    Attributes:
        tables: Records by the table's name in `cohort.schemas`; a table that is not named is empty.
        latent: What no record holds, one or more rows a subject.
    """

    tables: dict[str, pl.DataFrame]
    latent: pl.DataFrame


@dataclass(frozen=True, kw_only=True)
class Heading:
    """What a study says of itself."""

    name: str
    title: str
    index: str
    arms: tuple[str, ...] = ()
    visits: tuple[str, ...] = ()
