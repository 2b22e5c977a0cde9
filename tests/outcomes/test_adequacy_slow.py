"""Adequacy against its slow definition, day by day in plain Python, on drawn studies."""

from dataclasses import replace
from math import ceil, inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cohort.drugs import drug_facts
from cohort.outcomes.registry import classify
from cohort.outcomes.treatments.exposure import adequate_spans, exposures
from cohort.records.derive import follow_up
from tests.outcomes.drawn_doses import FULL_NAMES, ON_DOSES
from tests.outcomes.drawn_studies import drawn

EXAMPLES = settings(max_examples=2, deadline=None)
HOURS = dict(drug_facts().select("drug", "half_life_hours").rows())
CRITERIA = [
    *ON_DOSES,
    replace(ON_DOSES[0], combination="every drug", seizure_types="every", min_days=0),
    replace(ON_DOSES[0], clock="first dose", min_days=60, combination="every drug"),
    replace(ON_DOSES[1], combination="any drug", reduction="pauses", half_lives=2, missing_age="adult"),
]


class Course:
    """One treatment of one subject: its judged drugs, and on which days each was at its minimum."""

    def __init__(self, study, criterion, who, number):
        self.criterion, self.person = criterion, study.subjects.filter(subject_id=who).row(0, named=True)
        self.rows = study.treatments.filter(subject_id=who, treatment_no=number).to_dicts()
        self.drugs = [row for row in self.rows if row["kind"] == "drug"]
        stops = [row["stop_day"] for row in self.rows]
        self.start = min(row["start_day"] for row in self.rows)
        last = dict(follow_up(study).rows())[who]
        self.stop = None if None in stops else max(stops)
        self.end = max(self.start, int(last)) if self.stop is None else self.stop
        doses = study.doses.filter(subject_id=who, treatment_no=number).to_dicts()
        before = study.treatments.filter(subject_id=who).filter(kind="drug")
        numbers = [other for other in before["treatment_no"] if other < number]
        held = set(before.filter(treatment_no=max(numbers))["drug"]) if numbers else set()
        held = {FULL_NAMES.get(drug, drug) for drug in held}
        judged = [self.drug(row, doses) for row in self.drugs]
        if criterion.combination == "new drugs":
            judged = [drug for drug in judged if drug["name"] not in held] or judged
        if criterion.combination == "any drug" and judged:
            judged = [min(judged, key=self.rank)]
        self.judged = sorted(judged, key=lambda drug: drug["name"])
        self.needed = max((drug["needed"] for drug in judged), default=None)

    def drug(self, row, doses):
        name = FULL_NAMES.get(row["drug"], row["drug"])
        own = sorted((dose["from_day"], dose) for dose in doses if dose["drug"] == name)
        end = row["stop_day"] if row["stop_day"] is not None else max(row["start_day"], self.end)
        taken = {}
        for day in range(row["start_day"], end + 1):
            known = [dose for at, dose in own if at <= day]
            taken[day] = known[-1] if known else {"daily_dose": row["daily_dose"], "adherence": None}
        least, most, why, needed = self.minimum(name, row["start_day"])
        shares = [dose["adherence"] for dose in taken.values() if dose["adherence"] is not None]
        enough = {day: self.enough(dose["daily_dose"], least, most) for day, dose in taken.items()}
        hours = HOURS.get(name) or 0
        return {
            "name": name,
            "why": why,
            "needed": needed,
            "share": sum(shares) / len(shares) if shares else row["adherence"],
            "suited": self.suited(name),
            "settle": ceil(self.criterion.half_lives * hours / 24),
            "days": enough,
        }

    def suited(self, name):
        if self.criterion.suitability is None:
            return True
        known = {key: self.person[key] for key in ("syndrome", "epilepsy_type")}
        return self.criterion.suitability.suits(name, every=self.criterion.seizure_types == "every", **known)

    def minimum(self, name, start):
        """The bounds of the minimum dose, why they differ, and the needed days."""
        rule, age, weight = self.criterion, self.person["age"], self.person["weight"]
        tables = [rule.doses, rule.children]
        if age is not None:
            tables = [rule.doses if age + start / 365.25 >= rule.adult_from else rule.children]
        elif rule.missing_age == "adult":
            tables = [rule.doses]
        known = {row.drug for table in (rule.doses, rule.children) if table for row in table.rows}
        if name not in known:
            return 0, inf, "not in the dose table", max(rule.min_days, 1)
        bounds, needed = [], []
        for table in tables:
            row = next((row for row in table.rows if row.drug == name), None) if table else None
            if row is None:
                bounds.append((0, inf))
            elif row.minimum_per_kg and weight is None:
                bounds.append((0, row.minimum or inf))
            else:
                least = min(row.minimum or inf, row.minimum_per_kg * weight if row.minimum_per_kg else inf)
                bounds.append((0, 0) if least == inf else (least, least))
            needed += [row.min_days] if row and row.min_days else []
        least, most = min(low for low, _ in bounds), max(high for _, high in bounds)
        why = None
        if least != most and age is None and len(tables) > 1:
            why = "age not recorded"
        elif (0, inf) in bounds:
            why = "no dose rule at this age"
        elif least != most:
            why = "weight not recorded"
        return least, most, why, max(max(needed, default=rule.min_days), 1)

    def enough(self, dose, least, most):
        """Whether a day's dose is surely, and maybe, enough."""
        above = (lambda one, other: one >= other) if self.criterion.bound == ">=" else lambda one, other: one > other
        some = dose is None or dose > 0
        surely = some if most == 0 else above(0 if dose is None else dose, most)
        maybe = some if least == 0 else above(inf if dose is None else dose, least)
        return surely, maybe

    def settled(self, drugs, answer):
        """The days on which all of these drugs are at their dose and settled."""
        good = None
        for drug in drugs:
            days, run = set(), 0
            for day in sorted(drug["days"]):
                run = run + 1 if drug["days"][day][answer] else 0
                if run > drug["settle"]:
                    days.add(day)
            good = days if good is None else good & days
        return sorted(good or ())

    def counted(self, drugs, answer, needed):
        """First and last day of what counts, its days, and the day on which they were enough."""
        spans = []
        for day in self.settled(drugs, answer):
            if spans and spans[-1][-1] == day - 1:
                spans[-1].append(day)
            else:
                spans.append([day])
        if not spans:
            return None, None, 0, None
        if self.criterion.clock == "first dose":
            first = min(min(drug["days"]) for drug in drugs)
            day = next((max(span[0], first + needed - 1) for span in spans if span[-1] - first + 1 >= needed), None)
            chosen = spans[-1] if day is None else next(span for span in spans if day in span)
            return chosen[0], chosen[-1], chosen[-1] - first + 1, day
        if self.criterion.reduction == "pauses":
            days = [day for span in spans for day in span]
            return days[0], days[-1], len(days), days[needed - 1] if len(days) >= needed else None
        long = [span for span in spans if len(span) >= needed]
        chosen = long[0] if long else max(spans, key=len)
        return chosen[0], chosen[-1], len(chosen), chosen[needed - 1] if long else None

    def rank(self, drug):
        surely, maybe = (self.counted([drug], answer, drug["needed"]) for answer in (0, 1))
        may_suit = drug["suited"] is not False
        return (
            not (drug["suited"] is True and surely[3] is not None),
            not (may_suit and maybe[3] is not None),
            not may_suit,
            -maybe[2],
            drug["name"],
        )

    def verdict(self):
        if any(row["kind"] != "drug" for row in self.rows):
            return "not met", "not a drug"
        rule, surely = self.criterion, self.counted(self.judged, 0, self.needed)
        maybe = self.counted(self.judged, 1, self.needed)
        suited = kleene([drug["suited"] for drug in self.judged])
        shares = [drug["share"] for drug in self.judged]
        adherent = None if None in shares else round(100 * min(shares), 9) >= rule.min_adherence
        if adherent is None and rule.missing_adherence == "taken":
            adherent = True
        holding = all(drug["days"].get(self.end, (0, 0))[1] for drug in self.judged)
        coming = self.stop is None and (self.end - self.start + 1 < self.needed or holding)
        exposed = True if surely[3] is not None else False if maybe[3] is None and not coming else None
        return self.reason(suited, exposed, adherent, known=surely[3] is not None or maybe[3] is None)

    def reason(self, suited, exposed, adherent, known):
        last = [row["stop_reason"] or "" for row in self.rows if row["stop_day"] == self.stop]
        intolerance = self.stop is not None and any("intolerance" in reason for reason in last)
        dosed = all(any(maybe for _, maybe in drug["days"].values()) for drug in self.judged)
        whys = {drug["why"] for drug in self.judged if drug["why"]} or {"dose not recorded"}
        reasons = {
            "not suited": suited is False,
            "stopped for intolerance": exposed is False and intolerance,
            "dose too low": exposed is False and not dosed,
            "not adherent": adherent is False,
            "too short": exposed is False,
        }
        if any(reasons.values()):
            return "not met", next(reason for reason, holds in reasons.items() if holds)
        if suited and exposed and adherent:
            return "met", ""
        lacking = "suitability not known" if suited is None else "still going on" if exposed is None else None
        return "undetermined", whys if exposed is None and not known else lacking or "adherence not recorded"


