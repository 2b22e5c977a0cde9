"""What is true of a HAM-D study."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

import polars as pl

from synthetic_data.hamd.answers import hamd_estimates
from synthetic_data.soundness import chance, demand, finite, increasing, lengths, proper_covariance

Row = tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class HamdTruth:
    """A two-arm randomized study of depression, rated with the HAM-D17.

    Scores are a latent multivariate normal with the arm's means and one covariance, rounded half up and truncated to
    0..52. Subjects enter at any score. A subject still present leaves before a visit with logit(chance) = the
    visit's intercept - `dropout_slope` * (baseline score - last score) and does not come back. Who has improved less
    leaves more often, and what is missing depends on recorded scores alone (missing at random).

    Attributes:
        means: Latent mean score, by arm and visit.
        covariance: Latent covariance of baseline and visits, the same in both arms.
        dropout_intercepts: One for each visit after baseline; `-math.inf` where nobody leaves.
        dropout_slope: Per HAM-D point of improvement so far.
        arms: Control first; subjects are allocated one to one.
        visits: Names of the visits, baseline first.
        visit_days: Nominal days, 0 first.
        day_jitter: A rating after baseline falls up to this many days before or after its nominal day, each equally
            likely.
        share_female: Sex is a covariate without effect.

    Raises:
        TruthError: The parameters contradict each other.
    """

    means: tuple[Row, Row]
    covariance: tuple[Row, ...]
    dropout_intercepts: Row
    dropout_slope: float = 0.1
    arms: tuple[str, str] = ("placebo", "drug")
    visits: tuple[str, ...] = ("baseline", "week 1", "week 2", "week 4", "week 6")
    visit_days: tuple[int, ...] = (0, 7, 14, 28, 42)
    day_jitter: int = 3
    share_female: float = 0.6

    def __post_init__(self) -> None:
        n = len(self.visits)
        demand(len(self.arms) == 2 == len(set(self.arms)), f"arms are {self.arms}; expected two names, control first")
        demand(
            n >= 2 and len(set(self.visits)) == n,
            f"visits are {self.visits}; expected baseline and more, all different",
        )
        lengths("means", self.means, 2, "one row for each arm")
        for arm, means in zip(self.arms, self.means, strict=True):
            lengths(f"means of {arm}", means, n, "one for each visit")
            finite(f"means of {arm}", means)
        proper_covariance(self.covariance, n)
        lengths("dropout_intercepts", self.dropout_intercepts, n - 1, "one for each visit after baseline")
        finite("dropout_intercepts (-inf apart)", [a for a in self.dropout_intercepts if a != -inf])
        finite("dropout_slope", [self.dropout_slope])
        lengths("visit_days", self.visit_days, n, "one for each visit")
        increasing(self.visit_days, self.day_jitter)
        chance("share_female", self.share_female)

    def estimates(self) -> pl.DataFrame:
        """Return the true values in the ESTIMATES shape: of everybody, as if nobody had left.

        By arm (`group`) and visit (`at` its nominal day): "mean" and, after baseline, "mean change" of the recorded
        score (`term` is the visit); "share" in remission (7 or less) and in response (improvement of 50 percent or
        more from a baseline above 0), where the criterion names the visit and `term` is "had nobody left". Of the
        second arm against the first (`reference`): "mean difference", "mean change difference", "risk difference".
        Exact for rounded, truncated scores: sums over the scores 0..52, for response a quadrature over the baseline.
        Neither observed cases nor counting leavers as failures estimates these shares unless nobody leaves.
        """
        return hamd_estimates(self)
