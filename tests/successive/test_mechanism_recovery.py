"""Selection or dependence: what is known to be true is found, limits hold it, and the test holds its level."""

import numpy as np
import pytest

from analyses.estimates.successive.failure_counts import by_failures
from analyses.estimates.successive.fitting import fit
from analyses.estimates.successive.mechanism import mechanism
from analyses.estimates.successive.mechanism_rows import pairs_of
from analyses.estimates.successive.models import BETA_AND_DEPENDENCE, BETA_FRAILTY
from analyses.estimates.successive.selection import selection_shares
from synthetic_data.succession.frailty import Beta, LogitNormal
from synthetic_data.succession.shares import selection_share, step_shares
from synthetic_data.succession.truth import Succession
from tests.successive.mechanism_studies import coverage_of_the_share, drawn_outcomes, drawn_pairs, level_of_the_test
from tests.successive.test_mechanism import FRAILTY, only, table

EXITS = {"intolerance": (0.15,) * 6, "inadequate": (0.05,) * 6, "leaving": (0.2,) * 5}


@pytest.mark.parametrize("dependence", [0.0, 0.4])
def test_selection_with_and_without_dependence_is_recovered(dependence):
    truth = Succession(frailty=Beta(0.8, 0.96), steps=6, dependence=dependence, **EXITS)
    counts = by_failures(drawn_outcomes(truth, 60_000, seed=11), "excluded").counts
    full = fit(BETA_AND_DEPENDENCE, counts)
    true = np.array([0.8 / 1.76, 1 / 2.76, dependence])
    z = (full.theta - true) / np.sqrt(np.diag(full.covariance))
    assert np.abs(z).max() < 4.5
    assert full.pearson()[1] > 1e-4
    if dependence:
        assert pairs_of(counts)[0].p_value < 1e-6
    else:
        alone = fit(BETA_FRAILTY, counts)
        assert np.abs((alone.theta - true[:2]) / np.sqrt(np.diag(alone.covariance))).max() < 4.5


@pytest.mark.parametrize("dependence", [0.0, 0.5])
def test_those_alike_with_and_without_dependence_are_recovered(dependence):
    truth = Succession(frailty=LogitNormal(-0.2, 0.0), steps=6, dependence=dependence, **EXITS)
    estimates = mechanism(drawn_outcomes(truth, 30_000, seed=12), undetermined="excluded")
    row = only(estimates, "dependence", term="dependence")
    assert abs(row["estimate"] - dependence) < 4.5 * row["std_error"]
    frailty = only(estimates, "AIC", term=FRAILTY)["estimate"] - only(estimates, "AIC", term="dependence")["estimate"]
    assert frailty > (50 if dependence else -10)


def test_the_selection_share_is_that_of_the_truth():
    truth = Succession(frailty=Beta(1.2, 1.2), steps=6, dependence=0.3)
    pair = drawn_pairs(truth, 300_000, 0.9, 1, seed=3)[0]
    for share in selection_shares(pair, 0.95)[::4]:
        assert abs(share.estimate - selection_share(truth, share.number)) < 4.5 * share.std_error
        assert share.limits[0] < share.estimate < share.limits[1]
        assert share.limits == pytest.approx(
            (share.estimate - 1.96 * share.std_error, share.estimate + 1.96 * share.std_error), abs=0.02
        )


def test_exact_shares_give_the_exact_selection_share():
    """Expected counts of a huge cohort: the fit is the truth, and so is the share, 0 without frailty."""
    for frailty, dependence in ((Beta(0.8, 0.96), 0.3), (LogitNormal(0.1, 0.0), 0.4)):
        truth = Succession(frailty=frailty, steps=5, dependence=dependence)
        shares = step_shares(truth)
        data = table((shares.tried * 1e11).round(), (shares.remission * 1e11).round())
        counts = by_failures(data, "excluded").counts
        found = selection_shares(pairs_of(counts)[0], 0.95)[-1]
        assert found.estimate == pytest.approx(selection_share(truth, 5), abs=2e-4)


def test_the_test_of_dependence_holds_its_level():
    """300 cohorts of pure selection; 5% of them is 15, and 4.5 standard errors (of 3.8) more or less is 0 to 32."""
    truth = Succession(frailty=Beta(0.8, 0.96), steps=6)
    rejected = 300 * level_of_the_test(truth, 2000, 0.85, 300, seed=1)
    assert 3 <= rejected <= 32


def test_the_limits_of_the_share_hold_the_truth():
    """Of 8 cohorts at 95% fewer than 5 that hold it would be a wonder (p = 4e-4 at most)."""
    assert (
        coverage_of_the_share(Succession(frailty=Beta(1.2, 1.2), steps=4, dependence=0.3), 4000, 0.9, 8, seed=8) > 0.5
    )
