"""How long until the treatment is stopped, and why?"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from cohort.criteria import Retention
from cohort.errors import CriterionError
from cohort.outcomes.times.events import Timing, events
from cohort.outcomes.treatments.courses import courses
from cohort.outcomes.treatments.retention import needs_treatment
from cohort.records.study import Study


def time_to_withdrawal(study: Study, criterion: Retention, _: Timing, compete: Sequence[str]) -> pl.DataFrame:
    """Return EVENTS from the treatment's start to its stop, whose reason is the cause.

    Raises:
        CriterionError: Reasons compete, though each is a cause already; nobody has the treatment.
    """
    if compete:
        raise CriterionError("retention takes every reason for stopping as a cause; leave `compete` out")
    needs_treatment(study, criterion)
    units = courses(study).filter(treatment_no=criterion.treatment_no)
    stopped = pl.col("stop").is_not_null()
    reason = pl.col("stop_reason").cast(pl.String).fill_null("not recorded")
    return events(study, units.with_columns(until="end", cause=pl.when(stopped).then(reason)))
