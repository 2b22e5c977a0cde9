"""Closed lists: the words that may stand in a column, each in its order."""

from __future__ import annotations

import polars as pl

VERDICTS = ("met", "not met", "undetermined")
VERDICT = pl.Enum(VERDICTS)

# How what was found must stand to what it is compared with, for a check to pass.
BOUNDS = (">=", ">", "<=", "<", "=")
BOUND = pl.Enum(BOUNDS)

STOP_REASONS = (
    "inefficacy",
    "intolerance",
    "inefficacy and intolerance",
    "remission",
    "lost to follow-up",
    "preference",
    "cost",
    "psychosocial",
    "administrative",
    "death",
    "other",
    "not recorded",
)
TREATMENT_KINDS = ("drug", "placebo", "diet", "stimulation", "surgery", "immunotherapy", "psychotherapy", "other")

# Why a verdict is what it is. Empty for a plain "met".
REASONS = (
    "",
    "threshold not reached",
    "baseline is zero, percent undefined",
    "no baseline",
    "no rating at the visit",
    "no rating after baseline",
    "follow-up ends before the day",
    "too few observed days",
    "no observed days",
    "seizures reach over the period's edge",
    "seizure under treatment",
    "follow-up too short",
    "stopped before the threshold",
    "stopped for intolerance",
    "too many missing days",
    # a diary's own
    "no seizures at baseline",
    "too long without a seizure",
    "totals over several days",
    "no cluster",
    "no episode",
    "duration not recorded",
    # adequacy of a treatment
    "no treatment",
    "not a drug",
    "not in the dose table",
    "dose not recorded",
    "dose too low",
    "too short",
    "adherence not recorded",
    "not adherent",
    "not suited",
    "suitability not known",
    "age not recorded",
    "weight not recorded",
    "no dose rule at this age",
    "still going on",
    # control of seizures, resistance
    "relapse after sustained freedom",
    "seizure in a span of missed doses",
    "fewer failures than needed",
    "too little known of the treatments",
    "seizure-free now",
    "fewer seizures than needed",
    "pseudo-resistance",
    "not resistant",
    # depression
    "too few items",
    "no remission before",
    "no recovery before",
    "ratings too far apart",
    "not confirmed",
    "not long enough",
    "lost again",
    "another episode",
    "bipolar disorder",
    "not an antidepressant",
    "no other cause",
    "responded",
    "severity not recorded",
    "start of the episode not recorded",
    # findings, therapies, trajectories
    "finding not recorded",
    "setting not recorded",
    "another course",
)
REASON = pl.Enum(REASONS)
