"""What a rating scale is: its items, its range, which way is worse. Facts, no rules."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Integral

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
        domains: Items of which the total counts the highest score alone, where it does not simply add up all items.
        either: Pairs of items of which the form asks for one.

    Raises:
        CriterionError: There is no name or range, the items do not add up to the range, or a domain names an item that
            is not there.
    """

    name: str
    title: str
    low: float
    high: float
    source: str
    item_maxima: tuple[tuple[int, int], ...] = ()
    domains: tuple[tuple[int, ...], ...] = ()
    either: tuple[tuple[int, int], ...] = ()

    def __post_init__(self) -> None:
        if not self.name or not self.low < self.high:
            raise CriterionError(
                f"a scale has a name and rises from low to high: {self.name!r}, {self.low}, {self.high}"
            )
        if not self.item_maxima:
            return
        most = dict(self.item_maxima)
        grouped = [item for domain in self.domains for item in domain]
        unknown = sorted({*grouped, *(item for pair in self.either for item in pair)} - set(most))
        if unknown or len(set(grouped)) < len(grouped):
            raise CriterionError(f"{self.name}: each item is in one domain, and these are no items: {unknown}")
        total = sum(max(most[item] for item in part) for part in self.parts)
        if (self.low, self.high) != (0, total):
            raise CriterionError(
                f"{self.name}: its items add up to 0 to {total}, and its range is {self.low:g} to {self.high:g}"
            )

    @property
    def parts(self) -> tuple[tuple[int, ...], ...]:
        """What the total adds up: the domains, and each item that is in none; empty where items are not modelled."""
        grouped = {item for domain in self.domains for item in domain}
        alone = tuple((item,) for item, _ in self.item_maxima if item not in grouped)
        return tuple(sorted((*self.domains, *alone)))


_HAMD17_ITEMS = tuple((item, 2 if item in {4, 5, 6, 12, 13, 14, 16, 17} else 4) for item in range(1, 18))

HAMD17 = Scale(
    "HAMD17",
    "Hamilton Depression Rating Scale, 17 items",
    0,
    sum(most for _, most in _HAMD17_ITEMS),
    "Hamilton M. J Neurol Neurosurg Psychiatry 1960;23:56-62; nine items score 0-4 and eight 0-2",
    _HAMD17_ITEMS,
)
# Some printed forms, said from memory, score agitation (item 9) from 0 to 2: a study names the form that it used.
HAMD17_AGITATION_2 = Scale(
    "HAMD17 (agitation 0-2)",
    "Hamilton Depression Rating Scale, 17 items, agitation scored 0-2",
    0,
    50,
    "Forms in circulation, from memory; eight items score 0-4 and nine 0-2",
    tuple((item, 2 if item == 9 else most) for item, most in _HAMD17_ITEMS),
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
    domains=((1, 2, 3, 4), (6, 7, 8, 9), (15, 16)),
    either=((6, 7), (8, 9)),
)
PHQ9 = Scale(
    "PHQ-9",
    "Patient Health Questionnaire, 9 items",
    0,
    27,
    "Kroenke K et al. J Gen Intern Med 2001;16:606-13; nine items score 0-3",
    tuple((item, 3) for item in range(1, 10)),
)

SCALES: dict[str, Scale] = {scale.name: scale for scale in (HAMD17, HAMD17_AGITATION_2, MADRS, QIDS_SR16, PHQ9)}


def scale(name: str) -> Scale:
    """Return the scale of that name.

    Raises:
        CriterionError: No such scale is known.
    """
    try:
        return SCALES[name]
    except (KeyError, TypeError):
        raise CriterionError(f"no scale is called {name!r}; known are {some(SCALES, 9)}") from None


def register(new: Scale) -> None:
    """Make a scale of one's own known in this process, before its ratings are read: criteria then work on it at once.

    Raises:
        CriterionError: Another scale bears that name, or this is none.
    """
    if not isinstance(new, Scale):
        raise CriterionError(f"a Scale is registered, not {new!r}")
    if SCALES.setdefault(new.name, new) != new:
        raise CriterionError(f"another scale is called {new.name!r} already; give yours another name")


# QIDS-SR16 total, and the HAMD17 totals that correspond to it. 14 and 15 share a range in the published table.
_QIDS_TO_HAMD17 = (
    *((0, 0), (1, 2), (3, 3), (4, 4), (5, 6), (7, 7), (8, 8), (9, 10), (11, 11), (12, 12), (13, 13), (14, 15)),
    *((16, 16), (17, 17), (18, 19), (18, 19), (20, 20), (21, 22), (23, 23), (24, 24), (25, 25), (26, 27)),
    *((28, 28), (29, 29), (30, 31), (32, 32), (33, 35), (36, 52)),
)
CROSSWALKS: dict[tuple[str, str], tuple[tuple[int, int], ...]] = {("QIDS-SR16", "HAMD17"): _QIDS_TO_HAMD17}


def crosswalk(score: int, from_scale: str, to_scale: str) -> tuple[int, int]:
    """Return the lowest and highest total of another scale that correspond to a total, for groups alone.

    It puts a threshold or a published mean of one scale beside another's. It never turns one person's score, and never
    a change, into the other scale's.

    Source: ids-qids.org, after Rush AJ et al. Biol Psychiatry 2003;54:573-83.

    Raises:
        CriterionError: There is no such table, or no such total.

    >>> crosswalk(5, "QIDS-SR16", "HAMD17")
    (7, 7)
    """
    table = CROSSWALKS.get((str(from_scale), str(to_scale)))
    if table is None:
        known = some(f"{one} to {other}" for one, other in CROSSWALKS)
        raise CriterionError(f"no crosswalk leads from {from_scale} to {to_scale}; known is {known}")
    if isinstance(score, bool) or not isinstance(score, Integral) or score not in range(len(table)):
        raise CriterionError(f"{from_scale} totals are whole numbers from 0 to {len(table) - 1}, not {score}")
    return table[score]
