"""The trend of success over successive treatments, fitted to 5 million rows of 160 patterns.

Run with `python -m benchmarks.successive`. Times drift with the machine and what else it does; the ratios do not.
"""

from __future__ import annotations

import os
import warnings

import numpy as np
import polars as pl

from analyses.estimates.successive.trend import trend
from benchmarks.timing import seconds

ROWS, FEW, SUBJECTS = 5_000_000, 200_000, 1_000_000
COVARIATES = ["drug_class", "sex", "age_band"]


def main() -> None:
    """Print seconds, and the ratio to the same fit of single rows by statsmodels' GLM, for both links."""
    rows = single_rows(ROWS)
    few, counts = rows.head(FEW), rows.group_by(["treatment_no", *COVARIATES]).agg(pl.col("tried", "met").sum())
    print(f"{os.cpu_count()} processors; treatment number x class x sex x age: {counts.height} patterns")
    print(f"{'':46}{'rows':>12}{'seconds':>10}{'million rows a second':>24}{'ratio':>10}")
    floor = seconds(lambda: rows.group_by(["treatment_no", *COVARIATES]).agg(pl.col("tried", "met").sum()), times=3)
    show("group_by alone", ROWS, floor)
    for link in ("logit", "cloglog"):
        peer = seconds(lambda link=link: statsmodels_fit(few, link), times=1)
        show(f"statsmodels GLM, {link}", FEW, peer)
        for name, data in (("single rows", rows), ("counts", counts)):
            ours = seconds(lambda data=data, link=link: fit(data, link), times=3)
            show(f"trend on {name}, {link}", ROWS, ours, peer / FEW * ROWS)
        print(f"  largest difference of a coefficient on {FEW:,} rows: {difference(few, link):.1e}")
    people = subjects(SUBJECTS)
    show("trend on outcomes of subjects", people.height, seconds(lambda: fit(people, "logit", []), times=3))
    clustered = seconds(lambda: trend(people, undetermined="excluded", cluster="subject_id"), times=1)
    show("the same, errors clustered by subject", people.height, clustered)


def show(name, rows, took, peer=None):
    """Print one line; `peer` is what the same rows would take at the peer's measured time a row."""
    ratio = "" if peer is None else f"{peer / took:10,.0f}"
    print(f"{name:46}{rows:12,}{took:10.3f}{rows / took / 1e6:24,.2f}{ratio}")


def fit(data, link, covariates=COVARIATES):
    """Return the trend by a level for each treatment."""
    return trend(data, undetermined="excluded", number="factor", link=link, covariates=covariates)


def single_rows(rows):
    """Return one row a course of treatment, as a count of one."""
    rng = np.random.default_rng(1)
    number, sex, age = rng.integers(1, 6, rows), rng.integers(0, 2, rows), rng.integers(0, 4, rows)
    drug = rng.integers(0, 4, rows)
    chance = 1 / (1 + np.exp(0.4 * (number - 1) + 0.1 * drug - 0.2 * sex + 0.05 * age))
    words = {"drug_class": (drug, "ABCD"), "sex": (sex, "fm"), "age_band": (age, "1234")}
    levels = {
        name: pl.Series(list(said), dtype=pl.Enum(list(said))).gather(codes) for name, (codes, said) in words.items()
    }
    met = pl.Series((rng.random(rows) < chance).astype(np.int64))
    return pl.DataFrame({"treatment_no": number, **levels, "tried": np.ones(rows, dtype=np.int64), "met": met})


def subjects(many):
    """Return OUTCOMES of up to four treatments of each subject."""
    rng, left, parts = np.random.default_rng(2), np.arange(many), []
    for number in range(1, 5):
        met = rng.random(left.size) < 1 / (1 + number)
        parts.append(pl.DataFrame({"subject_id": left, "treatment_no": number, "met": met}))
        left = left[~met & (rng.random(left.size) < 0.7)]
    rows = pl.concat(parts, how="vertical_relaxed")
    verdict = pl.when("met").then(pl.lit("met")).otherwise(pl.lit("not met"))
    return rows.select(
        pl.lit("remission").alias("criterion"),
        pl.col("subject_id").cast(pl.String),
        pl.col("treatment_no").cast(pl.Int64),
        verdict=verdict,
        reason=pl.lit(""),
    )


def statsmodels_fit(rows, link):
    """Return statsmodels' coefficients on single rows: what one would write without this package."""
    import statsmodels.api as sm

    columns = [np.ones(rows.height), *((rows["treatment_no"] == k).to_numpy() for k in range(2, 6))]
    columns += [(rows[name] == level).to_numpy() for name in COVARIATES for level in rows[name].dtype.categories[1:]]
    links = sm.families.links
    family = sm.families.Binomial(link=links.Logit() if link == "logit" else links.CLogLog())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return sm.GLM(rows["met"].to_numpy(), np.column_stack(columns).astype(float), family).fit().params


def difference(rows, link):
    """Return the largest difference between our coefficients and statsmodels'."""
    ours = fit(rows, link).model.coefficients
    return float(np.abs(ours - statsmodels_fit(rows, link)).max())


if __name__ == "__main__":
    main()
