"""Other rows coded as those that a regression was fitted to."""

from __future__ import annotations

import warnings

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analyses.estimates.groups import require, require_frame, text
from analyses.estimates.regression.design import Design, variables
from analyses.estimates.regression.plain_terms import plain_columns, plain_terms
from cohort.errors import EstimationError, some


def coded(design: Design, data: pl.DataFrame) -> NDArray[np.float64]:
    """Return the regression's columns of other rows: the same levels, references, knots and centres.

    Raises:
        EstimationError: A variable is missing or has empty values, a factor has a level that was not fitted, or a
            function of the formula cannot be evaluated there (a spline outside its range, as an example).
    """
    require_frame(data, "the rows to predict for")
    used = [name for name in variables(design.formula, list({*data.columns, *design.factors})) if name]
    require(data, used, f"the variables of {design.formula!r}")
    for name in used:
        _refuse_unknown(design, data[name])
    narrowed = data.select(text(data[n]).cast(pl.Enum(design.factors[n])) if n in design.factors else n for n in used)
    matrix = _evaluated(design, narrowed)
    wild = ~np.isfinite(matrix).all(axis=1)
    if wild.any():
        rows = [some(row.values()) for row in narrowed.filter(pl.Series(wild)).rows(named=True)]
        raise EstimationError(f"{design.formula!r} is not a finite number in {int(wild.sum())} rows: {some(rows)}")
    return matrix


def _refuse_unknown(design: Design, values: pl.Series) -> None:
    empty = values.is_null() | (values.is_nan() if values.dtype.is_float() else False)
    if empty.any():
        raise EstimationError(f"{values.name!r} is empty in {int(empty.sum())} of {len(values)} rows; give its value")
    known = design.factors.get(values.name)
    if known is None:
        if not values.dtype.is_numeric():
            raise EstimationError(f"{values.name!r} was fitted as a number; here it is {values.dtype}")
        return
    unknown = sorted(set(text(values).to_list()) - set(known))
    if unknown:
        raise EstimationError(f"{values.name!r} has {some(unknown)}, which was not fitted; it had {some(known, 9)}")


def _evaluated(design: Design, data: pl.DataFrame) -> NDArray[np.float64]:
    from formulaic.errors import FormulaicError

    if design.spec is None:
        return plain_columns(data, plain_terms(design.formula) or [], design.factors)
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            table = design.spec.get_model_matrix(data.to_pandas(), context={}, na_action="ignore")
    except (FormulaicError, TypeError, ValueError) as error:
        raise EstimationError(f"formula {design.formula!r} cannot be evaluated for these rows: {error}") from error
    names = [coefficient.name for coefficient in design.coefficients]
    return np.ascontiguousarray(table[names].to_numpy(dtype=float))
