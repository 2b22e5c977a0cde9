"""The test of proportional hazards of time to remission."""

from analyses.estimates.regression.cox import cox
from analyses.estimates.regression.proportional import proportional_hazards_test
from tests.reference.survival.data import HAMD, remission

FOLDER = HAMD


def chi_squares():
    return proportional_hazards_test(cox(remission(), "arm + basval")).frame["estimate"].to_list()


CHECKS = {"time_to_remission.cox_zph_km_chisq": chi_squares}
