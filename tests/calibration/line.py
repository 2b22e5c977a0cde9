"""One line of the calibration table."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Line:
    """A published figure and what the simulated study shows.

    Attributes:
        preset: The preset's name.
        quantity: What is compared, with its unit.
        published: The published figure; None where only a range was published.
        simulated: The simulated figure.
        mc_error: Its Monte Carlo standard error.
        low: Lowest acceptable simulated figure; None where the line is only shown.
        high: Highest acceptable simulated figure.
        source: Where the published figure stands; "from memory" where it was not confirmed.
    """

    preset: str
    quantity: str
    published: float | None
    simulated: float
    mc_error: float
    low: float | None = None
    high: float | None = None
    source: str = ""

    @property
    def verdict(self) -> str:
        """Whether the simulated figure lies in its band: "within", "outside", or "" where there is none."""
        if self.low is None or self.high is None:
            return ""
        return "within" if self.low <= self.simulated <= self.high else "outside"
