"""Names for simulated subjects."""

from __future__ import annotations

import polars as pl


def subject_ids(subjects: int) -> pl.Series:
    """Return that many names, all of one length so that they sort by number.

    >>> subject_ids(2).to_list()
    ['S0001', 'S0002']
    """
    width = max(4, len(str(subjects)))
    numbers = pl.int_range(1, subjects + 1, eager=True).cast(pl.String)
    return ("S" + numbers.str.zfill(width)).alias("subject_id")
