"""One subject with an epilepsy, small enough to be worked by hand."""

from dataclasses import replace

import polars as pl

from cohort.criteria import ANTISEIZURE_ADEQUACY, ILAE_2010_CONTROL, ILAE_2010_RESISTANCE
from cohort.records.study import Study
from cohort.schemas import ADVERSE_EFFECTS, DOSES, EPISODES, SEIZURES, TREATMENTS
from tests.outcomes.small_studies import daily, row

# Without the time in which a dose settles, so that the days of the examples can be counted on the fingers.
CONTROL = replace(ILAE_2010_CONTROL, adequacy=replace(ANTISEIZURE_ADEQUACY, half_lives=0))
RESISTANCE = replace(ILAE_2010_RESISTANCE, control=CONTROL)


def epilepsy(
    diary, treatments, *, doses=(), effects=(), episodes=(), last_day=None, age=30.0, weight=None, syndrome=None,
    epilepsy_type="focal",
):  # fmt: skip
    """`diary`: (day, days, count); `treatments`: (no, drug, dose, start, stop, reason, adherence[, kind]).

    `doses`: (no, drug, from_day, dose, adherence); `effects`: (day, no); `episodes`: (name, from_day, to_day).
    """
    people = {"subject_id": "a", "first_day": None, "last_day": last_day, "age": age, "weight": weight}
    people |= {"syndrome": syndrome, "epilepsy_type": epilepsy_type}
    kinds = {"age": pl.Float64, "weight": pl.Float64, "syndrome": pl.String, "epilepsy_type": pl.String}
    courses = [("a", no, drug, *(kind or ["drug"]), *rest) for no, drug, *rest, kind in map(_with_kind, treatments)]
    return Study(
        name="one",
        subjects=pl.DataFrame([people], schema_overrides=kinds),
        seizures=_frame(SEIZURES, [("a", *span, None) for span in diary]),
        treatments=_frame(TREATMENTS, courses),
        doses=_frame(DOSES, [("a", *each) for each in doses]),
        adverse_effects=_frame(ADVERSE_EFFECTS, [("a", day, None, no, "rash", None, None) for day, no in effects]),
        episodes=_frame(EPISODES, [("a", *each) for each in episodes]),
    )


def _with_kind(treatment):
    return [*treatment[:7], list(treatment[7:])]


def _frame(frame, rows):
    return pl.DataFrame(rows, schema=frame.schema, orient="row", strict=False)


def judged(study, criterion=CONTROL, number=1, **asked):
    """(category, reason, day) of one treatment."""
    found = row(study, criterion, treatment_no=number, **asked)
    return found["category"], found["reason"], found["day"]


def status(study, criterion=RESISTANCE, **asked):
    """(category, day) of the subject."""
    found = row(study, criterion, **asked)
    return found["category"], found["day"]


def the_boy(cut=599):
    """A boy of 8 with a seizure every 5 weeks; levetiracetam never helps, oxcarbazepine keeps him free for 304 days."""
    seizures = [*range(-350, 150, 35), 454, 470, 500]
    treatments = [
        (1, "levetiracetam", 1000.0, 0, 149, "inefficacy", 0.95),
        (2, "oxcarbazepine", 750.0, 150, None, None, None),
    ]
    diary = [span for span in daily(-365, 599, seizures) if span[0] <= cut]
    treatments = [each if (each[4] or 0) <= cut else (*each[:4], None, None, None) for each in treatments]
    return epilepsy(diary, [each for each in treatments if each[3] <= cut], age=8.0, weight=25.0)
