"""Every frame that crosses a wall of the house, on one page.

A column name means one thing everywhere. Days are integers counted from the study's index (day 0); ratings, findings
and episodes may fall within a day and carry fractions. Spans (`from_day` to `to_day`, `first_day` to `last_day`)
include both ends.
"""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from cohort.closed_lists import BOUND, REASON, STOP_REASONS, TREATMENT_KINDS, VERDICT
from cohort.frame import Column, Frame

_ID = Column(pl.String(), "the person")
_DAY = Column(pl.Int64(), "days since the index, which is day 0")
_TREATMENT_NO = Column(pl.Int64(), "1 for the subject's first treatment, 2 for the second; shared by a combination")
_TIME = Column(pl.Float64(), "days since the index, with fractions where the hour matters")


SUBJECTS = Frame(
    "subjects",
    {
        "subject_id": _ID,
        "arm": Column(pl.String(), "the arm, an Enum with the control first; null where there are no arms", True),
        "first_day": Column(pl.Int64(), "first day under observation", True),
        "last_day": Column(pl.Int64(), "last day under observation", True),
    },
    keys=("subject_id",),
    open=True,
)
RATINGS = Frame(
    "ratings",
    {
        "subject_id": _ID,
        "day": _TIME,
        "visit": Column(pl.String(), "the visit's name in the protocol; null for an unscheduled rating", True),
        "scale": Column(pl.String(), "the scale's name in cohort.scales"),
        "score": Column(pl.Float64(), "the total score; null was recorded as missing", True),
    },
    keys=("subject_id", "scale", "day", "visit"),
)
ITEMS = Frame(
    "items",
    {
        "subject_id": _ID,
        "day": _TIME,
        "visit": Column(pl.String(), "the visit's name in the protocol", True),
        "scale": Column(pl.String(), "the scale's name in cohort.scales"),
        "item": Column(pl.Int64(), "the item's number on the form"),
        "score": Column(pl.Float64(), "the item's score; null was recorded as missing", True),
    },
    keys=("subject_id", "scale", "day", "visit", "item"),
)
SEIZURES = Frame(
    "seizures",
    {
        "subject_id": _ID,
        "day": _DAY,
        "days": Column(pl.Int64(), "how many days the record covers: 1 in a diary, 14 in a fortnightly total"),
        "count": Column(pl.Int64(), "seizures on those days; null was recorded as missing", True),
        "type": Column(pl.String(), "the seizure type; null where it is not told apart", True),
    },
    keys=("subject_id", "day", "days", "type"),
)
OBSERVED = Frame(
    "observed",
    {
        "subject_id": _ID,
        "from_day": Column(pl.Int64(), "first day of a span in which a day without a record has no seizures"),
        "to_day": Column(pl.Int64(), "last day of that span"),
    },
    keys=("subject_id", "from_day"),
)
TREATMENTS = Frame(
    "treatments",
    {
        "subject_id": _ID,
        "treatment_no": _TREATMENT_NO,
        "drug": Column(pl.String(), "the drug, or the name of the device, diet or operation"),
        "kind": Column(pl.Enum(TREATMENT_KINDS), "drug, diet, stimulation, surgery ..."),
        "daily_dose": Column(pl.Float64(), "mg a day; null where not known or where DOSES has it", True),
        "start_day": _DAY,
        "stop_day": Column(pl.Int64(), "the last day of the treatment; null while it goes on", True),
        "stop_reason": Column(pl.Enum(STOP_REASONS), "why it was stopped; null while it goes on", True),
        "adherence": Column(pl.Float64(), "share of the prescribed doses taken over the course, 0 to 1", True),
    },
    keys=("subject_id", "treatment_no", "drug"),
)
DOSES = Frame(
    "doses",
    {
        "subject_id": _ID,
        "treatment_no": _TREATMENT_NO,
        "drug": Column(pl.String(), "the drug"),
        "from_day": Column(pl.Int64(), "first day at this dose; until the drug's next record or the stop"),
        "daily_dose": Column(pl.Float64(), "mg a day, or multiples of the study's own unit", True),
        "adherence": Column(pl.Float64(), "share of the doses taken in this period, 0 to 1", True),
    },
    keys=("subject_id", "treatment_no", "drug", "from_day"),
)
SETTINGS = Frame(
    "settings",
    {
        "subject_id": _ID,
        "treatment_no": _TREATMENT_NO,
        "drug": Column(pl.String(), "the device, diet or course, as TREATMENTS names it"),
        "from_day": Column(pl.Int64(), "first day at this setting; until the setting's next record or the stop"),
        "setting": Column(pl.String(), "what was set: current, pulse width, ratio of a diet, sessions a week ..."),
        "value": Column(pl.Float64(), "to what; null where it was changed and nobody knows to what", True),
        "unit": Column(pl.String(), "the unit of the value; null where it has none", True),
    },
    keys=("subject_id", "treatment_no", "drug", "from_day", "setting"),
)
ADVERSE_EFFECTS = Frame(
    "adverse_effects",
    {
        "subject_id": _ID,
        "day": _DAY,
        "to_day": replace(_DAY, nullable=True),
        "treatment_no": replace(_TREATMENT_NO, nullable=True),
        "effect": Column(pl.String(), "what happened, as coded by the study"),
        "severity": Column(pl.String(), "mild, moderate, severe, as coded by the study", True),
        "serious": Column(pl.Boolean(), "serious in the regulatory sense", True),
    },
    keys=("subject_id", "day", "effect"),
)
FINDINGS = Frame(
    "findings",
    {
        "subject_id": _ID,
        "day": _TIME,
        "finding": Column(pl.String(), "what was measured or looked at: EEG, MRI, an antibody, C-reactive protein"),
        "value": Column(pl.Float64(), "the number, in the unit beside it", True),
        "unit": Column(pl.String(), "the unit of the value", True),
        "result": Column(pl.String(), "the result where it is a word and not a number", True),
    },
    keys=("subject_id", "finding", "day"),
)
EPISODES = Frame(
    "episodes",
    {
        "subject_id": _ID,
        "episode": Column(pl.String(), "status epilepticus, depressive episode ..."),
        "from_day": _TIME,
        "to_day": replace(_TIME, nullable=True),
    },
    keys=("subject_id", "episode", "from_day"),
)
OUTCOMES = Frame(
    "outcomes",
    {
        "criterion": Column(pl.String(), "the criterion's label"),
        "subject_id": _ID,
        "treatment_no": replace(_TREATMENT_NO, nullable=True),
        "verdict": Column(VERDICT, "met, not met, or undetermined where records are lacking"),
        "category": Column(pl.String(), "the finer class that the criterion distinguishes", True),
        "value": Column(pl.Float64(), "the number that was compared, in the criterion's unit", True),
        "day": Column(pl.Float64(), "the first day on which the verdict stood", True),
        "reason": Column(REASON, "why, from a closed list; empty for a plain met"),
    },
    keys=("criterion", "subject_id", "treatment_no"),
)
EVIDENCE = Frame(
    "evidence",
    {
        "criterion": Column(pl.String(), "the criterion's label"),
        "subject_id": _ID,
        "treatment_no": replace(_TREATMENT_NO, nullable=True),
        "check": Column(pl.String(), "what was looked at"),
        "day": Column(pl.Float64(), "the day of the record that was looked at", True),
        "observed": Column(pl.Float64(), "what was found", True),
        "threshold": Column(pl.Float64(), "what it was compared with", True),
        "bound": Column(BOUND, "how: what was found must be >=, >, <=, < or = the threshold to pass", True),
        "unit": Column(pl.String(), "the unit of both, in words: days, mg a day, points, percent", True),
        "passed": Column(pl.Boolean(), "whether the check passed; null where it could not be made", True),
    },
    keys=("criterion", "subject_id", "treatment_no"),
)
STATES = Frame(
    "states",
    {
        "subject_id": _ID,
        "from_day": _DAY,
        "to_day": _DAY,
        "state": Column(pl.String(), "the state that holds on these days"),
    },
    keys=("subject_id", "from_day"),
)
EVENTS = Frame(
    "events",
    {
        "subject_id": _ID,
        "treatment_no": replace(_TREATMENT_NO, nullable=True),
        "event_no": Column(pl.Int64(), "1 for the unit's first event, 2 for a repeat"),
        "entry": Column(pl.Float64(), "clock's start to coming under observation; 0 unless entry is late"),
        "left": Column(pl.Float64(), "the event lies after this day; equal to `right` where the day is known"),
        "right": Column(pl.Float64(), "the event lies on or before this day; null where right-censored", True),
        "cause": Column(pl.String(), "what happened; null where the time is right-censored", True),
    },
    keys=("subject_id", "treatment_no", "event_no"),
)
ESTIMATES = Frame(
    "estimates",
    {
        "analysis": Column(pl.String(), "which analysis of the plan the number belongs to"),
        "population": Column(pl.String(), "who is counted"),
        "criterion": Column(pl.String(), "the outcome or variable that the number is about", True),
        "term": Column(pl.String(), "the level, visit, coefficient or convention that the number is about", True),
        "group": Column(pl.String(), "the arm or treatment; null for all together", True),
        "reference": Column(pl.String(), "what the group is compared with; null where nothing is compared", True),
        "at": Column(pl.Float64(), "the time in days, or the probability of a quantile", True),
        "statistic": Column(pl.String(), "what the number is: share, mean, survival, hazard ratio ..."),
        "estimate": Column(pl.Float64(), "the number; null where it does not exist", True),
        "std_error": Column(pl.Float64(), "its standard error", True),
        "conf_low": Column(pl.Float64(), "lower confidence limit", True),
        "conf_high": Column(pl.Float64(), "upper confidence limit", True),
        "df": Column(pl.Float64(), "degrees of freedom of a test", True),
        "p_value": Column(pl.Float64(), "two-sided p value", True),
        "n": Column(pl.Int64(), "how many units the number rests on; at risk in a survival curve", True),
        "events": Column(pl.Int64(), "how many of them met the outcome (the numerator)", True),
    },
    keys=(),
)

RECORD_FRAMES: dict[str, Frame] = {
    frame.name: frame
    for frame in (
        SUBJECTS,
        RATINGS,
        ITEMS,
        SEIZURES,
        OBSERVED,
        TREATMENTS,
        DOSES,
        SETTINGS,
        ADVERSE_EFFECTS,
        FINDINGS,
        EPISODES,
    )
}
