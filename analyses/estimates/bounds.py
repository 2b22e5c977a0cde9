"""How much an outcome hangs on whether its bound is inclusive."""

from __future__ import annotations

import polars as pl

from analyses.estimates.result import Estimates, estimates_frame


def exactly_at_threshold(evidence: pl.DataFrame) -> Estimates:
    """Count the records that lie exactly on a criterion's threshold: those that `<` in place of `<=` would lose.

    Args:
        evidence: EVIDENCE; checks without a threshold, against zero, or without anything observed are left out.

    Returns:
        Statistic "exactly at the bound" for each criterion and check (term): the number of records that lie on it, of n
        compared.
    """
    compared = evidence.drop_nulls(["observed", "threshold"]).filter(pl.col("threshold") != 0)
    order = compared.select("criterion", "check").unique(maintain_order=True)
    counted = compared.group_by("criterion", "check").agg(
        on_it=(pl.col("observed") == pl.col("threshold")).sum().cast(pl.Int64), n=pl.len().cast(pl.Int64)
    )
    rows = order.join(counted, on=["criterion", "check"], how="left", maintain_order="left")
    frame = estimates_frame(
        {
            "criterion": criterion,
            "term": check,
            "statistic": "exactly at the bound",
            "estimate": on_it,
            "n": n,
            "events": on_it,
        }
        for criterion, check, on_it, n in rows.iter_rows()
    )
    return Estimates(
        frame, "Records that lie exactly on the threshold of a check, and records that were compared with it."
    )
