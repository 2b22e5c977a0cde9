"""What is true of a HAM-D study."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from synthetic_data.hamd.answers import enrolled_shares, hamd_estimates
from synthetic_data.hamd.long_run import analysed_estimates
from synthetic_data.hamd.mechanisms import (
    Dosing,
    Entry,
    ResponseClass,
    Stopping,
    check_classes,
    check_stopping,
    log_odds,
)
from synthetic_data.soundness import chance, demand, finite, increasing, lengths, proper_covariance

Row = tuple[float, ...]

_RAREST = 0.001  # of those screened; below it drawing until everybody has entered takes too long


@dataclass(frozen=True, kw_only=True)
class HamdTruth:
    """A two-arm randomized study of depression, rated with the HAM-D17.

    Scores are a latent multivariate normal with the arm's means and one covariance, rounded half up and truncated to
    0..52. A subject still present leaves before a visit with logit(chance) = the visit's intercept - `dropout_slope` *
    (baseline score - last score) and does not come back. Who has improved less leaves more often, and what is missing
    depends on recorded scores alone (missing at random). What subjects on placebo gain (drift, expectation) is in the
    control's means. Everything else is off unless it is asked for:

    - `classes`: subjects of several kinds, so that scores are a mixture of normals;
    - `rater_sd`: every rating has an error of its own, independent of all others;
    - `entry`: a lowest score at baseline, regression to the mean and baseline inflation;
    - `dropout_unseen_slope`: leaving depends on the very score that is then missing (missing not at random);
    - `intermittent`: single visits are missed whatever the score (missing completely at random);
    - `stopping`: treatment is stopped, for intolerance or inefficacy, with or without leaving the study;
    - `items`: the form behind each total.

    Attributes:
        means: Latent mean score, by arm and visit.
        covariance: Latent covariance of baseline and visits, the same in both arms and all classes.
        dropout_intercepts: One for each visit after baseline; `-math.inf` where nobody leaves.
        dropout_slope: Per HAM-D point of improvement so far.
        arms: Control first; subjects are allocated one to one.
        visits: Names of the visits, baseline first.
        visit_days: Nominal days, 0 first.
        day_jitter: A rating after baseline falls up to this many days before or after its nominal day, each equally
            likely.
        share_female: Sex is a covariate without effect.
        classes: See `ResponseClass`; empty where all subjects of an arm are of one kind.
        rater_sd: Standard deviation of the error of one rating, in points. The reliability of a score is its latent
            variance divided by that variance + rater_sd ** 2.
        entry: See `Entry`; None where subjects enter at any score.
        dropout_unseen_slope: Taken from the log odds of leaving, per point of improvement at the visit to come.
        intermittent: Chance that a visit after baseline is missed by a subject who has not left.
        stopping: See `Stopping`; TREATMENTS are written where it or `dosing` is given.
        dosing: See `Dosing`; without it the treated arm takes a drug with the arm's name and no known dose.
        items: Whether ITEMS are written: 17 items that add up to the recorded total; see `synthetic_data.hamd.items`.
        item_missing: Chance that an item is recorded as missing. RATINGS keep the total of the complete form, so that
            a total prorated from the other items can be held against it.

    Raises:
        TruthError: The parameters contradict each other, or fewer than 1 in 1000 of those screened could enter.
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
    classes: tuple[ResponseClass, ...] = ()
    rater_sd: float = 0.0
    entry: Entry | None = None
    dropout_unseen_slope: float = 0.0
    intermittent: float = 0.0
    stopping: Stopping | None = None
    dosing: Dosing | None = None
    items: bool = False
    item_missing: float = 0.0

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
        log_odds("dropout_intercepts", self.dropout_intercepts)
        finite("dropout_slope and dropout_unseen_slope", [self.dropout_slope, self.dropout_unseen_slope])
        lengths("visit_days", self.visit_days, n, "one for each visit")
        increasing(self.visit_days, self.day_jitter)
        for name in ("share_female", "intermittent", "item_missing"):
            chance(name, getattr(self, name))
        finite("rater_sd", [self.rater_sd])
        demand(self.rater_sd >= 0, f"rater_sd is {self.rater_sd}; expected 0 or more")
        demand(self.items or not self.item_missing, "item_missing is set and items are not; set items=True")
        check_classes(self.classes, n)
        check_stopping(self.stopping, n)
        self._check_entry()

    def _check_entry(self) -> None:
        if self.entry is None:
            return
        fewest = float(enrolled_shares(self).sum(axis=1).min())
        demand(
            fewest >= _RAREST,
            f"{fewest:.2g} of those screened would enter at {self.entry.score} or more; expected {_RAREST} or more",
        )

    @property
    def plain(self) -> bool:
        """Whether scores are a normal, everybody enters, and leaving before a visit is all that happens."""
        return not (
            self.classes
            or self.rater_sd
            or self.entry
            or self.dropout_unseen_slope
            or self.intermittent
            or self.stopping
        )

    def estimates(self) -> pl.DataFrame:
        """Return the true values in the ESTIMATES shape: of everybody who enters, as if nobody had left.

        By arm (`group`) and visit (`at` its nominal day): "mean" and, after baseline, "mean change" of the recorded
        score (`term` is the visit); "share" in remission (7 or less) and in response (improvement of 50 percent or
        more from a baseline above 0), where the criterion names the visit and `term` is "had nobody left". Of the
        second arm against the first (`reference`): "mean difference", "mean change difference", "risk difference".
        Exact for rounded, truncated scores: sums over the scores 0..52 and a quadrature over the baseline, class by
        class; also under a threshold at entry. Where treatment is stopped these rows are the hypothetical strategy:
        had nobody stopped or left.

        Where treatment is stopped there follow, with the same statistics, the other ways to handle stopping (ICH E9
        R1), named in `term`, all of them as if nobody had left the study: "treatment policy" (scores as they are,
        on treatment or off), "while on treatment" (the last score before stopping), "composite" (who stopped has
        neither response nor remission, and for means the baseline score), and the share who "stopped treatment" by
        then, by reason. They are the exact hypothetical value plus the mean difference from it in a seeded run of
        400,000 subjects an arm; `std_error` is that difference's Monte Carlo error.

        With classes: their shares among those who enter (criterion "response class"); with a threshold at entry: the
        shares "enrolled of those screened" and "baseline raised to the threshold"; with rater error: the "reliability"
        of the score at each visit before entry's selection.

        Of the time to the first visit in remission, of all and of those above remission at entry (`population`): the
        curve and its hazards, see `waiting_rows`; drawn once, of 400,000 subjects an arm.

        Neither observed cases nor counting leavers as failures estimates these shares unless nobody leaves; see
        `analysed_estimates`.
        """
        return hamd_estimates(self)

    def analysed_estimates(self) -> pl.DataFrame:
        """Return what plain analyses of the records converge to as studies grow, whatever one would wish to know.

        In the shape and with the statistics of `estimates`; `term` is the analysis: "observed cases" (those rated at
        the visit), "last observation carried forward", and for shares "non-responder imputation"; also the share who
        "left the study" before each visit. From a seeded run of 400,000 subjects an arm, with its Monte Carlo error in
        `std_error`.
        """
        return analysed_estimates(self)
