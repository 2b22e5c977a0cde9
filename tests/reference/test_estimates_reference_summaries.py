"""Shares, differences and summaries against R on the HAM-D and progabide studies; the calls stand in expected.json."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from analyses.estimates.describe import describe
from analyses.estimates.proportions import proportions, risk_differences

REFERENCE = Path(__file__).parents[2] / "../shared/reference"
pytestmark = pytest.mark.skipif(not REFERENCE.is_dir(), reason="the folder shared/reference is not beside the checkout")

HAMD, PROGABIDE = "01_antidepressant_hamd", "03_progabide_seizures"
VISITS = pl.Enum(["4", "5", "6", "7"])


def same(found, folder: str, block: str, stat: str) -> None:
    """Hold numbers to the tolerance that expected.json gives, element by element."""
    blocks = json.loads((REFERENCE / folder / "expected.json").read_text())["blocks"]
    (listed,) = [b["stats"] for b in blocks if b["block"] == block]
    (entry,) = [s for s in listed if s["id"] == stat]
    wanted = entry["value"] if isinstance(entry["value"], list) else [entry["value"]]
    found = found if isinstance(found, list) else [found]
    assert len(found) == len(wanted) > 0
    for mine, theirs in zip(found, wanted, strict=True):
        assert abs(mine - theirs) <= entry["tol"]["abs"] + entry["tol"]["rel"] * abs(theirs), (stat, mine, theirs)


@pytest.fixture(scope="module")
def ratings() -> pl.DataFrame:
    raw = pl.read_csv(REFERENCE / HAMD / "hamd17.csv", schema_overrides={"PATIENT": pl.String, "VISIT": pl.String})
    arm = pl.col("THERAPY").cast(pl.Enum(["PLACEBO", "DRUG"]))
    return raw.with_columns(arm=arm, visit=pl.col("VISIT").cast(VISITS), subject_id="PATIENT")


@pytest.fixture(scope="module")
def outcomes(ratings) -> pl.DataFrame:
    """Response and remission at each visit; a patient without a rating at the visit is undetermined."""
    everyone = ratings.select("subject_id", "arm").unique()
    grid = everyone.join(pl.DataFrame({"visit": VISITS.categories}, schema={"visit": VISITS}), how="cross")
    seen = grid.join(
        ratings.select("subject_id", "visit", "HAMDTL17", "basval"), on=["subject_id", "visit"], how="left"
    )
    rules = {"responder": pl.col("HAMDTL17") <= 0.5 * pl.col("basval"), "remitter": pl.col("HAMDTL17") <= 7}
    verdicts = [
        seen.select(
            "subject_id",
            "arm",
            criterion=pl.lit(rule) + " " + pl.col("visit").cast(pl.String),
            verdict=pl.when(met.is_null())
            .then(pl.lit("undetermined"))
            .when(met)
            .then(pl.lit("met"))
            .otherwise(pl.lit("not met")),
            reason=pl.when(met.is_null()).then(pl.lit("no rating at the visit")).otherwise(pl.lit("")),
        )
        for rule, met in rules.items()
    ]
    return pl.concat(verdicts)


@pytest.mark.parametrize("arm", ["PLACEBO", "DRUG"])
@pytest.mark.parametrize("rule", ["responder", "remitter"])
def test_shares_by_both_conventions(outcomes, arm, rule):
    labels = [f"{rule} {visit}" for visit in VISITS.categories]
    mine = pl.col("criterion").is_in(labels)
    observed = proportions(outcomes, undetermined="excluded").frame.filter(mine, statistic="share", group=arm)
    same(observed["events"].to_list(), HAMD, "responder_remitter", f"{rule}s_observed.{arm}")
    same(observed["n"].to_list(), HAMD, "data", f"n_obs_by_visit_{arm.lower()}")
    imputed = proportions(outcomes, undetermined="not met").frame.filter(mine, statistic="share", group=arm)
    same(imputed["estimate"].to_list(), HAMD, "responder_remitter", f"{rule}_rate_ITT_NRI.{arm}")


def test_limits_and_difference_at_week_6(outcomes):
    week_6 = outcomes.filter(criterion="responder 7")
    share = proportions(week_6, undetermined="not met").frame.filter(statistic="share", group="DRUG").row(0, named=True)
    same([share["conf_low"], share["conf_high"]], HAMD, "responder_remitter", "week6_resp_ITT.wilson_ci_drug")
    row = risk_differences(week_6, undetermined="not met").frame.row(0, named=True)
    assert (row["group"], row["reference"], row["n"]) == ("DRUG", "PLACEBO", 172)
    same(row["estimate"], HAMD, "responder_remitter", "week6_resp_ITT.riskdiff_drug_minus_placebo")
    same(row["std_error"], HAMD, "responder_remitter", "week6_resp_ITT.riskdiff_wald_se")
    assert row["conf_low"] < 0 < row["estimate"] < row["conf_high"]


@pytest.mark.parametrize("arm", ["PLACEBO", "DRUG"])
def test_changes_by_visit(ratings, arm):
    found = describe(ratings, ["change"], within="visit").frame.filter(group=arm)
    same(found.filter(statistic="mean")["estimate"].to_list(), HAMD, "data", f"mean_change_{arm.lower()}")
    same(found.filter(statistic="sd")["estimate"].to_list(), HAMD, "data", f"sd_change_{arm.lower()}")
    same(found.filter(statistic="n")["estimate"].to_list(), HAMD, "data", f"n_obs_by_visit_{arm.lower()}")


def test_baseline(ratings):
    found = describe(ratings.unique("subject_id"), ["basval"]).frame
    for statistic in ("mean", "sd"):
        same(found.filter(statistic=statistic)["estimate"].to_list(), HAMD, "data", f"baseline_{statistic}_by_arm")


@pytest.mark.parametrize(("copy", "file"), [("mass", "epil_mass.csv"), ("geepack", "seizure_geepack.csv")])
def test_seizure_rates(copy, file):
    raw = pl.read_csv(REFERENCE / PROGABIDE / file)
    total = pl.sum_horizontal("y1", "y2", "y3", "y4")
    counts = raw.with_columns(
        arm=pl.col("trt").cast(pl.Enum(["placebo", "progabide"])),
        total=total,
        percent_change=100 * (total / pl.col("base8wk") - 1),
    ).with_columns(baseline_rate=pl.col("base8wk") / 2, treatment_rate=pl.col("total") / 2)
    columns = ["baseline_rate", "treatment_rate", "percent_change", "age", "total", "base8wk"]
    found = describe(counts, columns).frame

    def by_arm(column, statistic):
        return found.filter(criterion=column, statistic=statistic)["estimate"].to_list()

    block = f"rates_{copy}"
    same(by_arm("baseline_rate", "median"), PROGABIDE, block, "median_baseline_rate28_by_arm")
    same(by_arm("treatment_rate", "median"), PROGABIDE, block, "median_treatment_rate28_by_arm")
    same(by_arm("percent_change", "median"), PROGABIDE, block, "median_pct_change_by_arm")
    same(by_arm("percent_change", "mean"), PROGABIDE, block, "mean_pct_change_by_arm")
    same(by_arm("age", "mean"), PROGABIDE, "data", f"{copy}.mean_age_by_arm")
    same(by_arm("total", "sum"), PROGABIDE, "data", f"{copy}.total_treatment_counts_by_arm")
    same(by_arm("base8wk", "sum"), PROGABIDE, "data", f"{copy}.baseline_total_by_arm")
    quartiles = [by_arm("percent_change", name)[1] for name in ("q1", "median", "q3")]
    same(quartiles, PROGABIDE, block, "quartiles_type7_pct_change_progabide")
    type_2 = describe(counts, ["percent_change"], quantile_type=2).frame.filter(group="progabide")
    wanted = [type_2.filter(statistic=f"{name} (type 2)")["estimate"].item() for name in ("q1", "median", "q3")]
    same(wanted, PROGABIDE, block, "quartiles_type2_pct_change_progabide")
