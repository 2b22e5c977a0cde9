"""The reference data as EVENTS with covariates, as the printed calls prepared them."""

from functools import cache

import polars as pl

from tests.reference.printed import REFERENCE

SANAD, BCOS, BLADDER = "02_sanad_epileptic", "04_interval_censored_bcos", "05_recurrent_bladder"
HAMD, CDISC = "01_antidepressant_hamd", "07_cdisc_pilot"
YEARS = (365, 730, 1095, 1460)


def as_events(frame, time, cause, entry=None):
    """Return exact EVENTS: `time` names a column, `cause` is an expression that is null where the time is censored."""
    days = pl.col(time).cast(pl.Float64)
    return frame.with_columns(
        event_no=pl.lit(1),
        entry=pl.lit(0.0) if entry is None else pl.col(entry).cast(pl.Float64),
        left=days,
        right=pl.when(cause.is_not_null()).then(days),
        cause=cause,
    )


@cache
def sanad(causes="any"):
    """Return withdrawals: "any" cause, "two" with uncoded ones censored, "three" with them as OTHER, "isc", "uae"."""
    raw = pl.read_csv(REFERENCE / SANAD / "sanad_baseline.csv").with_columns(
        subject_id=pl.col("id").cast(pl.String), arm=pl.col("treat").cast(pl.Enum(["CBZ", "LTG"]))
    )
    coded = pl.col("with_status2").replace_strict({0: None, 1: "ISC", 2: "UAE"}, return_dtype=pl.String)
    withdrawn = pl.col("with_status") == 1
    cause = {
        "any": pl.when(withdrawn).then(pl.lit("withdrawal")),
        "two": coded,
        "three": pl.when(withdrawn).then(coded.fill_null("OTHER")),
        "isc": pl.when(coded == "ISC").then(coded),
        "uae": pl.when(coded == "UAE").then(coded),
    }[causes]
    return as_events(raw, "with_time", cause)


@cache
def sanad_doses():
    """Return spans of dose, each carried to the next visit, last value kept where two fall on one day."""
    doses = pl.read_csv(REFERENCE / SANAD / "sanad_dose_long.csv").with_columns(subject_id=pl.col("id").cast(pl.String))
    each = doses.join(sanad().select("subject_id", "arm", "with_time", "with_status"), on="subject_id")
    each = each.filter(pl.col("time") < pl.col("with_time")).sort("subject_id", "time", maintain_order=True)
    each = each.unique(["subject_id", "time"], keep="last", maintain_order=True)
    following = pl.col("time").shift(-1).over("subject_id")
    each = each.with_columns(stop=following.fill_null(pl.col("with_time")), last=following.is_null())
    ended = pl.col("last") & (pl.col("with_status") == 1)
    return as_events(each, "stop", pl.when(ended).then(pl.lit("withdrawal")), entry="time")


@cache
def bcos():
    """Return 94 interval-censored times in months; arm Rad or RadChem."""
    raw = pl.read_csv(REFERENCE / BCOS / "bcos.csv", schema_overrides={"left": pl.Float64, "right": pl.Float64})
    ended = pl.col("right").is_not_null()
    return raw.with_columns(
        subject_id=pl.col("id").cast(pl.String),
        arm=pl.col("treatment").cast(pl.Enum(["Rad", "RadChem"])),
        event_no=pl.lit(1),
        entry=pl.lit(0.0),
        cause=pl.when(ended).then(pl.lit("retraction")),
    )


@cache
def bladder():
    """Return (start, stop] rows of 85 patients, at most 4 recurrences; rx 1 placebo, 2 thiotepa."""
    raw = pl.read_csv(REFERENCE / BLADDER / "bladder2_startstop.csv")
    frame = raw.with_columns(
        subject_id=pl.col("id").cast(pl.String),
        arm=pl.col("rx").replace_strict({1: "placebo", 2: "thiotepa"}).cast(pl.Enum(["placebo", "thiotepa"])),
    )
    cause = pl.when(pl.col("event") == 1).then(pl.lit("recurrence"))
    return as_events(frame, "stop", cause, entry="start").with_columns(event_no=pl.col("enum").cast(pl.Int64))


@cache
def bladder_wlw():
    """Return 4 rows a patient, each from the start to the k-th recurrence or the end of follow-up."""
    raw = pl.read_csv(REFERENCE / BLADDER / "bladder_wlw.csv")
    frame = raw.with_columns(
        subject_id=pl.col("id").cast(pl.String),
        arm=pl.col("rx").replace_strict({1: "placebo", 2: "thiotepa"}).cast(pl.Enum(["placebo", "thiotepa"])),
    )
    cause = pl.when(pl.col("event") == 1).then(pl.lit("recurrence"))
    return as_events(frame, "stop", cause).with_columns(event_no=pl.col("enum").cast(pl.Int64))


@cache
def bladder_full(followed=True):
    """Return all recurrences and deaths in three arms; rows without follow-up dropped unless `followed` is False."""
    raw = pl.read_csv(REFERENCE / BLADDER / "bladder1_full.csv", null_values=".")
    arms = pl.Enum(["placebo", "pyridoxine", "thiotepa"])
    frame = raw.with_columns(subject_id=pl.col("id").cast(pl.String), arm=pl.col("treatment").cast(arms))
    frame = frame.filter(pl.col("stop") > pl.col("start")) if followed else frame
    code = {0: None, 1: "recurrence", 2: "death", 3: "death"}
    cause = pl.col("status").replace_strict(code, return_dtype=pl.String)
    return as_events(frame, "stop", cause, entry="start").with_columns(event_no=pl.col("enum").cast(pl.Int64))


@cache
def remission(timing="first visit"):
    """Return times to the first visit with HAMD17 <= 7 of who enter above; "interval": since the visit before."""
    visits = pl.read_csv(REFERENCE / HAMD / "hamd17.csv").filter(pl.col("basval") > 7).sort("PATIENT", "RELDAYS")
    arm = pl.col("THERAPY").cast(pl.Enum(["PLACEBO", "DRUG"])).alias("arm")
    day, subject = pl.col("RELDAYS"), pl.col("PATIENT").cast(pl.String).alias("subject_id")
    reached = day.filter(pl.col("HAMDTL17") <= 7).min()
    each = visits.group_by(subject, arm, "basval", maintain_order=True).agg(
        reached=reached, last=day.max(), before=day.filter(day < reached).max()
    )
    timed = each.with_columns(time=pl.coalesce("reached", "last"))
    events = as_events(timed, "time", pl.when(pl.col("reached").is_not_null()).then(pl.lit("remission")))
    if timing == "first visit":
        return events
    since = pl.col("before").fill_null(0).cast(pl.Float64)
    return events.with_columns(left=pl.when(pl.col("right").is_not_null()).then(since).otherwise("left"))


@cache
def dermatologic():
    """Return days to the first dermatologic event of the CDISC pilot study."""
    import pyreadstat

    raw, _ = pyreadstat.read_xport(REFERENCE / CDISC / "adtte.xpt", output_format="polars")
    arms = pl.Enum(["Placebo", "Xanomeline Low Dose", "Xanomeline High Dose"])
    frame = raw.with_columns(subject_id="USUBJID", arm=pl.col("TRTA").cast(arms))
    return as_events(frame, "AVAL", pl.when(pl.col("CNSR") == 0).then(pl.lit("dermatologic event")))
