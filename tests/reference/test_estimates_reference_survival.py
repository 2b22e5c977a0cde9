"""Kaplan-Meier, log-rank, Cox and rates against R (survival 3.5) on three studies; the calls stand in expected.json."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from analyses.estimates.regression.cox import cox
from analyses.estimates.survival.kaplan_meier import kaplan_meier
from analyses.estimates.survival.log_rank import log_rank
from analyses.estimates.survival.person_time import person_time
from cohort.errors import EstimationError

REFERENCE = Path(__file__).parents[2] / "../shared/reference"
pytestmark = pytest.mark.skipif(not REFERENCE.is_dir(), reason="the folder shared/reference is not beside the checkout")

SANAD, HAMD, CDISC = "02_sanad_epileptic", "01_antidepressant_hamd", "07_cdisc_pilot"
YEARS = (365, 730, 1095, 1460)
ADJUSTED = "arm + age + gender + learn_dis"


def same(found, folder: str, block: str, stat: str, pick=slice(None)) -> None:
    """Hold numbers to the tolerance that expected.json gives, element by element; None is R's NA."""
    blocks = json.loads((REFERENCE / folder / "expected.json").read_text())["blocks"]
    (listed,) = [b["stats"] for b in blocks if b["block"] == block]
    (entry,) = [s for s in listed if s["id"] == stat]
    wanted = entry["value"] if isinstance(entry["value"], list) else [entry["value"]]
    found = list(found) if isinstance(found, list | tuple | np.ndarray) else [found]
    wanted = wanted[pick]
    assert len(found) == len(wanted) > 0
    for mine, theirs in zip(found, wanted, strict=True):
        if theirs is None:
            assert mine is None
        else:
            assert abs(mine - theirs) <= entry["tol"]["abs"] + entry["tol"]["rel"] * abs(theirs), (stat, mine, theirs)


def as_events(frame: pl.DataFrame, time: str, status: pl.Expr) -> pl.DataFrame:
    days = pl.col(time).cast(pl.Float64)
    return frame.with_columns(
        event_no=pl.lit(1),
        entry=pl.lit(0.0) if "entry" not in frame.columns else pl.col("entry").cast(pl.Float64),
        left=days,
        right=pl.when(status).then(days),
        cause=pl.when(status).then(pl.lit("event")),
    )


@pytest.fixture(scope="module")
def sanad() -> pl.DataFrame:
    raw = pl.read_csv(REFERENCE / SANAD / "sanad_baseline.csv")
    arm = pl.col("treat").cast(pl.Enum(["CBZ", "LTG"]))
    return as_events(raw, "with_time", pl.col("with_status") == 1).with_columns(
        subject_id=pl.col("id").cast(pl.String), arm=arm
    )


@pytest.fixture(scope="module")
def remission() -> pl.DataFrame:
    """Days to the first visit with HAMD17 <= 7, among those above 7 at entry; else censored at the last visit."""
    visits = pl.read_csv(REFERENCE / HAMD / "hamd17.csv").filter(pl.col("basval") > 7)
    arm = pl.col("THERAPY").cast(pl.Enum(["PLACEBO", "DRUG"])).alias("arm")
    reached = pl.col("RELDAYS").filter(pl.col("HAMDTL17") <= 7).min().alias("reached")
    each = visits.group_by(pl.col("PATIENT").cast(pl.String).alias("subject_id"), arm, "basval").agg(
        reached, pl.col("RELDAYS").max().alias("last")
    )
    timed = each.with_columns(time=pl.coalesce("reached", "last")).drop("last")
    return as_events(timed, "time", pl.col("reached").is_not_null())


@pytest.fixture(scope="module")
def dermatologic() -> pl.DataFrame:
    pyreadstat = pytest.importorskip("pyreadstat")
    raw, _ = pyreadstat.read_xport(REFERENCE / CDISC / "adtte.xpt", output_format="polars")
    arms = pl.Enum(["Placebo", "Xanomeline Low Dose", "Xanomeline High Dose"])
    return as_events(raw, "AVAL", pl.col("CNSR") == 0).with_columns(subject_id="USUBJID", arm=pl.col("TRTA").cast(arms))


