"""One study under several definitions: who is classed differently, how many, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Literal, get_args

import polars as pl

from cohort.closed_lists import VERDICTS
from cohort.criteria import Criterion
from cohort.errors import CriterionError, some
from cohort.outcomes.compared.page import compared_page
from cohort.outcomes.compared.units import any_treatment, levels_of
from cohort.outcomes.registry import CLASSIFIERS, categories_of, classify
from cohort.outcomes.treatments.courses import UNIT
from cohort.records.study import Study

Compared = Literal["verdict", "category"]
Unit = Literal["subject", "treatment"]
_PAIR = ["criterion", "reference"]


@dataclass(frozen=True, eq=False)
class DefinitionComparison:
    """What several definitions say of the same units. Each pair is compared on the units that both judge.

    In Jupyter it shows counts alone; who is classed differently is in `differing`, which names subjects.

    Attributes:
        study: The study's name.
        criteria: The definitions, in the order given; the first is the reference of the others.
        by: What is compared: the verdict, or the category that a criterion distinguishes.
        unit: "subject" or "treatment".
        levels: The verdicts or categories, in order. Where categories are compared, units without one stand under
            their verdict: "undetermined", or "no category".
        outcomes: OUTCOMES of every criterion, at the level compared.
    """

    study: str
    criteria: tuple[Criterion, ...]
    by: Compared
    unit: Unit
    levels: tuple[str, ...]
    outcomes: pl.DataFrame

    @property
    def labels(self) -> tuple[str, ...]:
        """The definitions' labels."""
        return tuple(criterion.label for criterion in self.criteria)

    @property
    def counts(self) -> pl.DataFrame:
        """How each definition classes its units: `criterion, level, n, units, share`, every level of each."""
        every = pl.DataFrame({"criterion": self.labels}).join(self._every("level"), how="cross")
        found = self._classed().group_by("criterion", "level").len("n")
        counted = every.join(found, on=["criterion", "level"], how="left", maintain_order="left")
        counted = counted.with_columns(pl.col("n").fill_null(0).cast(pl.Int64))
        return counted.with_columns(units=pl.col("n").sum().over("criterion")).with_columns(
            share=pl.when(pl.col("units") > 0).then(pl.col("n") / pl.col("units"))
        )

    @property
    def crosses(self) -> pl.DataFrame:
        """Every pair of definitions crossed: `criterion, reference, level, reference_level, n`, cells of 0 too."""
        sides = ["level", "reference_level"]
        pairs = pl.DataFrame(list(combinations(self.labels, 2)), schema=["reference", "criterion"], orient="row")
        cells = pairs.select(_PAIR)
        for side in sides:
            cells = cells.join(self._every(side), how="cross")
        found = self._paired().group_by(*_PAIR, *sides).len("n")
        crossed = cells.join(found, on=[*_PAIR, *sides], how="left", maintain_order="left")
        return crossed.with_columns(pl.col("n").fill_null(0).cast(pl.Int64))

    def cross(self, one: Criterion | str, other: Criterion | str) -> pl.DataFrame:
        """Return the table of two definitions: a row a level of `one`, a column a level of `other`.

        Raises:
            CriterionError: One of them was not compared, or they are the same.
        """
        first, second = self._label(one), self._label(other)
        if first == second:
            raise CriterionError(f"{first!r} cannot be crossed with itself; name two definitions")
        asked = {"criterion": first, "reference": second}
        swapped = {"criterion": second, "reference": first}
        cells = self.crosses.filter(**asked)
        if cells.is_empty():
            turned = {"level": "reference_level", "reference_level": "level"}
            cells = self.crosses.filter(**swapped).rename(turned)
        rows = self._every("level")
        wide = cells.select("level", "reference_level", "n").pivot("reference_level", index="level", values="n")
        return rows.join(wide, on="level", how="left", maintain_order="left").select("level", *self.levels)

    @property
    def agreeing(self) -> pl.DataFrame:
        """How many units each pair classes alike: `criterion, reference, n, agreeing`, `undetermined` being a level.

        Kappa and its standard error: `analyses.agreement(comparison.outcomes, ...)`.
        """
        same = pl.col("level") == pl.col("reference_level")
        return self.crosses.group_by(_PAIR, maintain_order=True).agg(
            pl.col("n").sum(), agreeing=pl.col("n").filter(same).sum()
        )

    @property
    def differing(self) -> pl.DataFrame:
        """Who is not classed alike by all that judge the unit: its key, and a column a definition with the level."""
        wide = self._classed().pivot("criterion", index=UNIT, values="level").sort(UNIT)
        absent = [label for label in self.labels if label not in wide.columns]
        wide = wide.with_columns(pl.lit(None, dtype=pl.Enum(self.levels)).alias(label) for label in absent)
        apart = pl.any_horizontal((pl.col(label) != pl.coalesce(self.labels)).fill_null(False) for label in self.labels)
        return wide.filter(apart).select(*UNIT, *self.labels)

    @property
    def why(self) -> pl.DataFrame:
        """Why: reasons of the units that a pair classes differently, counted.

        Columns: `criterion, reference, level, reference_level, reason, reference_reason, n`, the largest first.
        """
        columns = [*_PAIR, "level", "reference_level", "reason", "reference_reason"]
        apart = self._paired().filter(pl.col("level") != pl.col("reference_level"))
        order = {label: place for place, label in enumerate(self.labels)}
        places = [pl.col(name).replace_strict(order, return_dtype=pl.Int64) for name in ("reference", "criterion")]
        counted = apart.group_by(columns).len("n").with_columns(pl.col("n").cast(pl.Int64))
        return counted.sort(*places, -pl.col("n"), *columns[2:])

    def _every(self, column: str) -> pl.DataFrame:
        return pl.DataFrame({column: self.levels}, schema={column: pl.Enum(self.levels)})

    def _classed(self) -> pl.DataFrame:
        """Return `criterion`, the unit's key, `level` (an Enum) and `reason`."""
        return self.outcomes.select(
            "criterion", *UNIT, levels_of(self.by).cast(pl.Enum(self.levels)).alias("level"), "reason"
        )

    def _paired(self) -> pl.DataFrame:
        """Return a row for each unit that both definitions of a pair judge."""
        classed = self._classed()
        other = classed.rename({"criterion": "reference", "level": "reference_level", "reason": "reference_reason"})
        both = classed.join(other, on=UNIT, nulls_equal=True)
        order = {label: place for place, label in enumerate(self.labels)}
        place, before = (pl.col(name).replace_strict(order, return_dtype=pl.Int64) for name in _PAIR)
        return both.filter(before < place)

    def _label(self, criterion: Criterion | str) -> str:
        label = criterion if isinstance(criterion, str) else criterion.label
        if label not in self.labels:
            raise CriterionError(f"{label!r} was not compared; compared were {some(self.labels, 9)}")
        return label

    def __repr__(self) -> str:
        return f"DefinitionComparison({self.study!r}: {len(self.criteria)} definitions by {self.by} a {self.unit})"

    def _repr_html_(self) -> str:
        return compared_page(self)


