"""What is found before the first treatment: networks in EEG and MRI, markers of inflammation, antibodies."""

from __future__ import annotations

from dataclasses import dataclass

from synthetic_data.soundness import chance, demand, finite, lengths

Row = tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class Network:
    """What EEG and MRI together say of where seizures begin, by epilepsy type.

    Attributes:
        results: The possible results.
        focal: The share of each among focal epilepsies.
        generalized: The share of each among generalized ones.
        finding: The finding's name in FINDINGS.
    """

    results: tuple[str, ...]
    focal: Row
    generalized: Row
    finding: str = "EEG and MRI"

    def __post_init__(self) -> None:
        demand(len(set(self.results)) == len(self.results) > 0, f"results are {self.results}; expected different ones")
        for name in ("focal", "generalized"):
            shares = getattr(self, name)
            lengths(f"{name} shares of {self.finding}", shares, len(self.results), "one for each result")
            for result, share in zip(self.results, shares, strict=True):
                chance(f"{name} share of {result}", share)
            demand(
                abs(sum(shares) - 1) < 1e-9, f"{name} shares of {self.finding} add up to {sum(shares):g}; expected 1"
            )


@dataclass(frozen=True, kw_only=True)
class Marker:
    """A log-normal marker, measured on day 0: a covariate, never diagnostic alone.

    Attributes:
        finding: The finding's name in FINDINGS.
        unit: Of the value.
        log_mean: Mean of the natural log of the value in subjects with an own chance of 1/2.
        log_sd: Its standard deviation.
        slope: What the log gains from an own chance of 1 to one of 0; 0 for a marker that tells nothing.
    """

    finding: str
    unit: str
    log_mean: float
    log_sd: float
    slope: float = 0.0

    def __post_init__(self) -> None:
        finite(self.finding, [self.log_mean, self.log_sd, self.slope])
        demand(self.log_sd >= 0, f"log_sd of {self.finding} is {self.log_sd}; expected 0 or more")


@dataclass(frozen=True, kw_only=True)
class Antibody:
    """An antibody and how many have it, independently of everything else."""

    finding: str
    share: float

    def __post_init__(self) -> None:
        chance(f"share of {self.finding}", self.share)
