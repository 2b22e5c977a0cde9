"""Bands of markers, and antibodies with their titres: covariates, never diagnostic alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from cohort.criteria.soundness import check_choice, check_source
from cohort.errors import CriterionError

Take = Literal["first", "last", "highest", "lowest"]


@dataclass(frozen=True)
class MarkerBands:
    """Bands of a marker, as a covariate: never a diagnosis, and no rule for one subject.

    Missing records: a subject without the finding up to the day asked has no band, which is what undetermined means
    for a covariate.

    Attributes:
        finding: The marker's name in FINDINGS, and of the covariate.
        bands: The names of the bands, from low to high.
        edges: What a value must be to lie in a band or below: "<" or "<=" and a number, one fewer than the bands.
        unit: The unit of the edges.
        other_units: Other units, each with its own numbers for the same edges.
        take: Which of several values counts.
        source: Whose bands they are.
    """

    finding: str
    bands: tuple[str, ...]
    edges: tuple[tuple[Literal["<", "<="], float], ...]
    unit: str
    other_units: tuple[tuple[str, tuple[float, ...]], ...] = ()
    take: Take = "last"
    source: str = ""

    def __post_init__(self) -> None:
        check_source(self.source)
        check_choice("take", self.take, get_args(Take))
        if len(set(self.bands)) != len(self.bands) or len(self.bands) != len(self.edges) + 1:
            raise CriterionError(f"{self.finding} has {len(self.edges)} edges, and so one band more, each with a name")
        for unit, numbers in self.units.items():
            if len(numbers) != len(self.edges) or list(numbers) != sorted(set(numbers)):
                raise CriterionError(f"{self.finding} in {unit}: give rising numbers, one an edge, not {list(numbers)}")
        for bound, _ in self.edges:
            check_choice("an edge's bound", bound, ("<", "<="))

    @property
    def units(self) -> dict[str, tuple[float, ...]]:
        """Each unit with the numbers of the edges in it."""
        return {self.unit: tuple(number for _, number in self.edges), **dict(self.other_units)}


_CARDIOVASCULAR = ("below 1", "1 to 3", "above 3", "above 10, to be repeated")
CRP_BANDS = MarkerBands(
    "hs-CRP",
    _CARDIOVASCULAR,
    (("<", 1), ("<=", 3), ("<=", 10)),
    "mg/L",
    (("mg/dL", (0.1, 0.3, 1.0)),),
    source="Cardiovascular convention, from memory; above 10 mg/L suggests acute illness",
)
CRP_BELOW_1 = MarkerBands(
    "hs-CRP",
    ("below 1", "1 or more"),
    (("<", 1),),
    "mg/L",
    (("mg/dL", (0.1,)),),
    source="GENDEP, 241 subjects: the half below 1 mg/L did better on escitalopram (interaction p < .01)",
)
CRP_ABOVE_5 = MarkerBands(
    "hs-CRP",
    ("up to 5", "above 5"),
    (("<=", 5),),
    "mg/L",
    (("mg/dL", (0.5,)),),
    source="Randomized study of infliximab, 60 subjects: above 5 mg/L 8 of 13 against 3 of 9 responded, p = .19",
)
DEXAMETHASONE_SUPPRESSION = MarkerBands(
    "cortisol after dexamethasone",
    ("suppression", "non-suppression"),
    (("<=", 5),),
    "ug/dL",
    (("nmol/L", (138.0,)),),
    take="highest",
    source="1 mg at 23:00, cortisol at 16:00 or 23:00 next day above 5 ug/dL; 438 subjects: sensitivity 67 and "
    "specificity 96 percent for melancholia; later found equivocal",
)


@dataclass(frozen=True)
class Antibody:
    """An antibody, as a covariate: "negative", "low titre", "positive"; it is never a diagnosis.

    Low titres and unspecific hits are not causal, so that a titre below `min_titre` is a band of its own. A result in
    words counts as it stands, unless a titre beside it is low.

    Missing records: a subject who was not tested up to the day asked has no band, which is what undetermined means for
    a covariate. A positive result without a titre, where a titre is asked for, is missing too: nobody knows how high.

    Attributes:
        finding: The antibody's name in FINDINGS, and of the covariate.
        min_titre: The lowest titre (the value of the finding; 100 for 1:100) that is not low; None asks for none. There
            is no common number: laboratories and antibodies differ.
        take: Which of several results counts.
        source: Who says so.
    """

    finding: str
    min_titre: float | None = None
    take: Take = "last"
    source: str = (
        "Convention of this package, after a review of autoimmune epilepsy: low titres and unspecific hits are not "
        "causal"
    )

    def __post_init__(self) -> None:
        check_source(self.source)
        check_choice("take", self.take, get_args(Take))
        if self.min_titre is not None and not 0 < self.min_titre < float("inf"):
            raise CriterionError(f"min_titre is a titre above 0, not {self.min_titre:g}")

    @property
    def bands(self) -> tuple[str, ...]:
        """The names of the bands, from low to high."""
        return ("negative", "low titre", "positive")