def compare_definitions(
    study: Study,
    criteria: Sequence[Criterion],
    as_of: float | None = None,
    *,
    by: Compared = "verdict",
    treatments: Literal["any"] | None = None,
) -> DefinitionComparison:
    """Return what several definitions say of one study.

    A unit whose records cannot decide is "undetermined", which is a class like the others here: nobody is dropped.
    Units that only some of the definitions judge (a subject without the treatment asked for) count there alone.

    Args:
        study: The study.
        criteria: Two or more rules; the first is what the others are held against.
        as_of: As in `classify`.
        by: "verdict", or "category": the finer classes of criteria that distinguish some, such as two systems of
            trajectories.
        treatments: How verdicts on treatments stand beside verdicts on subjects: "any" takes a subject as meeting a
            rule on treatments where any treatment meets it (undetermined where none does and one is undetermined).
            None refuses the mixture.

    Raises:
        CriterionError: Fewer than two rules, two under one label, verdicts on subjects and on treatments mixed, no
            categories where they are asked for, or a rule that the study cannot answer.
        RecordError: The study has no rating on a criterion's scale.

    >>> from cohort.criteria import HAMD17_REMISSION, HAMD17_RESPONSE
    >>> rated = {"subject_id": ["a", "a", "b", "b"], "day": [0, 42, 0, 42], "visit": ["baseline", "week 6"] * 2}
    >>> ratings = pl.DataFrame(rated | {"scale": "HAMD17", "score": [20, 9, 12, 7]})
    >>> subjects = pl.DataFrame({"subject_id": ["a", "b"]})
    >>> study = Study(name="two", visits=("baseline", "week 6"), subjects=subjects, ratings=ratings)
    >>> compared = compare_definitions(study, [HAMD17_REMISSION.at("week 6"), HAMD17_RESPONSE.at("week 6")])
    >>> compared.cross(HAMD17_REMISSION.at("week 6"), HAMD17_RESPONSE.at("week 6")).rows()
    [('met', 0, 1, 0), ('not met', 1, 0, 0), ('undetermined', 0, 0, 0)]
    """
    given = tuple(criteria) if isinstance(criteria, Sequence) else (criteria,)
    _check(given, by, treatments)
    outcomes = [classify(study, criterion, as_of) for criterion in given]
    found, unit = _at_one_level(study, given, outcomes, treatments)
    levels = VERDICTS if by == "verdict" else _categories(given, found)
    return DefinitionComparison(study.name, given, by, unit, levels, found)


