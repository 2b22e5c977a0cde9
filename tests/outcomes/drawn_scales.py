"""Ratings drawn on several scales, some over two years; criteria on scales to judge them by."""

from random import Random

from cohort.criteria import (
    HAMD17_PARTIAL_RESPONSE,
    HAMD17_REMISSION_BELOW_7,
    HAMD17_SEVERITY_APA,
    HAMD17_SEVERITY_QIDS,
    HAMD17_SEVERITY_ZIMMERMAN,
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
)
from tests.outcomes.small_studies import DAYS

SCORES = {
    "MADRS": [None, 0, 7, 10, 11, 12, 13, 20, 30, 40],
    "QIDS-SR16": [None, 0, 5, 6, 8, 11, 16, 21],
    "PHQ-9": [None, 0, 4, 5, 9, 10, 15, 20],
}
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
    """Ratings on the other scales, of the first subject some early on."""
    draw = Random(seed + 1)
    return [row for who in names for scale in SCORES for row in _on(draw, who, scale, first=who == names[0])]


def _on(draw, who, scale, *, first):
    for visit, day in DAYS.items():
        if draw.random() < 0.85 or (first and day == 0):
            score = draw.choice(SCORES[scale])
            yield who, day + draw.choice([0.0, 0.0, 0.4]) * (day > 0), visit, scale, score
