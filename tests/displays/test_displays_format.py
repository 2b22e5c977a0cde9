import math

import pytest

from analyses.displays import format as written


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0.0009, "p <0.001"), (0.001, "p = 0.001"), (0.0532, "p = 0.053"), (1.0, "p >0.999"), (None, "p = \N{EN DASH}")],
)
def test_p_values_are_never_zero_or_one(value, expected):
    assert written.p_value(value) == expected


def test_a_null_and_a_nan_are_an_en_dash_in_every_way_of_writing():
    for write in (written.count, written.percent, written.points, written.ratio, written.significant, written.days):
        assert write(None) == "\N{EN DASH}"
        assert write(math.nan) == "\N{EN DASH}"


def test_negative_numbers_have_a_minus_sign_unless_they_round_to_zero():
    assert written.points(-0.034) == "\N{MINUS SIGN}3.4"
    assert written.points(-0.0004) == "0.0"
    assert written.significant(-3.2e-9) == "\N{MINUS SIGN}3.200e-09"


def test_significant_digits_never_drop_digits_before_the_point():
    assert written.significant(12345.67) == "12346"
    assert written.significant(0.0123456) == "0.01235"
    assert written.significant(1234567.0) == "1234567"


@pytest.mark.parametrize(
    ("value", "expected"), [(0.7654, "0.77"), (0.00037, "0.00037"), (0.0949, "0.095"), (140.2, "140"), (1, "1.00")]
)
def test_ratios_keep_two_decimals_or_two_digits(value, expected):
    assert written.ratio(value) == expected


def test_infinite_numbers_are_said_so():
    assert written.ratio(math.inf) == "∞"
    assert written.days(math.inf) == "∞"


def test_limits_are_empty_only_where_both_are_absent():
    assert written.limits(None, None, written.points) == ""
    assert written.limits(0.25, None, written.points) == "25.0 to \N{EN DASH}"
