"""The test of proportional hazards of time to the first dermatologic event."""

from analyses.estimates.regression.cox import cox
from analyses.estimates.regression.proportional import proportional_hazards_test
from tests.reference.survival.data import CDISC, dermatologic

FOLDER = CDISC
CHECKS = {
    "adtte_survival.zph_km_chisq_df2_p": lambda: (
        proportional_hazards_test(cox(dermatologic(), "arm")).frame.select("estimate", "df", "p_value").row(0)
    )
}
