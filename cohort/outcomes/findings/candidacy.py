"""Which therapy beyond drugs does a resistant epilepsy point to, and by which answers?"""

from __future__ import annotations

import polars as pl

from cohort.criteria.candidacy import WAYS, Candidacy
from cohort.criteria.soundness import check_part
from cohort.errors import CriterionError, some
from cohort.outcomes.findings.findings import answers, named, refuse_other_words
from cohort.outcomes.judgement import Judgement, check, first_reason, judgement, verdict
from cohort.outcomes.nested import established, needs_nested, nested_verdicts
from cohort.records.study import Study, check_study

_CONTINUE, _EVALUATE = WAYS[:2]


def needs_candidacy(study: Study, criterion: Candidacy) -> None:
    """Refuse a study that cannot answer resistance, and results that mean nothing to the rule.

    Raises:
        CriterionError: It cannot, or there are such results.
    """
    needs_nested(study, criterion.resistance)
    refuse_other_words(study, (criterion.hemisphere, criterion.drops))
    results = named(study, criterion.network)["result"].drop_nulls().unique().sort()
    known = {_plain(name) for name in criterion.networks}
    other = [result for result in results if _plain(result) not in known]
    if other:
        raise CriterionError(
            f"{len(other)} results of {criterion.network} are not known: {some(other)}; name them in `resectable`, "
            f"`other_networks` or `unknown_networks`, which have {some(criterion.networks, 20)}"
        )


def _plain(word: str) -> str:
    return word.strip().lower()


def classify_candidacy(study: Study, criterion: Candidacy) -> Judgement:
    """Return one verdict a subject; the category is the way, null where resistance is undetermined.

    The day is the one since which the way has stood. The evidence is the path: each question that was asked, and its
    answer, 1 for yes.
    """
    resistant = nested_verdicts(study, criterion.resistance)
    units = resistant.join(_ways(study, criterion, resistant), on="subject_id", how="left").sort("subject_id")
    no, unsure = pl.col("resistance") == "not met", pl.col("resistance") == "undetermined"
    evaluate = pl.col("way") == _EVALUATE
    units = units.with_columns(
        verdict(~no, unsure | (evaluate & ~no).fill_null(False)),
        first_reason(
            (no, "not resistant"),
            (unsure, "too little known of the treatments"),
            (evaluate, "finding not recorded"),
        ),
        category=pl.when(no).then(pl.lit(_CONTINUE)).otherwise("way"),
        day=pl.when(no).then("since").when(~unsure & ~evaluate).then("stood"),
    )
    return judgement(criterion, units, _path(units, criterion))


def therapies_by_way(study: Study, criterion: Candidacy) -> pl.DataFrame:
    """Return how many therapies of each kind began in which way of candidacy, as it stood on the therapy's first day.

    Comparing therapies across ways compares the epilepsies that they were given for: surgery goes to focal, diets to
    encephalopathic ones. A kind that hardly occurs in a way has nothing there to be compared with. Before the first day
    of resistance the way is to continue drug therapy, whatever resistance became later; so it is where resistance was
    never established, be it for want of records.

    Args:
        study: The study.
        criterion: The rule.

    Returns:
        `way, kind, therapies`, ways in their order, then kinds; pairs that do not occur are absent. Drugs and placebo
        are no therapies here.

    Raises:
        CriterionError: As in `classify`.
    """
    check_study(study)
    check_part("criterion", criterion, Candidacy)
    needs_candidacy(study, criterion)
    resistant = established(study, criterion.resistance)
    by_day = _with_ways(_answers_by_day(study, criterion, resistant), criterion)
    ways = by_day.select("subject_id", pl.col("day").floor().cast(pl.Int64), "way").sort("day", maintain_order=True)
    begun = study.treatments.filter(~pl.col("kind").cast(pl.String).is_in(["drug", "placebo"]))
    begun = begun.select("subject_id", "treatment_no", "kind", "start_day").unique().sort("start_day")
    at_start = begun.join_asof(
        ways, left_on="start_day", right_on="day", by="subject_id", strategy="backward", check_sortedness=False
    )
    way = pl.col("way").fill_null(_CONTINUE).cast(pl.Enum(WAYS))
    return at_start.group_by(way, "kind").agg(therapies=pl.len().cast(pl.Int64)).sort("way", "kind")


def _ways(study: Study, criterion: Candidacy, resistant: pl.DataFrame) -> pl.DataFrame:
    """Return each resistant subject's way now, the answers that led to it, and since when it has stood."""
    by_day = _with_ways(_answers_by_day(study, criterion, resistant), criterion)
    other = pl.col("day").filter(pl.col("way") != pl.col("way").last()).max()
    stood = pl.col("day").filter(pl.col("day") > other.fill_null(float("-inf"))).min()
    answers_now = [pl.col(name).last() for name in ("network", "known", "resectable", *_ASKED, "way")]
    return by_day.group_by("subject_id", maintain_order=True).agg(*answers_now, stood=stood)


