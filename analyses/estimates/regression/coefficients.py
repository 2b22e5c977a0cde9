"""What the columns of a regression stand for."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from formulaic import ModelSpec


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


def meanings(spec: ModelSpec) -> dict[str, Coefficient]:
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