def _check(criteria: tuple[Any, ...], by: str, treatments: str | None) -> None:
    strange = [type(each).__name__ for each in criteria if type(each) not in CLASSIFIERS]
    if strange:
        raise CriterionError(f"criteria are a list of rules of cohort.criteria; {some(strange)} is none")
    if len(criteria) < 2:
        raise CriterionError(f"{len(criteria)} definitions were given; a comparison needs at least two")
    labels = [criterion.label for criterion in criteria]
    doubled = sorted({label for label in labels if labels.count(label) > 1})
    if doubled:
        raise CriterionError(f"several of the definitions bear the label {some(doubled)}; each may stand once")
    if by not in get_args(Compared):
        raise CriterionError(f"by={by!r} was given; it is 'verdict' or 'category'")
    if treatments not in (None, "any"):
        raise CriterionError(f"treatments={treatments!r} was given; it is None or 'any'")
    if treatments and by == "category":
        raise CriterionError("categories of several treatments do not add up to one; compare by='verdict'")


def _at_one_level(
    study: Study, criteria: tuple[Criterion, ...], outcomes: list[pl.DataFrame], treatments: str | None
) -> tuple[pl.DataFrame, Unit]:
    """Return the outcomes under one another at one level, and that level; a frame without units is of either."""
    kinds = [_kind(frame) for frame in outcomes]
    if treatments is None:
        return pl.concat(outcomes), _only_kind(criteria, kinds)
    lifted = [
        any_treatment(study, criterion, frame) if kind == "treatment" else frame
        for criterion, frame, kind in zip(criteria, outcomes, kinds, strict=True)
    ]
    return pl.concat(lifted), "subject"


def _only_kind(criteria: tuple[Criterion, ...], kinds: list[Unit | None]) -> Unit:
    known = {kind for kind in kinds if kind}
    if len(known) < 2:
        return known.pop() if known else "subject"
    here, there = (
        [criterion.label for criterion, own in zip(criteria, kinds, strict=True) if own == kind]
        for kind in ("subject", "treatment")
    )
    raise CriterionError(
        f"{some(here)} judge subjects and {some(there)} judge treatments; compare rules of one kind, or verdicts "
        'with treatments="any" (a subject meets a rule on treatments where any treatment does)'
    )


def _kind(outcomes: pl.DataFrame) -> Unit | None:
    if outcomes.is_empty():
        return None
    return "subject" if outcomes["treatment_no"].null_count() else "treatment"


def _categories(criteria: tuple[Criterion, ...], outcomes: pl.DataFrame) -> tuple[str, ...]:
    without = [criterion.label for criterion in criteria if not categories_of(criterion)]
    if without:
        raise CriterionError(f"{some(without)} tells no categories apart; compare by='verdict'")
    named = dict.fromkeys(category for criterion in criteria for category in categories_of(criterion))
    beside = outcomes.filter(pl.col("category").is_null())["verdict"].cast(pl.String)
    others = [
        name
        for name, there in {
            "no category": (beside != "undetermined").any(),
            "undetermined": (beside == "undetermined").any(),
        }.items()
        if there and name not in named
    ]
    return (*named, *others)