@pytest.mark.parametrize("arm", ["CBZ", "LTG"])
def test_sanad_kaplan_meier(sanad, arm):
    block = "km_any_withdrawal"
    found = kaplan_meier(sanad, times=YEARS, probabilities=(0.10, 0.20, 0.25, 0.30, 0.35, 0.5))
    points = found.frame.filter(term="time point", group=arm)
    same(points["estimate"].to_list(), SANAD, block, f"{arm}.surv")
    same(points["std_error"].to_list(), SANAD, block, f"{arm}.greenwood_se")
    same(points["n"].to_list(), SANAD, block, f"{arm}.n_risk")
    limits = [*points["conf_low"], *points["conf_high"]]
    same(limits, SANAD, block, f"{arm}.ci95_log-log_lower4_upper4")
    quantiles = found.frame.filter(statistic="quantile", group=arm)["estimate"].to_list()
    same(quantiles[:5], SANAD, block, f"{arm}.quantile_10_20_25_30_35")
    same(quantiles[5], SANAD, block, f"{arm}.median")
    at_risk = found.frame.filter(statistic="at risk", group=arm)["estimate"].to_list()
    same(at_risk, SANAD, block, f"number_at_risk_{arm}_0_365_730_1095_1460")
    steps = found.frame.filter(pl.col("at") > 0, term="curve", group=arm).height
    same(steps, SANAD, block, f"{arm}.n_distinct_event_times")
    (curve,) = [curve for curve in found.model if curve.group == arm]
    assert curve.at_risk_at([0, *YEARS]).tolist() == at_risk


def test_sanad_rates(sanad):
    found = person_time(sanad)
    for statistic, stat in (
        ("person-time", "person_days_by_arm"),
        ("rate per 1000 days", "rate_per_1000_person_days_by_arm"),
    ):
        same(found.frame.filter(statistic=statistic)["estimate"].to_list(), SANAD, "data", stat)
    events = found.frame.filter(pl.col("term").is_null(), statistic="events")["estimate"].to_list()
    same(events, SANAD, "data", "withdrawals_any_by_arm")


def test_sanad_log_rank(sanad):
    found, block = log_rank(sanad), "tests_any_withdrawal"
    test = found.frame.filter(statistic="log-rank chi-square").row(0, named=True)
    same(test["estimate"], SANAD, block, "logrank_chisq")
    same(test["p_value"], SANAD, block, "logrank_p")
    for statistic in ("observed", "expected"):
        same(found.frame.filter(statistic=statistic)["estimate"].to_list(), SANAD, block, f"logrank_{statistic}")
    same(found.value("variance"), SANAD, block, "logrank_variance")


@pytest.mark.parametrize("cause", ["isc", "uae"])
def test_sanad_log_rank_of_one_cause(sanad, cause):
    one = as_events(sanad, "left", pl.col(f"with_status_{cause}") == 1)
    found = log_rank(one).value("log-rank chi-square")
    same(found, SANAD, "tests_any_withdrawal", f"logrank_{cause.upper()}_only_chisq")


def test_sanad_cox_of_the_arm(sanad):
    found, block = cox(sanad, "arm"), "cox_any_withdrawal"
    row = found.frame.filter(statistic="log hazard ratio").row(0, named=True)
    assert (row["term"], row["group"], row["reference"]) == ("arm", "LTG", "CBZ")
    assert (row["n"], row["events"]) == (605, 221)
    same(row["estimate"], SANAD, block, "unadj.efron.coef")
    same(row["std_error"], SANAD, block, "unadj.efron.se")
    ratio = found.frame.filter(statistic="hazard ratio").row(0, named=True)
    same([ratio[name] for name in ("estimate", "conf_low", "conf_high")], SANAD, block, "unadj.efron.HR_ci")
    logs = found.frame.filter(statistic="log likelihood")["estimate"].to_list()
    same(logs, SANAD, block, "unadj.efron.loglik_null_fit")
    tests = [found.value(f"{name} chi-square") for name in ("likelihood ratio", "score")]
    same(tests, SANAD, block, "unadj.efron.LR_Wald_score", pick=slice(0, 3, 2))
    same(tests[1], SANAD, block, "unadj.efron.score_unrounded")
    same(found.value("concordance"), SANAD, block, "unadj.efron.concordance")


