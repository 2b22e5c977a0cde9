"""Names for simulated subjects."""

from __future__ import annotations

import polars as pl


def subject_ids(first: int, last: int, *, of: int) -> pl.Series:
    """Return the names of subjects `first` to `last` (counted from 1) among `of`, all of one length.

    >>> subject_ids(1, 2, of=50).to_list()
    ['S0001', 'S0002']
    """
    width = max(4, len(str(of)))
    numbers = pl.int_range(first, last + 1, eager=True).cast(pl.String)
    return ("S" + numbers.str.zfill(width)).alias("subject_id")
