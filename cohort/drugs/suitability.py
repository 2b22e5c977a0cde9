"""Which drug suits which seizures and which syndrome."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Self

import polars as pl

from cohort.drugs.names import SEIZURE_TYPES, canonical_name, known_word
from cohort.drugs.resources import read_table, resource
from cohort.errors import CriterionError, some

GRADES = ("+", "a", "a/-", "0", "-")
SUITING = ("+", "a", "a/-")


@dataclass(frozen=True)
class Grade:
    """How well a drug suits a seizure type, or the people with a syndrome.

    Attributes:
        drug: The drug.
        against: A seizure type ("focal", "tonic-clonic", "absence", "myoclonic") or a syndrome.
        grade: "+" appropriate, "a" adjunct or limited, "a/-" the same and sometimes aggravating, "0" not effective,
            "-" may aggravate. The first three suit.
        source: Where that comes from.
    """

    drug: str
    against: str
    grade: str
    source: str

    def __post_init__(self) -> None:
        if self.grade not in GRADES:
            raise CriterionError(f"{self.drug} against {self.against} is graded {self.grade!r}; expected {GRADES}")
        if not self.word:
            raise CriterionError(
                f"{self.drug} is graded against {self.against!r}, which is no seizure type {SEIZURE_TYPES} and no "
                "syndrome that is known"
            )
        if not self.source.strip():
            raise CriterionError(f"the grade of {self.drug} does not say where it comes from; give `source`")

    @property
    def word(self) -> str | None:
        """The one name of what it is graded against."""
        return known_word("seizure type", self.against) or known_word("syndrome", self.against)


@dataclass(frozen=True)
class SuitabilityTable:
    """Which drugs are appropriately chosen for whom.

    A grade for the syndrome overrules those for seizure types. Else a drug suits where it suits at least one of the
    subject's seizure types (or every one) and may aggravate none of them. The types are those recorded; where none is,
    those that the syndrome is treated for; where that is not known either, the type of epilepsy leaves focal seizures,
    or any of the generalized ones, and the answer is known only where it is the same for each of them.

    Attributes:
        name: A few words, as it stands in a criterion's label.
        grades: One a drug and seizure type, or drug and syndrome.
        source: Where the table comes from.

    Raises:
        CriterionError: A drug is graded twice against one type or syndrome, or there is no grade.
    """

    name: str
    grades: tuple[Grade, ...]
    source: str

    def __post_init__(self) -> None:
        if not (self.grades and self.name.strip() and self.source.strip()):
            raise CriterionError("a suitability table has a name, a source and at least one grade")
        keys = [(canonical_name(row.drug), row.word) for row in self.grades]
        twice = sorted({f"{drug}, {word}" for drug, word in keys if keys.count((drug, word)) > 1})
        if twice:
            raise CriterionError(
                f"suitability table {self.name!r}: {len(twice)} pairs are graded twice: {some(twice)}; keep one of each"
            )

    @cached_property
    def frame(self) -> pl.DataFrame:
        """The grades: `drug, against, grade, source`, under their one name."""
        rows = [(canonical_name(row.drug), row.word, row.grade, row.source) for row in self.grades]
        return pl.DataFrame(rows, ["drug", "against", "grade", "source"], orient="row")

    @cached_property
    def _graded(self) -> dict[tuple[str, str | None], str]:
        return {(canonical_name(row.drug), row.word): row.grade for row in self.grades}

    def suits(
        self,
        drug: str,
        *,
        syndrome: str | None = None,
        epilepsy_type: str | None = None,
        seizure_types: Iterable[str] = (),
        every: bool = False,
    ) -> bool | None:
        """Return whether a drug suits a person; None where that is not known.

        Args:
            drug: Any of its names.
            syndrome: In words or abbreviated; one that is not known says nothing.
            epilepsy_type: "focal" or "generalized".
            seizure_types: Those recorded; tonic-clonic seizures of a focal epilepsy are focal.
            every: Whether the drug must suit every type, and not one of them.

        >>> from cohort.drugs import ANTISEIZURE_SUITABILITY as table
        >>> table.suits("CBZ", syndrome="JME"), table.suits("CBZ", epilepsy_type="focal"), table.suits("CBZ")
        (False, True, None)
        """
        name, known = canonical_name(drug), known_word("syndrome", syndrome)
        if known and (overruling := self._graded.get((name, known))):
            return overruling in SUITING
        types, certain = types_of(known, known_word("epilepsy type", epilepsy_type), seizure_types)
        grades = [self._graded.get((name, each)) for each in types]
        if not certain:
            suiting = {None if grade is None else grade in SUITING for grade in grades}
            return suiting.pop() if len(suiting) == 1 else None
        if "-" in grades:
            return False
        if None in grades:
            return None
        fits = [grade in SUITING for grade in grades]
        return all(fits) if every else any(fits)

    @classmethod
    def read(cls, path: str | Path, name: str | None = None) -> Self:
        """Return the suitability table in a CSV file with columns `drug`, `against`, `grade`, `source`.

        Raises:
            CriterionError: The file is not such a table; the text says what is wrong and how often.
        """
        table = read_table(path, ("drug", "against", "grade", "source"), (), ())
        rows = tuple(Grade(**row) for row in table.to_dicts())
        return cls(name or Path(path).stem.replace("_", " "), rows, f"read from {Path(path).name}")


def types_of(syndrome: str | None, epilepsy_type: str | None, recorded: Iterable[str]) -> tuple[list[str], bool]:
    """Return the seizure types that count, and whether they are certain or only those that are possible."""
    facts = resource("syndromes").filter(syndrome=syndrome).row(0, named=True) if syndrome else {}
    kind = facts.get("epilepsy_type") or epilepsy_type
    types = {word for each in recorded if (word := known_word("seizure type", each))}
    if kind == "focal" and "tonic-clonic" in types:
        types = types - {"tonic-clonic"} | {"focal"}
    if types:
        return sorted(types), True
    if implied := facts.get("seizure_types"):
        return implied.split("; "), True
    if kind == "focal":
        return ["focal"], True
    return [each for each in SEIZURE_TYPES if kind is None or each != "focal"], False