def test_sanad_cox_with_covariates(sanad):
    found, block = cox(sanad, ADJUSTED), "cox_any_withdrawal"
    rows = found.frame.filter(statistic="log hazard ratio")
    assert rows.select("term", "group").rows() == [("arm", "LTG"), ("age", None), ("gender", "M"), ("learn_dis", "Yes")]
    same(rows["estimate"].to_list(), SANAD, block, "adj.efron.coef")
    same(rows["std_error"].to_list(), SANAD, block, "adj.efron.se")
    same(found.frame.filter(statistic="hazard ratio")["estimate"].to_list(), SANAD, block, "adj.efron.HR")
    same(found.frame.filter(statistic="log likelihood")["estimate"].to_list(), SANAD, block, "adj.efron.loglik")
    same(found.value("concordance"), SANAD, block, "adj.efron.concordance")


def test_sanad_robust_errors_equal_coxph_with_ties(sanad):
    found = cox(sanad, ADJUSTED, cluster="subject_id")
    errors = found.frame.filter(statistic="log hazard ratio")["std_error"].to_list()
    same(errors, SANAD, "cox_any_withdrawal", "adj.efron.robust_se")


@pytest.mark.parametrize("cause", ["isc", "uae"])
def test_sanad_cause_specific_cox(sanad, cause):
    found = cox(as_events(sanad, "left", pl.col(f"with_status_{cause}") == 1), ADJUSTED)
    rows = found.frame.filter(statistic="log hazard ratio")
    same(rows["estimate"].to_list(), SANAD, "cause_specific_cox", f"{cause}.adj_coef")
    same(rows["std_error"].to_list(), SANAD, "cause_specific_cox", f"{cause}.adj_se")


def test_sanad_doses_over_time_use_late_entry(sanad):
    """Each dose is carried to the next visit, so that nearly all rows enter late."""
    doses = pl.read_csv(REFERENCE / SANAD / "sanad_dose_long.csv").with_columns(subject_id=pl.col("id").cast(pl.String))
    each = doses.join(sanad.select("subject_id", "arm", "with_time", "with_status"), on="subject_id")
    each = each.filter(pl.col("time") < pl.col("with_time")).sort("subject_id", "time", maintain_order=True)
    each = each.unique(["subject_id", "time"], keep="last", maintain_order=True)
    following = pl.col("time").shift(-1).over("subject_id")
    each = each.with_columns(stop=following.fill_null(pl.col("with_time")), last=following.is_null(), entry="time")
    rows = as_events(each, "stop", pl.col("last") & (pl.col("with_status") == 1))
    block = "time_varying"
    same([rows.height, rows["right"].count()], SANAD, block, "n_rows_events")
    found = cox(rows, "arm + dose", cluster="subject_id")
    same(found.frame.filter(statistic="log hazard ratio")["estimate"].to_list(), SANAD, block, "coef")
    same(found.frame.filter(statistic="log likelihood")["estimate"].to_list(), SANAD, block, "loglik")
    # One history a subject: its spans follow one another and it has one event at most, so that plain errors hold.
    errors = cox(rows, "arm + dose").frame.filter(statistic="log hazard ratio")["std_error"].to_list()
    same(errors, SANAD, block, "se")
    # Beyond an event a subject's rows are no longer independent.
    beyond = rows.filter(pl.col("last")).with_columns(
        entry=pl.col("left"), left=pl.col("left") + 30, right=None, cause=None
    )
    with pytest.raises(EstimationError, match="188 subjects have more than one row"):
        cox(pl.concat([rows, beyond], how="vertical_relaxed"), "arm + dose")


