"""How severe: bands of a score. Published sets of bands disagree, so the one used is named."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from cohort.criteria.criterion import Moves
from cohort.criteria.on_scale import OnScale
from cohort.errors import CriterionError
from cohort.scales import scale

SEVERITIES = ("none", "mild", "moderate", "moderately severe", "severe", "very severe")


@dataclass(frozen=True)
class Severity(OnScale):
    """A score in a band of severity, or in a worse one.

    The verdict's category is the band, "met" or not. A score between two bands (18.4 where one ends at 18 and the next
    begins at 19) belongs to the lower. Severity at entry, which staging asks for, is `at_baseline()`.

    A missing rating is missing and never carried forward: the verdict is undetermined, without a category (see
    `Endpoint` for what each kind does).

    Attributes:
        scale: The scale's name.
        endpoint: Which ratings count; None until `at_baseline`, `at`, `last_observed`, `ever` or `by_day` names it.
        source: Who defined the bands.
        bands: Each band with its lowest score, from the mildest on: names of SEVERITIES in their order, the first from
            the scale's lowest score.
        at_least: The band from which on the verdict is "met" (a convention of this package; the source has the bands).
    """

    moves: ClassVar[Moves] = {"at_least": "fewer"}

    bands: tuple[tuple[str, float], ...] = ()
    at_least: str = "moderate"

    def __post_init__(self) -> None:
        super().__post_init__()
        names, lowest = [name for name, _ in self.bands], [score for _, score in self.bands]
        if not names or names != [name for name in SEVERITIES if name in names]:
            raise CriterionError(f"bands are some of {list(SEVERITIES)}, each once and in that order, not {names}")
        found = scale(self.scale)
        if lowest[0] != found.low or lowest != sorted(set(lowest)) or not lowest[-1] <= found.high:
            raise CriterionError(
                f"bands of {self.scale} begin at {found.low:g} and rise, to {found.high:g} at most; these begin at "
                f"{lowest}"
            )
        if self.at_least not in names:
            raise CriterionError(f"at_least names one of the bands {names}, not {self.at_least!r}")

    @property
    def threshold(self) -> float:
        """The lowest score that is met."""
        return dict(self.bands)[self.at_least]

    @property
    def label(self) -> str:
        """The criterion in a few words, as it stands in OUTCOMES."""
        bounds = "/".join(f"{score:g}" for _, score in self.bands[1:])
        return f"{self.scale} severity at least {self.at_least} (bands from {bounds}){self._ending()}"

    @property
    def definition(self) -> str:
        """The rule in a sentence."""
        bands = ", ".join(f"{name} from {score:g}" for name, score in self.bands)
        rule = f"A {self.scale} total >= {self.threshold:g}{self._ending()}, of the bands {bands}"
        return f"{rule}; {self.endpoint.lacking}." if self.endpoint else f"{rule}."


HAMD17_SEVERITY_APA = Severity(
    "HAMD17",
    None,
    "Bands in the style of the APA and NICE: 0-7, 8-13, 14-18, 19-22, 23 and more",
    (("none", 0), ("mild", 8), ("moderate", 14), ("severe", 19), ("very severe", 23)),
)
# The cut-offs 17 and 24 are the paper's; the lower bound of "mild" is from memory.
HAMD17_SEVERITY_ZIMMERMAN = Severity(
    "HAMD17",
    None,
    "Zimmerman M et al. J Affect Disord 2013;150:384-8 (627 outpatients; 17 and 24); mild from 8 is from memory",
    (("none", 0), ("mild", 8), ("moderate", 17), ("severe", 24)),
)
HAMD17_SEVERITY_QIDS = Severity(
    "HAMD17",
    None,
    "Bands linked to those of the QIDS (ids-qids.org)",
    (("none", 0), ("mild", 8), ("moderate", 14), ("severe", 20), ("very severe", 26)),
)
MADRS_SEVERITY = Severity(
    "MADRS",
    None,
    "Bands in common use, from memory: 0-6, 7-19, 20-34, 35 and more",
    (("none", 0), ("mild", 7), ("moderate", 20), ("severe", 35)),
)
QIDS_SR16_SEVERITY = Severity(
    "QIDS-SR16",
    None,
    "Rush AJ et al. Biol Psychiatry 2003;54:573-83 (ids-qids.org)",
    (("none", 0), ("mild", 6), ("moderate", 11), ("severe", 16), ("very severe", 21)),
)
PHQ9_SEVERITY = Severity(
    "PHQ-9",
    None,
    "Kroenke K et al. J Gen Intern Med 2001;16:606-13",
    (("none", 0), ("mild", 5), ("moderate", 10), ("moderately severe", 15), ("severe", 20)),
)
