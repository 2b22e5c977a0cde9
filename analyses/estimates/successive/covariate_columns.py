"""Covariates as columns of a regression, and the same coding for subjects who are not in the data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from analyses.estimates.groups import levels, require, text
from analyses.estimates.regression.binomial_fit import Floats
from cohort.errors import EstimationError, some


@dataclass(frozen=True)
class Coefficient:
    """What one column of the regression stands for.

    Attributes:
        term: The variable.
        group: The level; None for a number.
        reference: The level with which it is compared.
        of_step: Whether it belongs to the treatment number.
    """

    term: str
    group: str | None = None
    reference: str | None = None
    of_step: bool = False


@dataclass(frozen=True, eq=False)
class Columns:
    """Columns of a regression and what each stands for."""

    matrix: Floats
    coefficients: tuple[Coefficient, ...]


def coded(frame: pl.DataFrame, names: Sequence[str]) -> Columns:
    """Return the columns of covariates: numbers as they are, levels against the first one that has rows.

    Raises:
        EstimationError: A covariate has one value only.
    """
    columns: list[Floats] = []
    found: list[Coefficient] = []
    for name in names:
        values = frame[name]
        if values.n_unique() < 2:
            raise EstimationError(f"the covariate {name!r} has the one value {some(values.unique())}; leave it out")
        if values.dtype.is_numeric():
            columns.append(values.cast(pl.Float64).to_numpy())
            found.append(Coefficient(name))
            continue
        written = text(values)
        present = set(written.to_list())
        reference, *others = [level for level in levels(values) if level in present]
        columns += [(written == level).cast(pl.Float64).to_numpy() for level in others]
        found += [Coefficient(name, level, reference) for level in others]
    return Columns(np.array(columns).reshape(len(columns), frame.height).T, tuple(found))


def coded_alike(frame: pl.DataFrame, coefficients: Sequence[Coefficient]) -> Floats:
    """Return the columns of other subjects, one a coefficient, coded as the data were.

    Raises:
        EstimationError: A covariate is missing, null or not finite, or has a level that the data have not.
    """
    names = list(dict.fromkeys(coefficient.term for coefficient in coefficients))
    require(frame, names, "the covariates of the profiles")
    for name in names:
        _check_known(frame[name], [one for one in coefficients if one.term == name])
    columns = [
        frame[one.term].cast(pl.Float64) if one.group is None else (text(frame[one.term]) == one.group)
        for one in coefficients
    ]
    return np.array([column.cast(pl.Float64).to_numpy() for column in columns]).reshape(len(columns), frame.height).T


def _check_known(values: pl.Series, coefficients: Sequence[Coefficient]) -> None:
    name = values.name
    if values.null_count():
        raise EstimationError(f"{values.null_count()} of {len(values)} profiles have no {name}; expected a value each")
    if coefficients[0].group is None:
        if not values.dtype.is_numeric():
            raise EstimationError(f"{name} is {values.dtype} in the profiles and a number in the data; give numbers")
        endless = int((~values.cast(pl.Float64).is_finite()).sum())
        if endless:
            raise EstimationError(f"{endless} of {len(values)} profiles have a {name} that is not finite")
        return
    known = [str(coefficients[0].reference), *(str(one.group) for one in coefficients)]
    strange = [level for level in text(values).unique().sort() if level not in known]
    if strange:
        raise EstimationError(f"{name} has {some(strange)} in the profiles, and {some(known, 9)} in the data")
