"""Antidepressant results and resistance in plain Python, one subject and one day at a time."""

from fractions import Fraction

from cohort.drugs import drug_facts
from cohort.outcomes.treatments.courses import courses
from cohort.outcomes.treatments.exposure import exposures

FACTS = drug_facts()
CLASSES = dict(FACTS.filter(field="antidepressant").select("drug", "drug_class").rows())
AUGMENTING = set(FACTS.filter(field="augmentation")["drug"]) - set(CLASSES)
KNOWN = set(FACTS["drug"])
NAMES = {"LTG": "lamotrigine", "CBZ": "carbamazepine"}


def slow_results(study, rule):
    """Category of each treatment, by subject and number, and its drugs where it is an antidepressant."""
    found = {}
    exposed = {row["subject_id"]: {} for row in courses(study).rows(named=True)}
    usual = exposures(study, rule.adequacy).rows(named=True)
    added = exposures(study, rule.augmentation).rows(named=True) if rule.augmentation else usual
    for row, other in zip(usual, added, strict=True):
        exposed[row["subject_id"]][row["treatment_no"]] = (row, other)
    for who, own in exposed.items():
        for number in own:
            found[who, number] = _result(study, rule, who, number, own)
    return found


def _result(study, rule, who, number, own):
    role, drugs = _role(study, who, number)
    taken = own[number][role == "augmentation" and rule.augmentation is not None]
    least = taken["needed"] or (rule.augmentation if taken is not own[number][0] else rule.adequacy).min_days
    scores, start = _scores(study, rule, who), taken["start"]
    before = [score for day, score in scores if start - rule.baseline_days <= day <= start]
    baseline = before[-1] if before else None
    last_day = _until(rule, taken, [row["start"] for row, _ in own.values()])
    under = [(day, score) for day, score in scores if start < day <= last_day]
    fall = [None if not baseline else Fraction(100 * (baseline - score)) / Fraction(baseline) for _, score in under]
    remitted = [score <= rule.remission.threshold for _, score in under]
    halved = [each is not None and each >= 50 for each in fall]
    needed = rule.improvement
    reached = [
        one or (needed is not None and each is not None and each >= needed)
        for one, each in zip(remitted, fall, strict=True)
    ]
    category = _category(rule, taken, role, least, under, baseline, remitted, halved, reached)
    return category, drugs if role == "antidepressant" else None


def _category(rule, taken, role, least, under, baseline, remitted, halved, reached):  # noqa: PLR0911, PLR0912
    kept = any if rule.lost == "success" else lambda answers: bool(answers) and answers[-1]
    reason, stopped = taken["stop_reason"] or "", taken["stop"] is not None
    by_reason = rule.unrated == "stop reason" and not under
    if role in ("no drug", "other drug"):
        return "no antidepressant"
    if kept(remitted) or (by_reason and reason == "remission"):
        return "remitted"
    if kept(halved) and rule.improvement:
        return "responded not remitted"
    if role == "unknown drug":
        return "unknown"
    if role == "augmentation" and rule.augmentation is None:
        return "augmentation"
    adequate = taken["adequate_day"] is not None
    short = taken["end"] - taken["start"] + 1 < least
    rated = [at for at in range(len(under)) if adequate and under[at][0] >= taken["adequate_day"]]
    comparable = rule.improvement is None or bool(baseline)
    showed = [at for at in rated if not reached[at] and comparable]
    if "intolerance" in reason:
        if not adequate and (taken["known"] or short):
            return "intolerance"
        if rule.intolerance_counts and not (adequate and showed):
            return "intolerance"
    if taken["adherent"] is False:
        return "nonadherence"
    if short:
        return "inadequate duration" if stopped else "ongoing"
    if not taken["known"]:
        return "unknown"
    if not taken["dosed"]:
        return "inadequate dose"
    if not adequate:
        return "inadequate duration" if stopped else "ongoing"
    if taken["adherent"] is None:
        return "unknown"
    if reached and reached[-1]:
        return "partly responded"
    if showed or (by_reason and "inefficacy" in reason):
        return "failed"
    return "ongoing" if not under and not stopped else "unknown"


def _role(study, who, number):
    """What a course brings, and its antidepressants."""
    rows = [row for row in study.treatments.rows(named=True) if row["subject_id"] == who]
    own = [row for row in rows if row["treatment_no"] == number]
    named = {NAMES.get(row["drug"], row["drug"]) for row in own if row["kind"] == "drug"}
    drugs = named & set(CLASSES)
    start = {drug: min(row["start_day"] for row in own if row["drug"] == drug) for drug in drugs}
    new = any(
        start[drug] == min(row["start_day"] for row in rows if row["drug"] == drug and row["kind"] == "drug")
        for drug in drugs
    )
    if not new and (named & AUGMENTING or (drugs and named - drugs)):
        return "augmentation", drugs
    if drugs:
        return "antidepressant", drugs
    return ("no drug" if not named else "other drug" if named <= KNOWN else "unknown drug"), drugs


def _scores(study, rule, who):
    """Known scores in order; of one day an unscheduled one first, then in the order of the visits."""
    place = {visit: number for number, visit in enumerate(study.visits)}
    rows = [
        (row["day"], place.get(row["visit"], -1), row["score"])
        for row in study.ratings.rows(named=True)
        if row["subject_id"] == who and row["scale"] == rule.remission.scale and row["score"] is not None
    ]
    return [(day, score) for day, _, score in sorted(rows)]


def _until(rule, taken, starts):
    if taken["stop"] is None:
        return float("inf")
    return min([taken["stop"] + rule.grace_days, *(start for start in starts if start > taken["stop"])])


def slow_counts(study, criterion, outcomes):
    """How many different antidepressants, or classes, failed in the current episode of each subject."""
    counts = {}
    found = slow_results(study, criterion.result)
    for who in study.subjects["subject_id"]:
        since = _current(study, who, criterion.episodes)
        failures = []
        for number, verdict, day in outcomes.filter(subject_id=who).select("treatment_no", "verdict", "day").rows():
            begun = min(
                row["start_day"]
                for row in study.treatments.rows(named=True)
                if (row["subject_id"], row["treatment_no"]) == (who, number)
            )
            drugs = found[who, number][1]
            if verdict == "met" and drugs and (since is None or begun >= since // 1):
                failures.append(
                    (day, number, {CLASSES[drug] for drug in drugs} if criterion.different_class else drugs)
                )
        seen, days = set(), []
        for day, _, brought in sorted(failures, key=lambda each: each[:2]):
            days += [day] if brought - seen else []
            seen |= brought
        counts[who] = len(days), sorted(days)[criterion.failures - 1] if len(days) >= criterion.failures else None
    return counts


def _current(study, who, rule):
    """The first day of the current episode, None where no episode was recorded."""
    spans = sorted(
        (row["from_day"], float("inf") if row["to_day"] is None else row["to_day"])
        for row in study.episodes.rows(named=True)
        if row["subject_id"] == who and row["episode"] == rule.name
    )
    since, reach = None, None
    for begin, end in spans:
        if reach is None or begin - reach >= rule.well_days:
            since = begin
        reach = end if reach is None else max(reach, end)
    return since
