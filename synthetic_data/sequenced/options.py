"""What a step offers: drugs to switch to, drugs to add."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, isclose
from typing import Literal

from synthetic_data.soundness import chance, demand, span


@dataclass(frozen=True, kw_only=True)
class StepDrug:
    """A drug of a step.

    Attributes:
        drug: Its name.
        drug_class: SSRI, SNRI, TCA ..., or "augmenting agent" for what is no antidepressant.
        starting_dose: First daily dose, in mg.
        minimum_dose: The lowest daily dose that makes the treatment a fair test, in mg.
        usual_dose: The daily dose that it is brought to, in mg.
    """

    drug: str
    drug_class: str
    starting_dose: float
    minimum_dose: float
    usual_dose: float

    def __post_init__(self) -> None:
        demand(bool(self.drug.strip()), "a drug of a step has no name")
        span(f"starting and usual dose of {self.drug}", (self.starting_dose, self.usual_dose), 0, inf)
        span(f"minimum and usual dose of {self.drug}", (self.minimum_dose, self.usual_dose), 0, inf)
        demand(min(self.starting_dose, self.minimum_dose) > 0, f"a dose of {self.drug} is 0; expected more")


@dataclass(frozen=True, kw_only=True)
class StepOption:
    """One option of a step.

    Attributes:
        kind: "switch" stops what was taken before; "augmentation" keeps it and adds to it.
        drugs: The drugs that are new.
        share: How many of those who start the step take this option.
    """

    kind: Literal["switch", "augmentation"]
    drugs: tuple[StepDrug, ...]
    share: float

    def __post_init__(self) -> None:
        demand(self.kind in ("switch", "augmentation"), f"kind is {self.kind!r}; expected 'switch' or 'augmentation'")
        names = [drug.drug for drug in self.drugs]
        demand(len(names) >= 1, "an option has no drug")
        demand(len(set(names)) == len(names), f"an option names a drug twice: {names}")
        chance(f"share of {self.label}", self.share)

    @property
    def label(self) -> str:
        """The option in a few words.

        >>> lithium = StepDrug(
        ...     drug="lithium", drug_class="augmenting agent", starting_dose=450, minimum_dose=450, usual_dose=900
        ... )
        >>> StepOption(kind="augmentation", drugs=(lithium,), share=0.2).label
        'augmentation with lithium'
        """
        return f"{'switch to' if self.kind == 'switch' else 'augmentation with'} {self.names}"

    @property
    def names(self) -> str:
        """The drugs that are new."""
        return " and ".join(drug.drug for drug in self.drugs)


Options = tuple[tuple[StepOption, ...], ...]


def demand_options(options: Options, steps: int) -> None:
    """Refuse options that are not those of `steps` steps, do not add up, or add a drug that may be taken already."""
    demand(len(options) == steps, f"options has {len(options)} entries; expected {steps}, one for each step")
    kept: set[str] = set()
    for k, offered in enumerate(options, start=1):
        total = sum(option.share for option in offered)
        demand(isclose(total, 1, abs_tol=1e-9), f"shares of the options of step {k} add up to {total:g}; expected 1")
        added = {drug.drug for option in offered if option.kind == "augmentation" for drug in option.drugs}
        demand(k > 1 or not added, "step 1 augments, and nothing is taken before it; expected a switch")
        twice = sorted(added & kept)
        demand(not twice, f"step {k} adds {twice}, which may be the drug that is kept")
        kept |= {drug.drug for option in offered if option.kind == "switch" for drug in option.drugs}