def test_remission_kaplan_meier(remission):
    block = "time_to_remission"
    same(remission.height, HAMD, block, "n")
    found = kaplan_meier(remission, times=(14, 28, 42))
    same(found.frame.filter(statistic="events")["estimate"].to_list(), HAMD, block, "events_by_arm")
    for arm in ("placebo", "drug"):
        points = found.frame.filter(term="time point", group=arm.upper())
        same(points["estimate"].to_list(), HAMD, block, f"km_surv_{arm}_days_14_28_42")
        same(points["std_error"].to_list(), HAMD, block, f"km_greenwood_se_{arm}")
    same(found.frame.filter(statistic="quantile", at=0.5)["estimate"].to_list(), HAMD, block, "km_median")


def test_remission_log_rank_and_cox_with_heavy_ties(remission):
    block, ranked = "time_to_remission", log_rank(remission)
    test = ranked.frame.filter(statistic="log-rank chi-square")
    same([test["estimate"].item(), test["p_value"].item()], HAMD, block, "logrank_chisq_p")
    both = ranked.frame.filter(pl.col("statistic").is_in(["observed", "expected"]))["estimate"].to_list()
    same(both, HAMD, block, "logrank_observed_expected")
    found = cox(remission, "arm + basval")
    rows = found.frame.filter(statistic="log hazard ratio")
    same(rows["estimate"].to_list(), HAMD, block, "cox_efron_coef")
    same(rows["std_error"].to_list(), HAMD, block, "cox_efron_se")
    same(found.frame.filter(statistic="log likelihood")["estimate"].to_list(), HAMD, block, "cox_loglik_null_fit")


def test_dermatologic_events_in_three_arms(dermatologic):
    block = "adtte_survival"
    found = kaplan_meier(dermatologic, times=(30, 60, 90, 180))
    medians = found.frame.filter(statistic="quantile", at=0.5)
    same(medians["estimate"].to_list(), CDISC, block, "median_by_arm")
    same([*medians["conf_low"], *medians["conf_high"]], CDISC, block, "median_ci_loglog")
    same(found.frame.filter(statistic="quantile", at=0.25)["estimate"].to_list(), CDISC, block, "q25_by_arm")
    for arm, label in zip(("Placebo", "Low", "High"), dermatologic["arm"].dtype.categories, strict=True):
        points = found.frame.filter(term="time point", group=label)
        same(points["estimate"].to_list(), CDISC, block, f"surv_30_60_90_180.{arm}")
        same(points["std_error"].to_list(), CDISC, block, f"se_30_60_90_180.{arm}")
    for curve, stat in zip(found.model, ("placebo_0_to_180_by_20", "low", "high"), strict=True):
        same(curve.at_risk_at(range(0, 181, 20)).tolist(), CDISC, block, f"print.at_risk_{stat}")


def test_dermatologic_tests_of_three_arms(dermatologic):
    block, ranked = "adtte_survival", log_rank(dermatologic)
    test = ranked.frame.filter(statistic="log-rank chi-square").row(0, named=True)
    same([test["estimate"], test["df"], test["p_value"]], CDISC, block, "logrank_chisq_df_p")
    assert math.isclose(test["p_value"], 8.17771631386364e-14, rel_tol=1e-9)
    both = ranked.frame.filter(pl.col("statistic").is_in(["observed", "expected"]))["estimate"].to_list()
    same(both, CDISC, block, "logrank_obs_exp")
    for formula, stem in (("arm", "cox"), ("arm + AGE + SEX", "cox_adj")):
        rows = cox(dermatologic, formula).frame.filter(statistic="log hazard ratio")
        same(rows["estimate"].to_list(), CDISC, block, f"{stem}_coef")
        same(rows["std_error"].to_list(), CDISC, block, f"{stem}_se")
    logs = cox(dermatologic, "arm").frame.filter(statistic="log likelihood")["estimate"].to_list()
    same(logs, CDISC, block, "cox_loglik")