def kleene(answers):
    return False if False in answers else None if None in answers else True


@pytest.mark.parametrize("criterion", CRITERIA, ids=lambda criterion: criterion.label)
@EXAMPLES
@given(st.integers(0, 2**32))
def test_adequacy_in_plain_python(criterion, seed):
    study = drawn(seed)
    shown = {row["subject_id"] + str(row["treatment_no"]): row for row in exposures(study, criterion).to_dicts()}
    spans = {}
    for who, number, first, last in adequate_spans(study, criterion).rows():
        spans.setdefault(who + str(number), []).extend(range(first, last + 1))
    for row in classify(study, criterion).to_dicts():
        unit = row["subject_id"] + str(row["treatment_no"])
        course = Course(study, criterion, row["subject_id"], row["treatment_no"])
        verdict, reason = course.verdict()
        assert row["verdict"] == verdict
        assert row["reason"] in reason if isinstance(reason, set) else row["reason"] == reason
        if not course.judged:
            continue
        found = shown[unit]
        surely = course.counted(course.judged, 0, course.needed)
        counted = ("adequate_from", "adequate_to", "adequate_days", "adequate_day")
        assert tuple(found[name] for name in counted) == surely
        assert found["possible_day"] == course.counted(course.judged, 1, course.needed)[3]
        assert spans.get(unit, []) == course.settled(course.judged, 0)
