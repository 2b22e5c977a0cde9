"""What every criterion says of itself."""

from __future__ import annotations

from typing import ClassVar, Literal, Protocol

# What a larger value of a parameter does to the units that meet the criterion.
Moves = dict[str, Literal["fewer", "more"]]


class Criterion(Protocol):
    """What every criterion says of itself.

    `moves` names each ordered parameter and whether a larger value of it lets "fewer" or "more" units meet the rule;
    a parameter that can move it either way is not in it.
    """

    moves: ClassVar[Moves]

    @property
    def source(self) -> str:
        """Who defined it."""

    @property
    def label(self) -> str:
        """The criterion in a few words, as it stands in OUTCOMES."""

    @property
    def definition(self) -> str:
        """The rule in a sentence."""
