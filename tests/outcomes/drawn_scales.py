"""Ratings drawn on several scales, some over two years; criteria on scales to judge them by."""

from dataclasses import replace
from random import Random

from cohort.criteria import (
    ACNP_2006_RECOVERY,
    ACNP_2006_RECURRENCE,
    FRANK_1991_RECOVERY,
    FRANK_1991_RECURRENCE,
    FRANK_1991_RELAPSE,
    FRANK_1991_REMISSION,
    HAMD17_PARTIAL_RESPONSE,
    HAMD17_RELAPSE,
    HAMD17_REMISSION_BELOW_7,
    HAMD17_SEVERITY_APA,
    HAMD17_SEVERITY_QIDS,
    HAMD17_SEVERITY_ZIMMERMAN,
    HAMD17_SUSTAINED_REMISSION,
    MADRS_REMISSION,
    MADRS_REMISSION_TRANSFORM,
    MADRS_RESPONSE,
    MADRS_SEVERITY,
    PHQ9_REMISSION,
    PHQ9_RESPONSE,
    PHQ9_SEVERITY,
    QIDS_SR16_REMISSION,
    QIDS_SR16_RESPONSE,
    QIDS_SR16_SEVERITY,
    STARD_RELAPSE_QIDS,
)
from tests.outcomes.small_studies import DAYS

SCORES = {
    "MADRS": [None, 0, 7, 10, 11, 12, 13, 20, 30, 40],
    "QIDS-SR16": [None, 0, 5, 6, 8, 11, 16, 21],
    "PHQ-9": [None, 0, 4, 5, 9, 10, 15, 20],
}
COURSES = {"HAMD17": ([8, 12, 14, 15, 20], [0, 3, 7, 7, 9]), "QIDS-SR16": ([6, 8, 11, 16], [0, 3, 5, 5, 6])}
ON_COURSES = [
    HAMD17_SUSTAINED_REMISSION,
    FRANK_1991_REMISSION,
    replace(HAMD17_SUSTAINED_REMISSION, visits=3, days=40, max_gap_days=30, bound="<"),
    FRANK_1991_RECOVERY,
    ACNP_2006_RECOVERY,
    replace(ACNP_2006_RECOVERY, recovery_days=40, confirm_days=None),
    FRANK_1991_RELAPSE,
    HAMD17_RELAPSE,
    STARD_RELAPSE_QIDS,
    replace(HAMD17_RELAPSE, recovery_days=60, confirm_days=28),
    FRANK_1991_RECURRENCE,
    ACNP_2006_RECURRENCE,
    replace(ACNP_2006_RECURRENCE, recovery_days=40, confirm_days=None),
]
ON_SCALES = [
    HAMD17_REMISSION_BELOW_7.at("week 4"),
    HAMD17_REMISSION_BELOW_7.at_baseline(),
    HAMD17_PARTIAL_RESPONSE.at("week 4"),
    HAMD17_PARTIAL_RESPONSE.ever(),
    MADRS_REMISSION.at("week 2"),
    MADRS_REMISSION_TRANSFORM.last_observed(),
    MADRS_RESPONSE.at("week 2"),
    QIDS_SR16_REMISSION.at("week 4"),
    QIDS_SR16_RESPONSE.at("week 4"),
    PHQ9_REMISSION.at("week 4"),
    PHQ9_RESPONSE.at("week 4"),
    HAMD17_SEVERITY_APA.at_baseline(),
    HAMD17_SEVERITY_ZIMMERMAN.at("week 4"),
    HAMD17_SEVERITY_QIDS.last_observed(),
    MADRS_SEVERITY.at_baseline(),
    QIDS_SR16_SEVERITY.by_day(21),
    PHQ9_SEVERITY.ever(),
]


def more_ratings(seed, names):
    """Ratings on the other scales, of the first subject some early on; and two years of follow-up on two scales."""
    draw = Random(seed + 1)
    visits = [row for who in names for scale in SCORES for row in _on(draw, who, scale, first=who == names[0])]
    drawn_courses = [row for who in names[1:] for scale in COURSES for row in _course(draw, who, scale)]
    return visits + drawn_courses + [(names[0], float(day), None, "HAMD17", score) for day, score in _long_course(draw)]


def _long_course(draw):
    """Well until recovery and beyond, then ill again or not."""
    well = [(day, draw.choice([0, 3, 7])) for day in range(61, 300, 28)]
    return well + [(day, draw.choice([6, 20, 20])) for day in (300, 310, 320)]


def _course(draw, who, scale):
    """Unscheduled ratings from day 61 on: spells of well and ill, some holes, an end that comes early or late."""
    day, end, well = 61.0, draw.choice([0, 80, 200, 400, 700]), draw.random() < 0.5
    while day < end:
        yield who, day, None, scale, None if draw.random() < 0.1 else draw.choice(COURSES[scale][well])
        day += draw.choice([7, 7, 14, 14, 28, 40.5, 90])
        well = well if draw.random() < 0.8 else not well


def _on(draw, who, scale, *, first):
    for visit, day in DAYS.items():
        if draw.random() < 0.85 or (first and day == 0):
            score = draw.choice(SCORES[scale])
            yield who, day + draw.choice([0.0, 0.0, 0.4]) * (day > 0), visit, scale, score
