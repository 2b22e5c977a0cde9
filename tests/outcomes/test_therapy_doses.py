"""Doses of diets, devices and courses: by hand, and over time."""

import math
from dataclasses import replace

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cohort.errors import CohortError, RecordError
from cohort.outcomes.treatments.therapy_doses import therapy_doses
from cohort.records.study import Study
from cohort.schemas import SETTINGS, SUBJECTS, TREATMENTS
from cohort.therapies.courses import dose_per_week_mg, sessions_in
from cohort.therapies.diet import (
    diet_units,
    fat_energy_percent,
    fat_g,
    faults_in_diet,
    protein_carbohydrate_g,
)
from cohort.therapies.efflux import (
    brain_level,
    brain_level_after,
    brain_level_ratio,
    consistent_kd,
    occupancy_percent,
)
from cohort.therapies.stimulation import (
    charge_per_day_mc,
    charge_per_pulse_nc,
    charge_per_pulse_uc,
    device_duty,
    duty_cycle,
    pulses_per_day,
)


def close(found, expected):
    return found == pytest.approx(expected, rel=1e-12)


def test_g10_ketogenic_diet_of_1200_kcal_at_4_to_1():
    assert (fat_g(1200, 4), protein_carbohydrate_g(1200, 4), fat_energy_percent(4)) == (120, 30, 90)


def test_g11_ketogenic_diet_of_1200_kcal_at_3_to_1():
    grams = fat_g(1200, 3), protein_carbohydrate_g(1200, 3), fat_energy_percent(3)
    assert [round(number, 1) for number in grams] == [116.1, 38.7, 87.1]


def test_a_published_order_of_1224_kcal_at_3_to_1_is_rounded_to_39_units():
    assert diet_units(1224, 3) == pytest.approx(39.48, abs=0.005)
    assert (fat_g(1224, 3, "whole units"), protein_carbohydrate_g(1224, 3, "whole units")) == (117, 39)
    assert [9 * ratio + 4 for ratio in (2, 3, 4, 5)] == [22, 31, 40, 49]
    assert diet_units(60, 4, "whole units") == 2, "a half goes upwards"


@pytest.mark.parametrize(
    ("kcal", "ratio", "fat", "other", "faults"),
    [
        (1200, 4, 120, 30, 0),
        (1224, 3, 117, 39, 0),
        (1173, 4, 117, 30, 0),  # 3.9:1 is exactly 0.1 away
        (1200, 4, 116.9, 30, 2),  # 3.897:1, and 1172.1 kcal lie 2.3 percent below
        (1176, 4, 120, 30, 1),  # 1200 lies 2.04 percent above 1176
        (1000, 4, 98, 24.5, 0),  # 980 kcal lie exactly 2 percent below 1000
        (1000, 4, 97.99, 24.5, 1),
        (1200, 3, 120, 30, 1),
    ],
)
def test_an_order_is_checked_to_0_1_of_its_ratio_and_2_percent_of_its_energy(kcal, ratio, fat, other, faults):
    found = faults_in_diet(energy_kcal=kcal, ratio=ratio, fat_g=fat, protein_carbohydrate_g=other)
    assert len(found) == faults


@given(st.floats(300, 4000), st.floats(1, 5))
def test_the_grams_hold_the_energy_and_the_ratio(kcal, ratio):
    fat, other = fat_g(kcal, ratio), protein_carbohydrate_g(kcal, ratio)
    assert close(9 * fat + 4 * other, kcal)
    assert close(fat, ratio * other)
    assert close(fat_energy_percent(ratio), 100 * 9 * fat / kcal)


def test_g12_charge_and_both_duty_cycles_of_a_vagus_nerve_stimulator():
    assert (charge_per_pulse_nc(1.5, 250), charge_per_pulse_uc(1.5, 250)) == (375, 0.375)
    assert charge_per_pulse_uc(2.0, 500) == 1
    assert (round(duty_cycle(30, 300), 4), round(device_duty(30, 300), 4)) == (0.0909, 0.1030)


def test_the_printed_table_of_duty_cycles():
    assert (device_duty(7, 18), round(device_duty(60, 300), 3)) == (0.44, 0.178)
    assert device_duty(30, 0) == 1, "a device that is never off"
    assert device_duty(30, 300, 0) == duty_cycle(30, 300)


def test_pulses_and_charge_of_a_day():
    assert round(pulses_per_day(20, 30, 300)) == 157091
    assert round(charge_per_day_mc(1.5, 250, 20, 30, 300), 1) == 58.9
    assert pulses_per_day(130, 1, 0) == 130 * 86400, "a brain stimulator"


