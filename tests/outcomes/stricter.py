"""Chains of criteria, each stricter than the one before it: who meets a later one meets the earlier ones."""

from dataclasses import replace

from cohort.criteria import (
    HAMD17_ABOVE_REMISSION,
    HAMD17_REMISSION,
    HAMD17_RESPONSE,
    RETENTION,
    SEIZURE_RESPONSE_50,
    SEIZURE_RESPONSE_100,
)
from tests.outcomes.drawn_studies import ON_TREATMENTS


def chain(criterion, field, values):
    return [replace(criterion, **{field: value}) for value in values]


STRICTER = {
    "remission threshold": chain(HAMD17_REMISSION.at("week 4"), "threshold", [20, 12, 8, 7, 3, 0]),
    "remission threshold, ever": chain(HAMD17_REMISSION.ever(), "threshold", [20, 12, 8, 7, 3, 0]),
    "remission bound": chain(HAMD17_REMISSION.last_observed(), "bound", ["<=", "<"]),
    "improvement": chain(HAMD17_RESPONSE.at("week 4"), "improvement", [10, 25, 40, 50, 65, 100]),
    "improvement bound": chain(HAMD17_RESPONSE.at("week 4"), "bound", [">=", ">"]),
    "more visits": [HAMD17_REMISSION.at("week 4"), HAMD17_REMISSION.at("week 2", "week 4")],
    "fewer occasions": [HAMD17_REMISSION.ever(), HAMD17_REMISSION.by_day(30), HAMD17_REMISSION.by_day(10)],
    "entry": chain(HAMD17_ABOVE_REMISSION, "above", [3, 7, 12, 20]),
    "seizure reduction": chain(SEIZURE_RESPONSE_50, "reduction", [10, 25, 50, 75, 90]),
    "observed days of a rate": chain(SEIZURE_RESPONSE_50, "min_observed", [10, 80, 95, 100]),
    "completeness": chain(SEIZURE_RESPONSE_100, "complete", [False, True]),
    "days of freedom": chain(ON_TREATMENTS[2], "min_days", [1, 20, 60, 200, 365, 500]),
    "multiple of the interval": chain(ON_TREATMENTS[1], "times", [0, 1, 2, 3, 6]),
    "recorded days of a run": chain(ON_TREATMENTS[2], "min_observed", [50, 80, 95, 100]),
    "days of retention": [RETENTION.at(day) for day in (10, 20, 90, 100, 400)],
}
