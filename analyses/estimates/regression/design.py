"""A formula turned into the columns of a regression, with the names by which they are reported."""

from __future__ import annotations

import ast
import itertools
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analyses.estimates.groups import levels, text
from cohort.errors import EstimationError, some

if TYPE_CHECKING:
    from formulaic import Formula, ModelMatrix, ModelSpec

# What the columns before it leave of a column of length 1.
COLLINEAR = 1e-6
OUTCOME = ("left", "right", "cause")
FUNCTIONS = frozenset(
    ("C", "I", "log", "log2", "log10", "exp", "center", "scale", "poly", "bs", "cr", "contr.treatment")
)
WORDS = (pl.String, pl.Enum, pl.Categorical, pl.Boolean)


@dataclass(frozen=True)
class Coefficient:
    """What one column of the regression stands for.

    Attributes:
        name: The column's name, unique in the design.
        term: The variable or interaction.
        group: The level of a factor (the levels of an interaction, joined by ":"); None for a number.
        reference: The level with which it is compared.
    """

    name: str
    term: str
    group: str | None = None
    reference: str | None = None


@dataclass(frozen=True, eq=False)
class Design:
    """The regression's columns (rows as in the data, no intercept) and what they stand for.

    Attributes:
        matrix: The columns.
        coefficients: What each of them stands for.
        formula: The right side of the formula.
        factors: The factors' levels, the reference first.
        spec: formulaic's coding, which other rows can be given.
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
        EstimationError: A factor has a single level.
    """
    found: dict[str, list[str]] = {}
    for name in names:
        if data.schema[name] not in WORDS:
            continue
        present = set(text(data[name]).to_list())
        found[name] = [level for level in levels(data[name]) if level in present]
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
    table = _evaluated(formula, narrowed)
    names = [str(name) for name in table.columns]
    if "Intercept" not in names:
        raise EstimationError(f"formula {formula!r} removes the intercept; a Cox model has none: leave out '0' or '-1'")
    meanings = _meanings(table.model_spec)
    kept = [name for name in names if name != "Intercept"]
    if not kept:
        raise EstimationError(f"formula {formula!r} has no covariate; name at least one, as in 'arm'")
    matrix = np.ascontiguousarray(table[kept].to_numpy(dtype=float))
    _refuse_unusable(matrix, kept)
    return Design(matrix, tuple(meanings[name] for name in kept), formula, factors, table.model_spec)


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


def _meanings(spec: ModelSpec) -> dict[str, Coefficient]:
    """Return what each column of a formulaic model stands for."""
    found: dict[str, Coefficient] = {}
    for part in spec.structure:
        for scoped in part.scoped_terms:
            pieces = [_pieces(spec, factor.factor.expr) for factor in scoped.factors]
            for combination in itertools.product(*pieces):
                coefficient = _coefficient(combination)
                found[coefficient.name] = coefficient
        for name in part.columns:
            found.setdefault(name, Coefficient(name, name))
    return found


Piece = tuple[str, str, str | None, str | None]


def _pieces(spec: ModelSpec, expression: str) -> list[Piece]:
    """Return the columns that a factor may contribute: name, variable, level, reference."""
    state = spec.encoder_state.get(expression, (None, {}))[1].get("contrasts")
    if state is None or type(state.contrasts).__name__ != "TreatmentContrasts":
        return [(expression, expression, None, None)]
    wrapped = re.match(r"C\(\s*(\w+)", expression)
    variable = wrapped.group(1) if wrapped else expression
    listed = [str(level) for level in state.levels]
    base = str(state.contrasts.base) if str(state.contrasts.base) in listed else listed[0]
    coded: list[Piece] = [(f"{expression}[T.{level}]", variable, level, base) for level in listed]
    # In an interaction without its main effect a factor keeps all levels: each is compared within itself.
    return coded + [(f"{expression}[{level}]", variable, level, level) for level in listed]


def _coefficient(pieces: tuple[Piece, ...]) -> Coefficient:
    names, variables_, found, bases = zip(*pieces, strict=True) if pieces else ((), (), (), ())
    group = ":".join(level for level in found if level is not None) or None
    reference = ":".join(base for base in bases if base is not None) or None
    if reference == group:
        reference = None
    return Coefficient(":".join(names), ":".join(variables_), group, reference)


def _refuse_unusable(matrix: NDArray[np.float64], names: list[str]) -> None:
    wild = [name for name, column in zip(names, matrix.T, strict=True) if not np.isfinite(column).all()]
    if wild:
        rows = int((~np.isfinite(matrix)).any(axis=1).sum())
        raise EstimationError(f"{some(wild)} is not a finite number in {rows} rows; mend these or change the formula")
    constant = [name for name, column in zip(names, matrix.T, strict=True) if column.min() == column.max()]
    if constant:
        raise EstimationError(
            f"{len(constant)} covariates are constant: {some(constant)}; leave them out of the formula"
        )
    centred = matrix - matrix.mean(axis=0)
    centred /= np.linalg.norm(centred, axis=0)
    left = np.abs(np.diag(np.linalg.qr(centred, mode="r")))
    implied = [
        name for name, rest in zip(names, [*left, *[0.0] * (len(names) - len(left))], strict=True) if rest < COLLINEAR
    ]
    if implied:
        raise EstimationError(
            f"{len(implied)} covariates follow from those before them in the formula: {some(implied)}; leave them out"
        )
