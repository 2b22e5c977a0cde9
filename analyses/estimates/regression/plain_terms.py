"""Formulas that are sums of columns, "arm + age", coded without a formula library."""

from __future__ import annotations

import re

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analyses.estimates.regression.coefficients import Coefficient

Floats = NDArray[np.float64]
_SUM = re.compile(r"\s*[^\W\d]\w*(\s*\+\s*[^\W\d]\w*)*\s*")


def plain_terms(formula: str) -> list[str] | None:
    """Return the names that a formula adds up, each once; None where it is more than a sum of names.

    >>> plain_terms("arm + age"), plain_terms("arm * age")
    (['arm', 'age'], None)
    """
    if not _SUM.fullmatch(formula):
        return None
    names = [name.strip() for name in formula.split("+")]
    return names if len(set(names)) == len(names) else None


def are_plain(data: pl.DataFrame, names: list[str], factors: dict[str, list[str]]) -> bool:
    """Return whether each column is a factor or a number as it stands."""
    return all(name in factors or data.schema[name].is_integer() or data.schema[name].is_float() for name in names)


def plain_columns(data: pl.DataFrame, names: list[str], factors: dict[str, list[str]]) -> Floats:
    """Return a sum's columns: of a factor one for each level but the first; of a number its values.

    Factors are columns of an Enum of just their levels.
    """
    found: list[Floats] = []
    for name in names:
        if name not in factors:
            found.append(data[name].cast(pl.Float64).to_numpy())
            continue
        number = data[name].to_physical().to_numpy()
        found += [(number == place).astype(np.float64) for place in range(1, len(factors[name]))]
    matrix = np.empty((data.height, len(found)), order="F")
    for place, column in enumerate(found):
        matrix[:, place] = column
    return matrix


def plain_meanings(names: list[str], factors: dict[str, list[str]]) -> tuple[Coefficient, ...]:
    """Return what these columns stand for."""
    found: list[Coefficient] = []
    for name in names:
        base, *others = factors.get(name, [name])
        found += [Coefficient(f"{name}[T.{level}]", name, level, base) for level in others] or [Coefficient(name, name)]
    return tuple(found)
