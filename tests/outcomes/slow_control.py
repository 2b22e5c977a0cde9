"""Control of seizures by its definition, one treatment and one day at a time, in plain Python on daily diaries."""

from itertools import groupby

from cohort.drugs import ANTISEIZURE_SUITABILITY
from tests.outcomes.test_slow_definitions import slow_interval

MINIMUM = {"levetiracetam": 750, "carbamazepine": 500}  # half of the defined daily doses, adults


def slow_control(case, criterion, today):
    """(category, reason, day) of one treatment as of a day; the category without its letter.

    `case`: `diary` {day: count}, `start, stop, why, drug, dose, doses [(day, dose, adherence)], adherence, syndrome,
    epilepsy_type, last_day`.
    """
    stopped = case["stop"] is not None and case["stop"] <= today
    end = case["stop"] if stopped else max(case["start"], min(today, case["last_day"]))
    why = (case["why"] or "") if stopped else ""
    days = range(case["start"], end + 1)
    diary = {day: count for day, count in case["diary"].items() if day <= today and count is not None}
    before = [(day, 1, count) for day, count in sorted(diary.items())]
    interval = slow_interval(before, case["start"], criterion.freedom.lookback_days)
    threshold = max(criterion.freedom.min_days, criterion.freedom.times * (interval or 0))
    free_on, relapsed_on = freedom(diary, days, threshold, criterion.freedom)
    if free_on is not None:
        return "1", "", free_on
    if relapsed_on is not None:
        failure = criterion.after_relapse == "failure"
        return "2" if failure else "3", "relapse after sustained freedom", relapsed_on if failure else None
    return without_freedom(case, criterion, today, days, diary, threshold, why, stopped)


def freedom(diary, days, threshold, rule):
    since, recorded, last = days[0], 0, days[0] - 1
    free_on = relapsed_on = None
    for day in days:
        if day not in diary:
            continue
        seizure = diary[day] > 0
        if seizure and free_on is not None:
            free_on, relapsed_on = None, day
        if day - last - 1 > rule.max_gap_days or seizure:
            since, recorded = day, 0
        elif day > since:
            recorded += 1
        last = day
        enough = 100 * recorded >= rule.min_observed * (day - since)
        if free_on is None and not seizure and day - since >= threshold and enough:
            free_on, relapsed_on = day, None
    return free_on, relapsed_on


def without_freedom(case, criterion, today, days, diary, threshold, why, stopped):
    """Steps 3 to 8."""
    recorded = [day for day in days if day in diary]
    needed = max(criterion.min_exposure_days, 1)
    doses = {day: dose_on(case, day) for day in days}
    minimum = MINIMUM.get(case["drug"])
    surely = [day for day in days if minimum and doses[day] is not None and doses[day] >= minimum]
    maybe = [day for day in days if doses[day] is None or doses[day] >= (minimum or 0.001)]
    suits = ANTISEIZURE_SUITABILITY.suits(case["drug"], syndrome=case["syndrome"], epilepsy_type=case["epilepsy_type"])
    taken = adherence(case, today, stopped, days)
    least = criterion.adequacy.min_adherence / 100
    never = "stopped for intolerance" if "intolerance" in why else "too short" if maybe else "dose too low"
    asked = criterion.adequacy.missing_adherence == "undetermined"
    steps = [
        (not recorded, "no observed days"),
        (longest(surely) < needed <= longest(maybe), "dose not recorded" if minimum else "not in the dose table"),
        (suits is None, "suitability not known"),
        (not suits, "not suited"),
        (not surely, never),
        (taken is not None and taken < least, "not adherent"),
        (taken is None and asked, "adherence not recorded"),
    ]
    barred = next((reason for applies, reason in steps if applies), None)
    if barred:
        return "3", barred, None
    seizures = [day for day in recorded if diary[day] > 0]
    return by_seizures(case, criterion, today, days, seizures, (surely, needed, threshold), (why, stopped))


def by_seizures(case, criterion, today, days, seizures, exposure, ended):
    """Steps 7 and 8."""
    (surely, needed, threshold), (why, stopped) = exposure, ended
    missed = {day for day in days if (share := period_adherence(case, day, today)) is not None and share < 0.8}
    after = last_raise(case, days) if criterion.judge_after_optimisation else days[0]
    at_dose = [day for day in seizures if day in surely and day >= after]
    aside = [day for day in at_dose if day in missed]
    counted = at_dose if criterion.missed_doses == "counted" else [day for day in at_dose if day not in missed]
    failures = []
    for spell in spells(surely):
        own = [day for day in counted if spell[0] <= day <= spell[-1]]
        if own and len(spell) >= needed:
            failures.append(max(own[0], spell[needed - 1]))
    untested = aside and criterion.missed_doses == "no test"
    if failures and not untested:
        told = known_from(case) if criterion.adequacy.missing_adherence == "undetermined" else 0
        return "2", "seizure under treatment", max(min(failures), told)
    steps = [
        (untested, "seizure in a span of missed doses"),
        (counted, "too short"),
        (aside and criterion.missed_doses == "set aside", "seizure in a span of missed doses"),
        (days[-1] - max(seizures, default=days[0]) >= threshold, "too many missing days"),
        ("intolerance" in why, "stopped for intolerance"),
        (stopped, "stopped before the threshold"),
        (True, "follow-up too short"),
    ]
    return "3", next(reason for applies, reason in steps if applies), None


def spells(days):
    return [[day for _, day in run] for _, run in groupby(enumerate(days), key=lambda pair: pair[1] - pair[0])]


def longest(days):
    return max(map(len, spells(days)), default=0)


def dose_on(case, day):
    begun = [dose for from_day, dose, _ in case["doses"] if from_day <= day]
    return begun[-1] if begun else case["dose"]


def last_raise(case, days):
    known, raised = None, days[0]
    for day in days:
        dose = dose_on(case, day)
        if dose is not None and known is not None and dose > known:
            raised = day
        known = known if dose is None else dose
    return raised


def period_of(case, day):
    """(adherence, the day on which it is known) of the dose record that holds on a day."""
    begun = [place for place, (from_day, _, _) in enumerate(case["doses"]) if from_day <= day]
    if not begun:
        return None, None
    place = begun[-1]
    ends = [from_day for from_day, _, _ in case["doses"][place + 1 : place + 2]]
    ends += [case["stop"]] if case["stop"] is not None else []
    return case["doses"][place][2], min(ends, default=None)


def period_adherence(case, day, today):
    share, known = period_of(case, day)
    return share if known is not None and known <= today else None


def adherence(case, today, stopped, days):
    known = [share for day in days if (share := period_adherence(case, day, today)) is not None]
    if known:
        return round(sum(known) / len(known), 9)
    return case["adherence"] if stopped else None


def known_from(case):
    """The first day by which an adherence is known."""
    last = case["stop"] if case["stop"] is not None else case["last_day"]
    known = [
        when for day in range(case["start"], last + 1) for share, when in [period_of(case, day)] if share is not None
    ]
    known = [when for when in known if when is not None]
    return min(known) if known else case["stop"]
