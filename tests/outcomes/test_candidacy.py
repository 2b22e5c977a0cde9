"""Candidacy by hand, by a truth table of every answer, over time; referral; on a simulated clinic."""

from dataclasses import replace
from itertools import product

import polars as pl
import pytest

from cohort import therapies_by_way
from cohort.criteria import CANDIDACY, ILAE_2010_RESISTANCE, REFERRAL, TWO_DRUGS_FAILED_ANY_REASON, Candidacy, Referral
from cohort.criteria.candidacy import WAYS
from cohort.errors import CriterionError
from cohort.outcomes.explain import explain
from cohort.outcomes.registry import classify, evidence
from cohort.outcomes.seizures.resistance import resistance_states
from cohort.outcomes.times.time_to import time_to
from cohort.records.study import Study
from cohort.schemas import FINDINGS, SUBJECTS, TREATMENTS
from synthetic_data import simulate
from synthetic_data.presets import RESISTANT_CLINIC
from tests.outcomes.small_studies import daily, diary_study

RULE = replace(CANDIDACY, resistance=TWO_DRUGS_FAILED_ANY_REASON)
STRICT = replace(RULE, not_recorded="undetermined")
DAYS = {"first": (0, 99), "second": (100, 199)}


def study(findings, *, failed=2, covariates=None, last=1000, reasons=("inefficacy", "inefficacy")):
    """Subjects who gave up drugs on day 99 and day 199; `findings`: (subject, day, finding, value or word)."""
    subjects = sorted({row[0] for row in findings} | set(covariates or {"a": {}}))
    drugs = [
        (who, number + 1, drug, "drug", None, *DAYS[drug], reasons[number], None)
        for who in subjects
        for number, drug in enumerate(list(DAYS)[:failed])
    ]
    rows = [
        (who, day, finding, None if isinstance(told, str) else told, None, told if isinstance(told, str) else None)
        for who, day, finding, told in findings
    ]
    people = pl.DataFrame([(who, None, None, last) for who in subjects], schema=SUBJECTS.schema, orient="row")
    for name in sorted({name for told in (covariates or {}).values() for name in told}):
        people = people.with_columns(
            pl.Series(name, [covariates.get(who, {}).get(name) for who in subjects], pl.String)
        )
    return Study(
        name="centre",
        subjects=people,
        treatments=pl.DataFrame(drugs, schema=TREATMENTS.schema, orient="row"),
        findings=pl.DataFrame(rows, schema=FINDINGS.schema, orient="row", strict=False),
    )


@pytest.fixture(scope="module")
def clinic():
    return simulate(RESISTANT_CLINIC, seed=3, subjects=150)


def way(made, rule=RULE, **asked):
    found = classify(made, rule, **asked).row(0, named=True)
    return found["verdict"], found["category"], found["day"], found["reason"]


def test_a_concordant_lesion_points_to_resection_on_the_day_of_resistance():
    made = study([("a", 10, "EEG and MRI", "focal concordant lesion")])
    assert way(made) == ("met", "resection", 199, "")
    assert way(made, as_of=198) == ("not met", "continue drug therapy", None, "not resistant")


def test_resection_never_in_a_generalized_epilepsy():
    """S1's network argument, trap T19: the way follows the network, and contradictory records do not open it."""
    general = {"a": {"epilepsy_type": "Generalized"}}
    made = study([("a", 10, "EEG and MRI", "focal concordant lesion")], covariates=general)
    assert way(made)[:2] == ("met", "diet or stimulation")
    assert way(study([("a", 10, "EEG and MRI", "generalized")], covariates=general))[1] == "diet or stimulation"


def test_without_a_result_of_the_network_it_is_to_be_evaluated():
    assert way(study([])) == ("undetermined", "evaluate", None, "finding not recorded")
    assert way(study([("a", 10, "EEG and MRI", "inconclusive")]))[1] == "evaluate"


def test_resistance_that_nobody_knows_leaves_it_undetermined():
    made = study([("a", 10, "EEG and MRI", "multifocal")], reasons=("inefficacy", "not recorded"))
    assert way(made) == ("undetermined", None, None, "too little known of the treatments")


