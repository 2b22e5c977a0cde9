"""What findings answer: yes or no, in words or in numbers."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from cohort.errors import CriterionError, some
from cohort.records.study import Study

_YES = ("yes", "present", "positive", "true")
_NO = ("no", "absent", "negative", "false")


def named(study: Study, finding: str) -> pl.DataFrame:
    """Return the FINDINGS of one name, in whichever case it was written, under the name asked for."""
    rows = study.findings.filter(pl.col("finding").str.strip_chars().str.to_lowercase() == finding.strip().lower())
    return rows.with_columns(finding=pl.lit(finding))


def _named(study: Study, findings: Iterable[str]) -> pl.DataFrame:
    return pl.concat([study.findings.clear(), *(named(study, name) for name in dict.fromkeys(findings))])


def refuse_other_words(study: Study, findings: Iterable[str]) -> None:
    """Refuse results that are neither yes nor no, of findings that are asked so.

    Raises:
        CriterionError: There is such a result.
    """
    rows = _named(study, findings)
    other = rows.filter(pl.col("result").is_not_null() & _said(pl.col("result")).is_null())
    if other.height:
        told = other.select(pl.format("{} is {}", "finding", "result").unique().sort()).to_series()
        raise CriterionError(
            f"{other.height} results of findings that are asked for yes or no are neither: {some(told)}; write "
            f"{', '.join(_YES)}, or {', '.join(_NO)}"
        )


def _said(words: pl.Expr) -> pl.Expr:
    word = words.cast(pl.String).str.strip_chars().str.to_lowercase()
    return pl.when(word.is_in(_YES)).then(pl.lit(True)).when(word.is_in(_NO)).then(pl.lit(False))


def answers(study: Study, findings: Iterable[str]) -> pl.DataFrame:
    """Return `subject_id, finding, day, answer`: each record of these findings that says yes or no.

    The result's word decides; without one, whether the value is above 0. A record without either says nothing. A
    covariate of the finding's name is an answer on day 0, unless the finding itself was recorded then.
    """
    names = list(findings)
    recorded = _named(study, names).select(
        "subject_id", "finding", "day", answer=pl.coalesce(_said(pl.col("result")), pl.col("value") > 0)
    )
    told = [recorded, *(_of_covariate(study, name) for name in names if name in study.covariates)]
    once = (
        pl.concat(told).drop_nulls("answer").unique(["subject_id", "finding", "day"], keep="first", maintain_order=True)
    )
    return once.sort("subject_id", "finding", "day")


def _of_covariate(study: Study, name: str) -> pl.DataFrame:
    column = pl.col(name) > 0 if study.subjects.schema[name].is_numeric() else _said(pl.col(name))
    return study.subjects.select("subject_id", finding=pl.lit(name), day=pl.lit(0.0), answer=column)
