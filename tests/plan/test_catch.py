"""The loader held against the log: nothing missed, and every way of looking away is seen."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from analyses.plan.catch import SOUND, catch, missed_blemishes
from analyses.plan.run import run
from cohort.errors import RecordError
from cohort.records import cells, gather, inspect, rules
from cohort.records.inspect import inspect as inspected
from synthetic_data.blemishes.kinds import KINDS
from synthetic_data.blemishes.log import LOG
from synthetic_data.blemishes.messy import write_messy
from synthetic_data.presets import PRESETS
from synthetic_data.simulation import simulate
from tests.records.folders import write_folder
from tests.synthetic_data.rich_study import rich_study

ANALYSIS = '[[analysis.step]]\nwhat = "baseline"\ncovariates = ["sex"]\n'


@pytest.mark.parametrize("preset", sorted(PRESETS))
def test_nothing_is_missed_in_any_simulated_study(tmp_path: Path, preset: str) -> None:
    write_messy(simulate(PRESETS[preset], subjects=12, seed=2), tmp_path / "m", seed=3)
    found = catch(tmp_path / "m/study.toml")
    assert found["missed"].sum() == 0, missed_blemishes(tmp_path / "m/study.toml")
    assert found.height > 8
    inspected(tmp_path / "m/study.toml").check()


@pytest.mark.parametrize("form", ["csv", "parquet", "xpt"])
def test_nothing_is_missed_in_any_form(tmp_path: Path, form: str) -> None:
    write_messy(rich_study(20, 3), tmp_path / "m", seed=4, form=form, share=0.05)
    assert catch(tmp_path / "m/study.toml")["missed"].sum() == 0


def test_the_score_counts_blemishes_and_rows_without(tmp_path: Path) -> None:
    """A contradiction is one blemish on two rows; rows without a blemish are all rows of all files but these."""
    study = rich_study(60, 1)
    kinds = ["contradiction", "impossible count", "stop without a day"]
    log = write_messy(study, tmp_path / "m", seed=1, kinds=kinds, form="csv")
    found = catch(tmp_path / "m/study.toml")
    assert found.columns == ["kind", "fate", "blemishes", "as_expected", "missed"]
    assert found["kind"].to_list() == ["contradiction", "stop without a day", "impossible count", SOUND]
    assert found["fate"].to_list() == ["refused", "reported", "refused", "kept"]
    assert found["blemishes"][1] == max(1, round(0.01 * study.treatments.height))
    assert found["blemishes"][2] == round(0.01 * study.seizures.height)
    rows = sum(study.table(table).height for table in ("subjects", *dict.fromkeys(log["table"])))
    rows += sum(study.table(name).height for name in ("observed", "adverse_effects", "episodes"))
    carrying = log.select("table", "file", "row").unique().height
    assert found["blemishes"][3] == rows + found["blemishes"][0] - carrying


def _kinds_missed(path: Path) -> set[str]:
    listed = missed_blemishes(path / "study.toml")
    assert listed["found"].is_not_null().all()
    return set(listed["kind"])


@pytest.fixture(scope="module")
def messy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("messy") / "m"
    log = write_messy(rich_study(30, 5), path, seed=2, share=0.02)
    assert set(log["kind"]) == set(KINDS)
    return path


def test_a_right_loader_misses_nothing(messy: Path) -> None:
    assert _kinds_missed(messy) == set()


def _no_score_rules(patch: pytest.MonkeyPatch) -> None:
    patch.delitem(rules._SCALE_RULES, "ratings")


def _no_observation(patch: pytest.MonkeyPatch) -> None:
    patch.delitem(rules._DAYS, "ratings")


def _no_conflicts(patch: pytest.MonkeyPatch) -> None:
    def copies(table: str, columns: list[str]) -> tuple[rules.Rule, ...]:
        return (rules.Rule(rules.EXACT_DUPLICATE, ~pl.struct(columns).is_first_distinct()),)

    patch.setattr(rules, "_twin_rules", copies)


def _copies_are_conflicts(patch: pytest.MonkeyPatch) -> None:
    def conflicts(table: str, columns: list[str]) -> tuple[rules.Rule, ...]:
        return (rules.Rule(rules.CONFLICT, pl.struct(rules.RECORD_FRAMES[table].keys).is_duplicated()),)

    patch.setattr(rules, "_twin_rules", conflicts)


def _silence(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(inspect, "cautions", lambda study: ())


def _one_report_less(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(inspect, "cautions", lambda study: ("0 of 40 subjects rated on HAMD17 have no baseline (x)",))


def _missing_codes_read_as_values(patch: pytest.MonkeyPatch) -> None:
    whole = cells._decoded

    def deaf(rows, spec, table):
        return whole(rows, spec.model_copy(update={"missing": ()}), table.model_copy(update={"missing": ()}))

    patch.setattr(cells, "_decoded", deaf)


def _every_word_taken(patch: pytest.MonkeyPatch) -> None:
    whole = cells._decoded

    def gullible(rows, spec, table):
        text, decoded, reason = whole(rows, spec, table)
        unlisted = reason.is_not_null()
        filled = pl.select(pl.when(unlisted).then(text).otherwise(decoded)).to_series()
        return text, filled, pl.Series("reason", [None] * len(text), dtype=pl.String)

    patch.setattr(cells, "_decoded", gullible)


def _capitals_kept(patch: pytest.MonkeyPatch) -> None:
    words = cells._words

    def loud(content, reason, dtype):
        value, why = words(content, reason, dtype)
        return (value.str.to_uppercase() if value.dtype == pl.String else value), why

    patch.setattr(cells, "_words", loud)


def _one_row_late(patch: pytest.MonkeyPatch) -> None:
    read = inspect.read_source

    def late(path, **how):
        rows = read(path, **how)
        return replace(rows, number=rows.number + 1)

    patch.setattr(inspect, "read_source", late)


def _month_overflows(patch: pytest.MonkeyPatch) -> None:
    dates = cells._dates

    def lenient(content, pattern):
        found = dates(content, pattern)
        return pl.select(pl.coalesce(found, dates(content, "%Y-%d-%m"))).to_series()

    patch.setattr(cells, "_dates", lenient)


def _first_file_only(patch: pytest.MonkeyPatch) -> None:
    whole = gather.candidates
    seen: set[str] = set()

    def lazy(table, source, dates, arms):
        found = whole(table, source, dates, arms)
        again = table in seen
        seen.add(table)
        return found.head(0) if again else found

    patch.setattr(gather, "candidates", lazy)
    patch.setattr(inspect, "_gather_all", _anew(inspect._gather_all, seen))


def _anew(whole: Callable[..., object], seen: set[str]) -> Callable[..., object]:
    def once(*given: object) -> object:
        seen.clear()
        return whole(*given)

    return once


def _no_counts(patch: pytest.MonkeyPatch) -> None:
    patch.setitem(rules._ROW_RULES, "seizures", rules._ROW_RULES["seizures"][1:])


def _spans_any_way(patch: pytest.MonkeyPatch) -> None:
    for table in ("treatments", "observed", "episodes"):
        patch.setitem(rules._ROW_RULES, table, ())


def _doses_are_grams(patch: pytest.MonkeyPatch) -> None:
    patch.setitem(rules._ROW_RULES, "treatments", (*rules._ROW_RULES["treatments"], _SMALL))
    patch.setitem(rules._ROW_RULES, "doses", (*rules._ROW_RULES["doses"], _SMALL))


_SMALL = rules.Rule("less than 1 mg", pl.col("daily_dose") < 1)


def _too_strict(patch: pytest.MonkeyPatch) -> None:
    patch.setitem(
        rules._ROW_RULES, "seizures", (*rules._ROW_RULES["seizures"], rules.Rule("many", pl.col("count") > 10))
    )


@pytest.mark.parametrize(
    ("fault", "least"),
    [
        (_no_score_rules, {"score out of range", "unlisted missing code"}),
        (_no_observation, {"after the end"}),
        (_no_conflicts, {"contradiction", "subject twice"}),
        (_copies_are_conflicts, {"exact copy"}),
        (_silence, {"no baseline", "stop without a day"}),
        (_one_report_less, {"no baseline", "stop without a day"}),
        (_missing_codes_read_as_values, {"listed missing code"}),
        (_every_word_taken, {"misspelt word"}),
        (_capitals_kept, {"case and spaces"}),
        (_one_row_late, {"score out of range", "exact copy", SOUND}),
        (_month_overflows, {"day and month swapped"}),
        (_first_file_only, {"table in several files"}),
        (_no_counts, {"impossible count"}),
        (_spans_any_way, {"stop before start"}),
        (_doses_are_grams, {"dose in grams"}),
        (_too_strict, {SOUND}),
    ],
)
def test_a_loader_that_looks_away_is_seen(
    messy: Path, monkeypatch: pytest.MonkeyPatch, fault: Callable[[pytest.MonkeyPatch], None], least: set[str]
) -> None:
    fault(monkeypatch)
    assert _kinds_missed(messy) >= least


def test_what_is_listed_as_missed_is_what_the_score_counts(messy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _no_score_rules(monkeypatch)
    _too_strict(monkeypatch)
    scored = catch(messy / "study.toml").filter(pl.col("missed") > 0)
    assert set(scored["kind"]) >= {"score out of range", "unlisted missing code", SOUND}
    listed = missed_blemishes(messy / "study.toml")
    alarms = listed.filter(kind=SOUND)
    assert scored.filter(kind=SOUND)["missed"].to_list() == [alarms.height]
    assert set(alarms["found"]) == {"refused: many"}
    by_kind = dict(listed.filter(pl.col("kind") != SOUND).group_by("kind").agg(pl.col("blemish_no").n_unique()).rows())
    assert by_kind == dict(scored.filter(pl.col("kind") != SOUND).select("kind", "missed").rows())


def test_a_log_that_says_otherwise_is_missed(tmp_path: Path) -> None:
    """The score reads the log: another fate, another value or another row there is a miss here."""
    write_messy(rich_study(20, 1), tmp_path / "m", seed=1, kinds=["case and spaces", "impossible count"], form="csv")
    path = tmp_path / "m" / LOG
    whole = path.read_text()
    for old, new in ((",repaired,", ",refused,"), (",refused,", ",undetectable,")):
        path.write_text(whole.replace(old, new))
        assert len(_kinds_missed(tmp_path / "m")) == 1
    lines = whole.splitlines()
    path.write_text("\n".join(line for line in lines if "impossible count" not in line))
    assert _kinds_missed(tmp_path / "m") == {SOUND}


def test_a_folder_without_a_log_cannot_be_scored(tmp_path: Path) -> None:
    path = write_folder(tmp_path, "", {})
    with pytest.raises(RecordError, match=r"blemishes\.csv: there is no such log; `synthetic_data\.write_messy`"):
        catch(path)


def test_a_messy_folder_is_run_as_it_is(tmp_path: Path) -> None:
    study = simulate(PRESETS["hamd"], subjects=40, seed=1)
    write_messy(study, tmp_path / "m", seed=1, analysis=ANALYSIS, share=0.1)
    finished = run(tmp_path / "m/study.toml", tmp_path / "out")
    assert finished.report.is_file()
    assert finished.inspection.refused.height > 10
