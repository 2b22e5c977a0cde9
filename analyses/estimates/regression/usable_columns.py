"""Columns that a regression cannot use."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cohort.errors import EstimationError, some

Floats = NDArray[np.float64]
# What the columns before it leave of a column of length 1.
COLLINEAR = 1e-6
# Squares of such values, and 1 over them, are still numbers.
LARGE = 1e152
# Products tell what is left down to here; below, the columns themselves are asked.
ROUGH = 1e-4


def refuse_unusable(matrix: Floats, names: list[str]) -> None:
    """Refuse columns that are not finite, constant, beyond what can be squared, or that follow from those before them.

    Raises:
        EstimationError: Some column is so.
    """
    wild = [name for name, column in zip(names, matrix.T, strict=True) if not np.isfinite(column).all()]
    if wild:
        rows = int((~np.isfinite(matrix)).any(axis=1).sum())
        raise EstimationError(f"{some(wild)} is not a finite number in {rows} rows; mend these or change the formula")
    ends = [(name, float(column.min()), float(column.max())) for name, column in zip(names, matrix.T, strict=True)]
    constant = [name for name, low, high in ends if low == high]
    if constant:
        raise EstimationError(
            f"{len(constant)} covariates are constant: {some(constant)}; leave them out of the formula"
        )
    extreme = [name for name, low, high in ends if max(-low, high) > LARGE or high / 2 - low / 2 < 1 / LARGE]
    if extreme:
        raise EstimationError(
            f"{len(extreme)} covariates are too large, or differ too little, to be squared: {some(extreme)}; give them "
            "in another unit"
        )
    left = _left(matrix)
    implied = [name for name, rest in zip(names, left, strict=True) if rest < COLLINEAR]
    if implied:
        raise EstimationError(
            f"{len(implied)} covariates follow from those before them in the formula: {some(implied)}; leave them out"
        )


def _left(matrix: Floats) -> Floats:
    """Return what the columns before it leave of each column, centred and of length 1."""
    if len(matrix) > 50 * matrix.shape[1]:
        left = _left_of_products(matrix)
        if left is not None:
            return left
    centred = matrix - matrix.mean(axis=0)
    # The largest first: squares of huge values would be none.
    centred /= np.abs(centred).max(axis=0)
    centred /= np.linalg.norm(centred, axis=0)
    found = np.zeros(matrix.shape[1])
    left = np.abs(np.diag(np.linalg.qr(centred, mode="r")))
    found[: len(left)] = left
    return found


def _left_of_products(matrix: Floats) -> Floats | None:
    """Return the same from the columns' products, which many rows need; None where these are too rough to tell."""
    size = 16_384
    middle = matrix.mean(axis=0)
    products = np.zeros((matrix.shape[1],) * 2)
    with np.errstate(over="ignore", invalid="ignore"):
        for start in range(0, len(matrix), size):
            block = matrix[start : start + size] - middle
            products += block.T @ block
        lengths = np.sqrt(np.diag(products))
        scaled = products / np.outer(lengths, lengths)
    try:
        left = np.abs(np.diag(np.linalg.cholesky(scaled)))
    except np.linalg.LinAlgError:
        return None
    return left if np.isfinite(left).all() and left.min() > ROUGH else None