def test_the_way_changes_with_later_findings_and_says_since_when():
    made = study(
        [
            ("a", 10, "EEG and MRI", "focal, no lesion"),
            ("a", 300, "injurious drop seizures", "yes"),
            ("a", 400, "injurious drop seizures", "yes"),
            ("a", 500, "EEG and MRI", "inconclusive"),
            ("a", 600, "EEG and MRI", "Focal concordant lesion "),
            ("a", 700, "injurious drop seizures", "no"),
        ]
    )
    told = [way(made, as_of=day)[1:3] for day in (199, 300, 450, 550, 600, 800)]
    assert told == [
        ("diet or stimulation", 199),
        ("callosotomy, diet or stimulation", 300),
        ("callosotomy, diet or stimulation", 300),
        ("evaluate", None),
        ("resection", 600),
        ("resection", 600),
    ]


def test_the_evidence_is_the_path():
    made = study([("a", 10, "EEG and MRI", "multifocal"), ("a", 10, "one hemisphere", "no")])
    path = evidence(made, RULE).select("check", "observed").rows()
    assert path == [
        ("resistant to drugs", 1),
        ("to be referred to a comprehensive centre", 1),
        ("network known (EEG and MRI: multifocal)", 1),
        ("one concordant focus to be resected", 0),
        ("one hemisphere (one hemisphere, or the syndrome)", 0),
        ("drop seizures (injurious drop seizures)", 0),
        ("developmental and epileptic encephalopathy", 0),
    ]
    assert "diet or stimulation" in explain(made, RULE, "a")


NETWORKS = (None, "focal concordant lesion", "focal, no lesion", "multifocal", "generalized", "unknown")
ANSWERS = (None, "yes", "no")
SYNDROMES = (None, "Rasmussen encephalitis", "Lennox-Gastaut syndrome", "other")
KINDS = (None, "focal", "generalized")


def slow_way(failed, network, hemisphere, drops, syndrome, kind, not_recorded):
    """The published framework in plain Python."""
    if failed < 2:
        return "continue drug therapy"
    if network in (None, "unknown"):
        return "evaluate"
    if network == "focal concordant lesion" and kind != "generalized":
        return "resection"
    one_hemisphere = True if syndrome == "Rasmussen encephalitis" or hemisphere == "yes" else None
    if one_hemisphere is None and hemisphere == "no" and syndrome is not None:
        one_hemisphere = False
    falls = {"yes": True, "no": False, None: None}[drops]
    early = None if syndrome is None else syndrome == "Lennox-Gastaut syndrome"
    for answer, then in zip((one_hemisphere, falls, early), WAYS[3:6], strict=True):
        if answer is None and not_recorded == "undetermined":
            return "evaluate"
        if answer:
            return then
    return "diet or stimulation"


@pytest.mark.parametrize("rule", [RULE, STRICT], ids=["absent", "undetermined"])
@pytest.mark.parametrize("failed", [1, 2])
def test_every_combination_of_answers_against_the_slow_definition(rule, failed):
    told, findings, expected = {}, [], {}
    for number, answer in enumerate(product(NETWORKS, ANSWERS, ANSWERS, SYNDROMES, KINDS)):
        network, hemisphere, drops, syndrome, kind = answer
        who = f"{number:04}"
        told[who] = {"syndrome": syndrome, "epilepsy_type": kind}
        named = (("EEG and MRI", network), ("one hemisphere", hemisphere), ("injurious drop seizures", drops))
        findings += [(who, 5, finding, word) for finding, word in named if word is not None]
        expected[who] = slow_way(failed, *answer, rule.not_recorded)
    found = classify(study(findings, failed=failed, covariates=told), rule)
    assert dict(found.select("subject_id", "category").rows()) == expected
    verdicts = {"continue drug therapy": "not met", "evaluate": "undetermined"}
    assert all(row["verdict"] == verdicts.get(row["category"], "met") for row in found.rows(named=True))
    if failed == 2:
        assert set(expected.values()) == set(WAYS) - {"continue drug therapy"}
    generalized = [who for who, covariates in told.items() if covariates["epilepsy_type"] == "generalized"]
    assert "resection" not in {expected[who] for who in generalized}


