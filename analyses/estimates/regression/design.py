"""A formula turned into the columns of a regression, with the names by which they are reported."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analyses.estimates.groups import levels, text
from analyses.estimates.regression.coefficients import Coefficient, meanings
from analyses.estimates.regression.plain_terms import are_plain, plain_columns, plain_meanings, plain_terms
from analyses.estimates.regression.usable_columns import refuse_unusable
from cohort.errors import EstimationError, some

if TYPE_CHECKING:
    from formulaic import Formula, ModelMatrix, ModelSpec

OUTCOME = ("left", "right", "cause")
FUNCTIONS = frozenset(
    ("C", "I", "log", "log2", "log10", "exp", "center", "scale", "poly", "bs", "cr", "contr.treatment")
)
WORDS = (pl.String, pl.Enum, pl.Categorical, pl.Boolean)


@dataclass(frozen=True, eq=False)
class Design:
    """The regression's columns (rows as in the data, no intercept) and what they stand for.

    Attributes:
        matrix: The columns.
        coefficients: What each of them stands for.
        formula: The right side of the formula.
        factors: The factors' levels, the reference first.
        spec: formulaic's coding, which other rows can be given; None for a plain sum of columns.
    """

    matrix: NDArray[np.float64]
    coefficients: tuple[Coefficient, ...]
    formula: str = ""
    factors: dict[str, list[str]] = field(default_factory=dict)
    spec: ModelSpec | None = field(default=None, repr=False)


def variables(formula: str, columns: list[str]) -> list[str]:
    """Return the columns of the data that a formula uses, sorted.

    Raises:
        EstimationError: The formula cannot be read, has a left side, or names a column that is not there.

    >>> variables("arm + log(age)", ["age", "arm", "sex"])
    ['age', 'arm']
    """
    if not isinstance(formula, str):
        raise EstimationError(f"formula={formula!r} is no text; write it as in 'arm + age + arm:sex'")
    required = set(plain_terms(formula) or ())
    if not required:
        _refuse_code(formula)
        required = {str(name) for name in _parsed(formula).required_variables}
    unknown = sorted(required - set(columns))
    if unknown:
        raise EstimationError(
            f"formula {formula!r} names {some(unknown)}; the data have the columns {some(columns, 12)}"
        )
    used = sorted(name for name in columns if name in required | set(re.findall(r"[^\W\d]\w*", formula)))
    if outcome := [name for name in used if name in OUTCOME]:
        raise EstimationError(
            f"formula {formula!r} uses {some(outcome)}, which is the outcome itself; name covariates alone"
        )
    return used


def factor_levels(data: pl.DataFrame, names: list[str]) -> dict[str, list[str]]:
    """Return the levels that the factors among the columns have in the data, the reference first.

    Raises:
        EstimationError: A factor has a single level, or a column is neither a number nor text (a date, say).
    """
    kinds = {name: data.schema[name] for name in names}
    odd = [name for name, kind in kinds.items() if not (kind in WORDS or kind.is_integer() or kind.is_float())]
    if odd:
        raise EstimationError(
            f"{len(odd)} covariates are neither numbers nor text: "
            f"{', '.join(f'{name} ({kinds[name]})' for name in odd)}; cast them, as in .cast(pl.Float64)"
        )
    found: dict[str, list[str]] = {}
    for name in names:
        if data.schema[name] not in WORDS:
            continue
        values = data[name].unique()
        present = set(text(values).to_list())
        found[name] = [level for level in levels(values) if level in present]
        if len(found[name]) < 2:
            raise EstimationError(
                f"{name!r} is {some(found[name])} in all {data.height} rows; leave it out of the formula"
            )
    return found


def design(data: pl.DataFrame, formula: str, factors: dict[str, list[str]]) -> Design:
    """Return the regression's columns; factors are coded against their first level.

    Raises:
        EstimationError: The formula cannot be evaluated, gives no column or values that are not finite, removes the
            intercept, or has a column that is constant or follows from the others.
    """
    narrowed = data.with_columns(text(data[name]).cast(pl.Enum(found)) for name, found in factors.items())
    sum_of = plain_terms(formula)
    if sum_of is not None and are_plain(narrowed, sum_of, factors):
        columns, stand_for = plain_columns(narrowed, sum_of, factors), plain_meanings(sum_of, factors)
        refuse_unusable(columns, [coefficient.name for coefficient in stand_for])
        return Design(columns, stand_for, formula, factors)
    table = _evaluated(formula, narrowed)
    names = [str(name) for name in table.columns]
    if "Intercept" not in names:
        raise EstimationError(f"formula {formula!r} removes the intercept; a Cox model has none: leave out '0' or '-1'")
    stands_for = meanings(table.model_spec)
    kept = [name for name in names if name != "Intercept"]
    if not kept:
        raise EstimationError(f"formula {formula!r} has no covariate; name at least one, as in 'arm'")
    matrix = np.ascontiguousarray(table[kept].to_numpy(dtype=float))
    refuse_unusable(matrix, kept)
    return Design(matrix, tuple(stands_for[name] for name in kept), formula, factors, table.model_spec)


def _refuse_code(formula: str) -> None:
    # A formula may come from a study's file, and formulaic runs whatever Python it holds.
    called = sorted(set(re.findall(r"([\w.]+)\s*\(", formula)) - FUNCTIONS)
    if called:
        raise EstimationError(f"formula {formula!r} calls {some(called)}; it may call {', '.join(sorted(FUNCTIONS))}")
    odd = sorted(set(re.findall(r"[~|{}\[\]]|__", formula)))
    if odd:
        raise EstimationError(
            f"formula {formula!r} holds {some(odd)}; write the right side alone, as in 'arm + I(age**2)'"
        )

    plain = re.sub("`[^`]*`", "quoted", formula).replace(":", "*")
    try:
        nodes = list(ast.walk(ast.parse(plain.strip(), mode="eval")))
    except SyntaxError as error:
        raise EstimationError(f"formula {formula!r} cannot be read; write it as in 'arm + age + arm:sex'") from error
    names = {id(inner) for node in nodes if isinstance(node, ast.Call) for inner in ast.walk(node.func)}
    unknown = [ast.unparse(n.func) for n in nodes if isinstance(n, ast.Call) and ast.unparse(n.func) not in FUNCTIONS]
    strange = [ast.unparse(node) for node in nodes if not isinstance(node, _ARITHMETIC) and id(node) not in names]
    if unknown or strange:
        raise EstimationError(
            f"formula {formula!r} holds {some([*unknown, *strange])}; it may hold columns, numbers, + - * / ** : and "
            f"calls of {', '.join(sorted(FUNCTIONS))}"
        )


_ARITHMETIC = (
    *(ast.Expression, ast.Name, ast.Load, ast.Constant, ast.Call, ast.keyword, ast.BinOp, ast.UnaryOp),
    *(ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow, ast.USub, ast.UAdd, ast.Tuple, ast.List),
)


def _parsed(formula: str) -> Formula:
    from formulaic import Formula
    from formulaic.errors import FormulaicError

    try:
        return Formula(formula)
    except (FormulaicError, SyntaxError) as error:
        raise EstimationError(f"formula {formula!r} cannot be read; write it as in 'arm + age + arm:sex'") from error


def _evaluated(formula: str, data: pl.DataFrame) -> ModelMatrix:
    from formulaic.errors import FormulaicError

    try:
        # The logarithm of a negative number is found below, with a count.
        with np.errstate(all="ignore"):
            return _parsed(formula).get_model_matrix(data.to_pandas(), context={}, na_action="ignore")
    except (FormulaicError, SyntaxError, TypeError, ValueError) as error:
        raise EstimationError(f"formula {formula!r} cannot be evaluated: {error}") from error
