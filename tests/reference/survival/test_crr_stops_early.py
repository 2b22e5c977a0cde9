"""Who is right where coefficients printed by crr and ours are apart: ours are the maximum, which crr stops before."""

import numpy as np
import pytest

from tests.reference.printed import REFERENCE, printed
from tests.reference.survival.data import SANAD

pytestmark = pytest.mark.skipif(not REFERENCE.is_dir(), reason="reference data are not beside this checkout")


def test_ours_are_the_maximum_and_crr_s_are_just_below_it():
    from tests.reference.survival.fine_gray_sanad import AS_CRR, fitted, numbers

    ours = np.array(numbers("UAE", "adj", **AS_CRR))
    theirs = np.array([one.value for one in printed(SANAD, "fine_gray", "UAE.crr_adj_coef")])
    likelihood = fitted("UAE", "adj", **AS_CRR).model.fit.likelihood
    mine, other = likelihood.at(ours), likelihood.at(theirs)
    assert np.abs(mine.score).max() < 1e-8
    assert np.abs(other.score).max() > 1e-5
    assert mine.value > other.value
    assert np.abs(ours - theirs).max() < 2e-5