def test_results_that_mean_nothing_to_the_rule_are_told():
    with pytest.raises(CriterionError, match="1 results of EEG and MRI are not known: 'tumour'"):
        classify(study([("a", 10, "EEG and MRI", "tumour")]), RULE)
    with pytest.raises(CriterionError, match="neither: 'one hemisphere is perhaps'"):
        classify(study([("a", 10, "one hemisphere", "perhaps")]), RULE)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Candidacy(resistance="ILAE"), "resistance is a criterion, not 'ILAE'"),
        (lambda: Candidacy(not_recorded="no"), "not_recorded is 'absent' or 'undetermined'"),
        (lambda: Candidacy(unknown_networks=("multifocal",)), "stands twice"),
        (lambda: Candidacy(drops="one hemisphere"), "three findings"),
        (lambda: Candidacy(source=" "), "where it comes from"),
        (lambda: Referral(days=-1), "at least 0"),
        (lambda: Referral(days=1.5), "whole"),
        (lambda: Referral(earlier="no"), "earlier is 'passed over' or 'counts'"),
    ],
)
def test_a_criterion_that_contradicts_itself_cannot_be_made(make, message):
    with pytest.raises(CriterionError, match=message):
        make()


# Referral

REFERRED = replace(REFERRAL, resistance=TWO_DRUGS_FAILED_ANY_REASON)


def said(made, rule, **asked):
    found = classify(made, rule, **asked).row(0, named=True)
    return found["verdict"], found["value"], found["day"], found["reason"]


def test_referred_within_some_days_of_resistance():
    made = study([("a", 229, "referral", "epilepsy surgery centre"), ("a", 900, "referral", "yes")])
    assert said(made, REFERRED.within(30)) == ("met", 30, 229, "")
    assert said(made, REFERRED.within(29)) == ("not met", 30, 228, "threshold not reached")
    assert said(made, REFERRED.within(30), as_of=228) == ("undetermined", None, None, "follow-up too short")
    assert said(made, REFERRED.within(29), as_of=228) == ("not met", None, 228, "threshold not reached")
    assert said(made, REFERRED.within(30), as_of=198)[3] == "not resistant"


def test_a_referral_that_was_refused_is_none_and_an_earlier_one_is_a_choice():
    made = study([("a", 50, "referral", None), ("a", 300, "referral", "no"), ("a", 400, "referral", 0)])
    assert said(made, REFERRED.within(30))[:2] == ("not met", None)
    assert said(made, replace(REFERRED, earlier="counts").within(30)) == ("met", 0, 199, "")


def test_time_from_resistance_to_referral():
    made = study(
        [("a", 229, "referral", None), ("b", 50, "referral", None), ("c", 199, "referral", None)],
        covariates={"a": {}, "b": {}, "c": {}},
    )
    found = time_to(made, REFERRED).select("subject_id", "entry", "left", "right", "cause").rows()
    assert found == [("a", 0, 30, 30, "referral"), ("b", 0, 801, None, None), ("c", 0, 0, 0, "referral")]
    late = replace(made, subjects=made.subjects.with_columns(first_day=210))
    assert time_to(late, REFERRED).select("subject_id", "entry").rows() == [("a", 11), ("b", 11)]


def test_who_was_never_resistant_has_no_time_to_referral():
    assert time_to(study([("a", 229, "referral", None)], failed=1), REFERRED).is_empty()
    with pytest.raises(CriterionError, match="ends the waiting for a referral; leave 'intolerance' out"):
        time_to(study([]), REFERRED, compete=["intolerance"])
    for ask in (lambda: time_to(study([]), REFERRED), lambda: classify(study([]), REFERRED.within(90))):
        with pytest.raises(CriterionError, match="no finding 'referral' of anybody"):
            ask()