def test_sessions_and_doses_of_a_week():
    assert (sessions_in(28, 2), sessions_in(14, 3), dose_per_week_mg(56, 2)) == (8, 6, 112)


def test_g13_efflux_and_occupancy():
    assert brain_level(50, 1, 2) / brain_level(50, 1, 1) == 0.5
    assert (round(occupancy_percent(50, 10), 1), round(occupancy_percent(25, 10), 1)) == (83.3, 71.4)
    assert [round(occupancy_percent(level, 5), 1) for level in (50, 25)] == [90.9, 83.3]
    assert [round(occupancy_percent(level, 20), 1) for level in (50, 25)] == [71.4, 55.6]


@given(st.floats(0.01, 100), st.floats(0.01, 100))
def test_doubling_the_pump_alone_lowers_the_brain_level_by_less_than_half(passive, pump):
    assert 0.5 < brain_level_ratio(passive, pump, 2) < 1
    assert brain_level_ratio(0, pump, 2) == 0.5
    assert brain_level_ratio(passive, 0, 2) == 1


def test_a_brain_level_approaches_its_steady_state():
    assert brain_level_after(50.0, 0.5, 0.0) == 0
    assert close(brain_level_after(50.0, 0.5, 2.0), 50 * (1 - math.exp(-1)))


def test_half_the_level_below_the_threshold_is_consistent_for_a_narrow_range_of_kd():
    above, up_to = consistent_kd(50, 25)
    assert (above, up_to) == (6.25, 12.5)
    for kd in (1, 5, 6.25, 6.26, 10, 12.5, 12.51, 20):
        fits = occupancy_percent(50, kd) >= 80 > occupancy_percent(25, kd)
        assert fits == (above < kd <= up_to), kd


FAULTS = {
    "no energy": (lambda: diet_units(0, 4), "energy_kcal is 0; expected a finite number above 0"),
    "no ratio": (lambda: fat_energy_percent(-1), "ratio is -1"),
    "rounding": (lambda: diet_units(1200, 4, "up"), "rounding is 'none' or 'whole units', not 'up'"),
    "current": (lambda: charge_per_pulse_nc(-1, 250), "current_ma is -1; expected a finite number at least 0"),
    "never on": (lambda: duty_cycle(0, 300), "on_s is 0"),
    "nan": (lambda: pulses_per_day(math.nan, 30, 300), "frequency_hz is nan"),
    "kd": (lambda: occupancy_percent(50, 0), "kd is 0"),
    "no efflux": (lambda: brain_level_ratio(0, 0, 2), "efflux_before is 0"),
    "levels in disorder": (lambda: consistent_kd(25, 50), "high is 25; expected a finite number above 50"),
    "all occupied": (lambda: consistent_kd(50, 25, 100), "below_100_percent is 0"),
    "sessions": (lambda: sessions_in(28, -2), "sessions_per_week is -2"),
}


@pytest.mark.parametrize(("make", "message"), FAULTS.values(), ids=FAULTS)
def test_what_cannot_be_is_refused(make, message):
    with pytest.raises(CohortError, match=message):
        make()


def study(treatments, settings, last=400):
    """`treatments`: (subject, no, drug, kind, start, stop); `settings`: rows of SETTINGS."""
    subjects = sorted({row[0] for row in treatments})
    return Study(
        name="therapies",
        subjects=pl.DataFrame([(who, None, 0, last) for who in subjects], schema=SUBJECTS.schema, orient="row"),
        treatments=pl.DataFrame(
            [(*row[:4], None, *row[4:], None, None) for row in treatments], schema=TREATMENTS.schema, orient="row"
        ),
        settings=pl.DataFrame(settings, schema=SETTINGS.schema, orient="row", strict=False),
    )


VNS = [("a", 1, "VNS", "stimulation", 0, None)]


def vns(*rows):
    return study(VNS, [("a", 1, "VNS", *row) for row in rows], last=99)


BEGUN = (
    (10, "pulse width", 250, "us"),
    (10, "frequency", 20, "Hz"),
    (10, "on time", 30, "s"),
    (10, "off time", 5, "min"),
    (10, "current", 0.5, "mA"),
)


