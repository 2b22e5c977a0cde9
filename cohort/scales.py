"""What a rating scale is: its items, its range, which way is worse. Facts, no rules."""

from __future__ import annotations

from dataclasses import dataclass

from cohort.errors import CriterionError, some


@dataclass(frozen=True)
class Scale:
    """A rating scale.

    Attributes:
        name: The name that stands in RATINGS.scale.
        title: The name in words.
        low: The lowest possible total.
        high: The highest possible total.
        item_maxima: The highest score of each item, by item number; empty where items are not modelled.
        source: Where the range comes from.
    """

    name: str
    title: str
    low: float
    high: float
    source: str
    item_maxima: tuple[tuple[int, int], ...] = ()


_HAMD17_ITEMS = tuple((item, 2 if item in {4, 5, 6, 12, 13, 14, 16, 17} else 4) for item in range(1, 18))

HAMD17 = Scale(
    "HAMD17",
    "Hamilton Depression Rating Scale, 17 items",
    0,
    sum(most for _, most in _HAMD17_ITEMS),
    "Hamilton M. J Neurol Neurosurg Psychiatry 1960;23:56-62; nine items score 0-4 and eight 0-2",
    _HAMD17_ITEMS,
)
MADRS = Scale(
    "MADRS",
    "Montgomery-Asberg Depression Rating Scale",
    0,
    60,
    "Montgomery SA, Asberg M. Br J Psychiatry 1979;134:382-9; ten items score 0-6",
    tuple((item, 6) for item in range(1, 11)),
)
QIDS_SR16 = Scale(
    "QIDS-SR16",
    "Quick Inventory of Depressive Symptomatology, self-report",
    0,
    27,
    "Rush AJ et al. Biol Psychiatry 2003;54:573-83; sixteen items score 0-3, the total counts 9 domains",
    tuple((item, 3) for item in range(1, 17)),
)
PHQ9 = Scale(
    "PHQ-9",
    "Patient Health Questionnaire, 9 items",
    0,
    27,
    "Kroenke K et al. J Gen Intern Med 2001;16:606-13; nine items score 0-3",
    tuple((item, 3) for item in range(1, 10)),
)

SCALES: dict[str, Scale] = {scale.name: scale for scale in (HAMD17, MADRS, QIDS_SR16, PHQ9)}


def scale(name: str) -> Scale:
    """Return the scale of that name.

    Raises:
        CriterionError: No such scale is known.
    """
    try:
        return SCALES[name]
    except KeyError:
        raise CriterionError(f"no scale is called {name!r}; known are {some(SCALES, 9)}") from None