def test_the_clock_starts_when_resistance_was_first_established_and_goes_on_when_it_ends():
    """Trap T1: who comes free later was waiting all the same. Seizures every 10 days, none on the third drug."""
    drugs = [("a", 1, "levetiracetam", 0, 199, "inefficacy"), ("a", 2, "lamotrigine", 200, 599, "inefficacy")]
    made = diary_study({"a": daily(-60, 1100, range(-60, 600, 10))}, [*drugs, ("a", 3, "valproate", 600, None, None)])
    made = replace(
        made,
        subjects=made.subjects.with_columns(age=pl.lit(40.0), epilepsy_type=pl.lit("focal")),
        treatments=made.treatments.with_columns(daily_dose=pl.lit(2000.0), adherence=pl.lit(1.0)),
        findings=pl.DataFrame({"subject_id": ["a"], "day": [1000.0], "finding": ["referral"]}),
    )
    state = dict(resistance_states(made, ILAE_2010_RESISTANCE).select("state", "from_day").rows())
    assert 200 < state["resistant"] < 300 < state["responsive"] < 1000
    assert classify(made, ILAE_2010_RESISTANCE)["category"].item() == "responsive"
    assert time_to(made, REFERRAL).select("left", "cause").rows() == [(1000 - state["resistant"], "referral")]
    assert said(made, REFERRAL.within(90))[3] == "threshold not reached"
    assert way(made, CANDIDACY)[1] == "continue drug therapy"


def test_referral_needs_days_to_be_classified():
    with pytest.raises(CriterionError, match=r"choose some, for example REFERRAL.within\(90\)"):
        classify(study([]), REFERRED)
    assert REFERRAL.within(90).label == "referred after resistance within 90 days"
    assert CANDIDACY.resistance == ILAE_2010_RESISTANCE


# Who gets which therapy (trap T19), and a simulated clinic


def test_t19_therapies_are_counted_by_the_way_as_it_stood_at_their_start():
    made = study([("a", 10, "EEG and MRI", "multifocal"), ("a", 400, "EEG and MRI", "focal concordant lesion")])
    later = [("VNS", "stimulation", 150), ("diet", "diet", 300), ("resection", "surgery", 500)]
    more = [("a", 10 + place, name, kind, None, day, None, None, None) for place, (name, kind, day) in enumerate(later)]
    made = replace(
        made, treatments=pl.concat([made.treatments, pl.DataFrame(more, schema=TREATMENTS.schema, orient="row")])
    )
    assert therapies_by_way(made, RULE).rows() == [
        ("continue drug therapy", "stimulation", 1),
        ("resection", "surgery", 1),
        ("diet or stimulation", "diet", 1),
    ]


def test_a_simulated_clinic_runs_through(clinic):
    found = classify(clinic, CANDIDACY)
    resistant = classify(clinic, CANDIDACY.resistance).select("subject_id", resistance="verdict", since="day")
    joined = found.join(resistant, on="subject_id").join(
        clinic.findings.filter(finding="EEG and MRI").select("subject_id", network="result"), on="subject_id"
    )
    assert joined.height == 150
    assert joined.filter(pl.col("verdict").cast(pl.String) != pl.col("resistance").cast(pl.String)).is_empty()
    ways = set(joined.filter(verdict="met").select("network", "category").rows())
    assert ways == {
        ("focal concordant lesion", "resection"),
        ("focal, no lesion", "diet or stimulation"),
        ("multifocal", "diet or stimulation"),
        ("generalized", "diet or stimulation"),
    }
    assert joined.filter(pl.col("verdict") == "met").filter(pl.col("day") != pl.col("since")).is_empty()


def test_of_a_clinic_that_operates_on_focal_epilepsies_alone_so_does_the_table(clinic):
    """Its truth gives surgery to concordant lesions after two failures; resistance may come a little later."""
    table = therapies_by_way(clinic, CANDIDACY)
    operated = set(table.filter(kind="surgery")["way"])
    assert operated <= {"resection", "continue drug therapy"}
    assert table["therapies"].sum() == clinic.treatments.filter(pl.col("kind") != "drug").height