def test_the_charge_follows_the_settings_over_time():
    found = therapy_doses(vns(*BEGUN, (20, "current", 1500, "uA"), (30, "current", 0, "mA")))
    assert found.select("from_day", "to_day").rows() == [(10, 19), (20, 29), (30, 99)]
    assert found["charge_per_pulse_uc"].to_list() == [0.125, 0.375, 0]
    a_day = charge_per_day_mc(1.5, 250, 20, 30, 300)
    assert found["charge_per_day_mc"].to_list() == pytest.approx([a_day / 3, a_day, 0])
    assert found["charge_so_far_mc"].to_list() == pytest.approx([10 * a_day / 3, 40 * a_day / 3, 40 * a_day / 3])
    assert found["device_duty"].to_list() == pytest.approx([34 / 330] * 3)
    assert found["fat_g"].null_count() == 3


def test_what_was_not_recorded_leaves_the_charge_unknown_from_then_on():
    found = therapy_doses(vns(*BEGUN, (20, "current", None, "mA"), (30, "current", 1, "mA")))
    assert found["charge_per_pulse_uc"].to_list() == [0.125, None, 0.25]
    assert found["charge_so_far_mc"].is_null().to_list() == [False, True, True]
    assert found["duty_cycle"].null_count() == 0
    without = therapy_doses(vns(*BEGUN[:2], BEGUN[4]))
    assert without.select("charge_per_pulse_uc", "duty_cycle", "charge_per_day_mc").rows() == [(0.125, None, None)]


def test_as_of_a_day_only_settings_made_by_then_count():
    made = vns(*BEGUN, (20, "current", 1.5, "mA"))
    known = therapy_doses(made.known_at(15))
    assert known.select("from_day", "to_day").rows() == [(10, 15)]
    assert known["charge_so_far_mc"][0] == pytest.approx(6 * charge_per_day_mc(0.5, 250, 20, 30, 300))
    assert therapy_doses(made.known_at(9)).is_empty()


def test_a_diet_and_a_course_of_sessions_side_by_side():
    made = study(
        [
            ("a", 1, "ketogenic diet", "diet", 0, 99),
            ("a", 1, "valproate", "drug", 0, None),
            ("b", 1, "esketamine", "other", 0, 27),
            ("b", 2, "ECT", "other", 30, 50),
        ],
        [
            ("a", 1, "ketogenic diet", 0, "ratio", 3, None),
            ("a", 1, "ketogenic diet", 0, "energy", 1224, "kcal"),
            ("a", 1, "ketogenic diet", 50, "ratio", 4, None),
            ("a", 1, "ketogenic diet", 50, "energy", 1200 * 4.184, "kJ"),
            ("a", 1, "ketogenic diet", 50, "protein", 18.5, "g"),
            ("b", 1, "esketamine", 0, "sessions a week", 2, None),
            ("b", 1, "esketamine", 0, "dose", 56, "mg"),
            ("b", 1, "esketamine", 14, "dose", 84, "mg"),
            ("b", 2, "ECT", 30, "sessions a week", 3, None),
            ("b", 2, "ECT", 30, "bilateral", 1, None),
        ],
    )
    found = therapy_doses(made, rounding="whole units")
    diet = found.filter(drug="ketogenic diet")
    assert diet.select("from_day", "to_day").rows() == [(0, 49), (50, 99)]
    assert diet.select("fat_g", "protein_carbohydrate_g", "carbohydrate_g").rows() == [(117, 39, None), (120, 30, 11.5)]
    course = found.filter(drug="esketamine")
    assert course.select("to_day", "dose_per_week_mg", "sessions_so_far").rows() == [(13, 112, 4), (27, 168, 8)]
    assert found.filter(drug="ECT").select("sessions_per_week", "sessions_so_far", "is_bilateral").rows() == [
        (3, 9, True)
    ]
    assert diet["is_bilateral"].null_count() == 2
    shuffled = replace(made, settings=made.settings.sample(fraction=1, shuffle=True, seed=1))
    assert therapy_doses(shuffled, rounding="whole units").equals(found)


def test_a_study_without_settings_has_no_therapy_doses():
    empty = therapy_doses(study(VNS, []))
    assert empty.height == 0
    assert {"charge_so_far_mc", "fat_g", "sessions_so_far"} <= set(empty.columns)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ((10, "current", 1, "A"), "1 settings have a unit that is not known: 'current in A'"),
        ((10, "current", -1, "mA"), "1 settings cannot be: 'current -1.0'"),
        ((10, "on time", 0, "s"), "cannot be: 'on time 0.0'"),
    ],
)
def test_settings_that_cannot_be_are_told(row, message):
    with pytest.raises(RecordError, match=message):
        therapy_doses(vns(row))