_ASKED = ("hemispheric", "dropping", "encephalopathic")


def _with_ways(by_day: pl.DataFrame, criterion: Candidacy) -> pl.DataFrame:
    yes_no = [pl.col(name).fill_null(False) if criterion.not_recorded == "absent" else name for name in _ASKED]
    return by_day.with_columns(yes_no).with_columns(way=_way())


def _way() -> pl.Expr:
    """Return the first way that is answered yes; an answer that is not known leaves what comes after it open."""
    way = pl.when(~pl.col("known")).then(pl.lit(_EVALUATE)).when("resectable").then(pl.lit(WAYS[2]))
    for name, told in zip(_ASKED, WAYS[3:6], strict=True):
        way = way.when(pl.col(name)).then(pl.lit(told)).when(pl.col(name).is_null()).then(pl.lit(_EVALUATE))
    return way.otherwise(pl.lit(WAYS[6]))


def _answers_by_day(study: Study, criterion: Candidacy, resistant: pl.DataFrame) -> pl.DataFrame:
    """Return the answers as they stood on the day of resistance and on each later day that brought one."""
    network = named(study, criterion.network).drop_nulls("result")
    parts = [network.select("subject_id", "day", network="result")]
    for finding, name in ((criterion.hemisphere, "hemispheric"), (criterion.drops, "dropping")):
        parts.append(answers(study, [finding]).select("subject_id", "day", pl.col("answer").alias(name)))
    since = resistant.filter(resistance="met").select("subject_id", "since")
    days = pl.concat([since.rename({"since": "day"}), *(part.select("subject_id", "day") for part in parts)]).unique()
    for part in parts:
        days = days.join(part, on=["subject_id", "day"], how="left")
    names = ["network", "hemispheric", "dropping"]
    days = days.sort("subject_id", "day").with_columns(pl.col(names).forward_fill().over("subject_id", order_by="day"))
    days = (
        days.join(since, on="subject_id")
        .filter(pl.col("day") >= pl.col("since"))
        .join(_covariates(study, criterion), on="subject_id")
    )
    word = pl.col("network").str.strip_chars().str.to_lowercase()
    return days.with_columns(
        known=(~word.is_in([_plain(name) for name in criterion.unknown_networks])).fill_null(False),
        resectable=word.is_in([_plain(name) for name in criterion.resectable]).fill_null(False) & ~pl.col("general"),
        hemispheric=pl.col("hemispheric") | _one_of("named", criterion.hemispheric_syndromes),
        encephalopathic=_one_of("named", criterion.encephalopathies),
    ).sort("subject_id", "day")


def _one_of(column: str, names: tuple[str, ...]) -> pl.Expr:
    return pl.col(column).is_in([_plain(name) for name in names])


def _covariates(study: Study, criterion: Candidacy) -> pl.DataFrame:
    """Return `subject_id, named, general`: the syndrome in plain words, and whether the epilepsy is generalized."""
    nothing = pl.lit(None, dtype=pl.String)
    syndrome, kind = (
        pl.col(name).cast(pl.String).str.strip_chars().str.to_lowercase() if name in study.covariates else nothing
        for name in (criterion.syndrome, criterion.epilepsy_type)
    )
    return study.subjects.select("subject_id", named=syndrome, general=(kind == "generalized").fill_null(False))


def _path(units: pl.DataFrame, criterion: Candidacy) -> list[pl.DataFrame]:
    """Return the questions in their order, each for those to whom it was put."""
    resistant = pl.col("resistance") == "met"
    asked = units.filter(resistant)
    put = pl.when(pl.col("resistance") != "undetermined").then(resistant)
    path = [
        check(units, "resistant to drugs", put.cast(pl.Int64), passed=put, day=pl.when(resistant).then("since")),
        check(asked, "to be referred to a comprehensive centre", pl.lit(1), day=pl.col("since")),
    ]
    seen = pl.format("network known ({}: {})", pl.lit(criterion.network), pl.col("network").fill_null("not recorded"))
    questions = [(seen, "known"), (pl.lit("one concordant focus to be resected"), "resectable")]
    told = (
        f"one hemisphere ({criterion.hemisphere}, or the syndrome)",
        f"drop seizures ({criterion.drops})",
        "developmental and epileptic encephalopathy",
    )
    questions += [(pl.lit(words), name) for words, name in zip(told, _ASKED, strict=True)]
    for words, name in questions:
        answer = pl.col(name)
        path.append(check(asked, words, answer.cast(pl.Int64), passed=answer))
        goes_on = answer if name == "known" else ~answer
        asked = asked.filter(goes_on.fill_null(False))
    return path
