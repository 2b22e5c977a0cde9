"""Andersen-Gill, Prentice-Williams-Peterson and Wei-Lin-Weissfeld models of tumour recurrences; counts of the data."""

from functools import cache

import polars as pl

from analyses.estimates.recurrent.event_layouts import lay_out
from analyses.estimates.recurrent.recurrent_cox import recurrent
from analyses.estimates.regression.cox import cox
from analyses.estimates.survival.person_time import person_time
from tests.reference.survival.data import BLADDER, bladder, bladder_full

FOLDER = BLADDER
FORMULA = "rx + number + size"
MODELS = {
    "AG": {"model": "Andersen-Gill"},
    "PWP_total": {"model": "Prentice-Williams-Peterson total time"},
    "PWP_gap": {"model": "Prentice-Williams-Peterson gap time"},
    "WLW_event_specific": {"model": "Wei-Lin-Weissfeld", "effects": "by event"},
    "WLW_common": {"model": "Wei-Lin-Weissfeld"},
}


@cache
def fitted(name, ties):
    return recurrent(bladder(), FORMULA, ties=ties, **MODELS[name])


def numbers(name, ties, statistic, column="estimate"):
    return fitted(name, ties).frame.filter(statistic=statistic)[column].to_list()


def of_treatment(ties, column):
    return numbers("WLW_event_specific", ties, "log hazard ratio", column)[:4]


def average(ties):
    row = fitted("WLW_event_specific", ties).frame.filter(statistic="average log hazard ratio", term="rx")
    return row.select("estimate", "std_error").row(0)


def global_test(ties):
    row = fitted("WLW_event_specific", ties).frame.filter(statistic="global chi-square", term="rx")
    return row.select("estimate", "p_value").row(0)


def first_event(ties):
    rows = cox(bladder().filter(event_no=1), FORMULA, ties=ties).frame.filter(statistic="log hazard ratio")
    return rows["estimate"].to_list() + rows["std_error"].to_list()


def _of_ties(ties):
    block = f"ag_pwp_wlw_{ties}"
    found = {}
    for name in MODELS:
        found |= {
            f"{block}.{name}.coef": lambda name=name: numbers(name, ties, "log hazard ratio"),
            f"{block}.{name}.robust_se": lambda name=name: numbers(name, ties, "log hazard ratio", "std_error"),
            f"{block}.{name}.naive_se": lambda name=name: numbers(name, ties, "naive standard error"),
            f"{block}.{name}.loglik": lambda name=name: numbers(name, ties, "log likelihood"),
        }
    return found | {
        f"{block}.WLW.average_effect_optimal_weights_est_se": lambda: average(ties),
        f"{block}.WLW.global_test_chisq4_p": lambda: global_test(ties),
        f"{block}.first_event_only.coef_se": lambda: first_event(ties),
    }


def recurrences():
    """Return all recurrences in three arms, deaths being censoring."""
    return recurrent(bladder_full(), "arm + number + size", cause="recurrence")


def full(column):
    return recurrences().frame.filter(statistic="log hazard ratio")[column].to_list()


def full_size():
    return recurrences().frame.filter(statistic="log likelihood", term="fitted").select("n", "events").row(0)


def by_number(rows):
    counted = rows.group_by("event_no").agg(pl.len(), pl.col("right").count().alias("seen")).sort("event_no")
    return counted["len"].to_list() + counted["seen"].to_list()


def counted(statistic):
    found = person_time(bladder())
    return [found.value(statistic, group=arm, term=None) for arm in ("placebo", "thiotepa")]


def start_stop():
    found = fitted("AG", "efron").frame.filter(statistic="log likelihood", term="fitted").row(0, named=True)
    return [found["n"], bladder()["subject_id"].n_unique(), found["events"]]


def full_by_arm():
    everybody = bladder_full(followed=False)
    by_arm = everybody.unique("subject_id").group_by("arm").len().sort("arm")
    return [everybody.height, *by_arm["len"].to_list()]


def full_status():
    return bladder_full(followed=False).group_by("status").len().sort("status")["len"].to_list()


def full_without_time():
    everybody = bladder_full(followed=False)
    return [everybody.filter(pl.col("left") <= pl.col("entry")).height]


CHECKS = (
    {
        "data.startstop_rows_patients_events": start_stop,
        "data.events_by_rx": lambda: counted("events"),
        "data.patient_time_by_rx": lambda: counted("person-time"),
        "data.rows_at_risk_events_by_enum": lambda: by_number(bladder()),
        "data.wlw_rows_events_by_enum": lambda: by_number(lay_out(bladder(), "Wei-Lin-Weissfeld", fixed=[]).rows),
        "data.full_rows_patients_by_arm": full_by_arm,
        "data.full_status_counts": full_status,
        "data.full_zero_followup_rows": full_without_time,
    }
    | _of_ties("efron")
    | _of_ties("breslow")
    | {
        "ag_pwp_wlw_breslow.WLW.published_trt": lambda: of_treatment("breslow", "estimate"),
        "ag_pwp_wlw_breslow.WLW.published_trt_robust_se": lambda: of_treatment("breslow", "std_error"),
        "ag_pwp_wlw_breslow.AG.SAS_PHREG_trt_number_size": lambda: numbers("AG", "breslow", "log hazard ratio"),
        "ag_pwp_wlw_breslow.AG.SAS_PHREG_robust_se": lambda: numbers("AG", "breslow", "log hazard ratio", "std_error"),
        "full_three_arms.n_rows_events": full_size,
        "full_three_arms.coef": lambda: full("estimate"),
        "full_three_arms.robust_se": lambda: full("std_error"),
    }
)
REASONS = {
    f"ag_pwp_wlw_breslow.{name}": "printed to few digits"
    for name in (
        "WLW.published_trt",
        "WLW.published_trt_robust_se",
        "AG.SAS_PHREG_trt_number_size",
        "AG.SAS_PHREG_robust_se",
    )
}
