"""What `[analysis]` of a study file may say."""

from __future__ import annotations

from math import inf
from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationError, model_validator

from analyses.displays.figure_counts import Below
from analyses.estimates.successive.forecast import ModelName
from analyses.plan.criterion_spec import Awaited, Days, Decidable, OneCriterion, Strict
from cohort.errors import CohortError, RecordError
from cohort.outcomes.times.events import Timing
from cohort.records.study_file import faults

Undetermined = Literal["excluded", "not met"]
RankTest = Literal["log-rank", "gehan-breslow", "tarone-ware", "peto-peto", "modified peto-peto"]


class _Step(Strict):
    title: str | None = None
    population: OneCriterion | None = None


class BaselineStep(_Step):
    """A table of the subjects at entry: covariates, the baseline score of a scale, the baseline seizure rate."""

    what: Literal["baseline"]
    covariates: tuple[str, ...] | None = None
    scale: str | None = None
    baseline_days: Days | None = None


class VisitsStep(_Step):
    """Scores and changes from baseline at each visit, and who came to them."""

    what: Literal["visits"]
    scale: str


class SharesStep(_Step):
    """The share of subjects (or of treatments, by number) that meet each criterion."""

    what: Literal["shares"]
    criteria: tuple[Decidable, ...] = Field(min_length=1)
    undetermined: tuple[Undetermined, ...] = Field(min_length=1)
    by: Literal["arm", "treatment_no"] = "arm"


class RatesStep(_Step):
    """Seizure rates per 28 observed days in two periods, percent change and response ratio."""

    what: Literal["seizure rates"]
    baseline_days: Days
    treatment_days: Days

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.baseline_days[1] >= self.treatment_days[0]:
            raise ValueError("`baseline_days` must end before `treatment_days` begin")
        return self


class TimeStep(_Step):
    """Time to an outcome: curves, incidences of competing causes, restricted means, tests, regressions."""

    what: Literal["time"]
    to: Awaited
    timing: Timing = "first visit"
    compete: tuple[str, ...] = ()
    by: Literal["arm", "treatment_no"] = "arm"
    times: tuple[float, ...] = ()
    probabilities: tuple[float, ...] = (0.25, 0.5, 0.75)
    limits: Literal["log-log", "log", "plain"] = "log-log"
    grid: tuple[float, ...] = ()
    until: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    tests: tuple[RankTest, ...] = ("log-rank",)
    strata: tuple[str, ...] = ()
    cox: tuple[str, ...] = ()
    fine_gray: tuple[str, ...] = ()
    below: tuple[Below, ...] = ("at risk",)
    y_label: str | None = None

    @model_validator(mode="after")
    def _in_range(self) -> Self:
        if any(not 0 <= time < inf for time in self.times):
            raise ValueError("`times` are days from the clock's start; they cannot be negative or without end")
        if any(not 0 < probability < 1 for probability in self.probabilities):
            raise ValueError("`probabilities` lie between 0 and 1")
        return self

    @model_validator(mode="after")
    def _of_one_kind(self) -> Self:
        if self.timing == "interval" and (self.compete or self.fine_gray or self.strata or self.until):
            raise ValueError(
                '`timing = "interval"` takes no `compete`, `fine_gray`, `strata` or `until`: times that are known only '
                "to lie between two visits have one event and one stratum here"
            )
        unread = sorted(self.model_fields_set & {"below", "limits", "tests"})
        if self.timing == "interval" and unread:
            raise ValueError(f'`timing = "interval"` does not read `{"`, `".join(unread)}`; leave that out')
        if self.timing == "first visit" and self.grid:
            raise ValueError('`grid` names the days of visits, between which times lie with `timing = "interval"`')
        return self


class DefinitionsStep(_Step):
    """Several definitions on the same units: how each classes them, how far they agree, where they part and why."""

    what: Literal["definitions"]
    criteria: tuple[Decidable, ...] = Field(min_length=1)
    undetermined: Literal["excluded", "own level"]
    by: Literal["verdict", "category"] = "verdict"
    treatments: Literal["any"] | None = None
    as_of: float | None = Field(default=None, allow_inf_nan=False)

    @model_validator(mode="after")
    def _several(self) -> Self:
        if sum(len(spec.criteria()) for spec in self.criteria) < 2:
            raise ValueError("`criteria` names at least two definitions to compare")
        return self


class SuccessiveStep(_Step):
    """What each further treatment is worth: shares, leavers, trend, selection or dependence, the next treatment."""

    what: Literal["successive"]
    criterion: Decidable
    undetermined: Undetermined
    below: float = Field(default=0.10, gt=0, lt=1)
    horizon: int = Field(default=10, ge=1, le=100)
    models: tuple[ModelName, ...] = Field(default=("beta frailty",), min_length=1)
    covariates: tuple[str, ...] = ()
    leavers: tuple[float, ...] = (0.25, 0.5, 0.75)
    times: tuple[float, ...] = ()

    @model_validator(mode="after")
    def _ratios(self) -> Self:
        if any(not 0 <= ratio < inf for ratio in self.leavers):
            raise ValueError("`leavers` are ratios of chances from 0 on, as 0.5")
        if any(not 0 <= time < inf for time in self.times):
            raise ValueError("`times` are days from the start of a treatment; they cannot be negative or without end")
        if len(set(self.models)) < len(self.models):
            raise ValueError("`models` names a model once")
        return self


Step = Annotated[
    BaselineStep | VisitsStep | SharesStep | RatesStep | TimeStep | DefinitionsStep | SuccessiveStep,
    Field(discriminator="what"),
]


class Plan(Strict):
    """`[analysis]`: the steps in order, the confidence level of every interval, whether items are added up first."""

    confidence: float = Field(default=0.95, gt=0, lt=1)
    totals: bool = False
    step: tuple[Step, ...] = Field(min_length=1)


def load_plan(analysis: dict[str, Any]) -> Plan:
    """Return `[analysis]`, checked.

    Raises:
        RecordError: It is not there, has a key that nobody reads, or asks for what does not exist.
    """
    if not analysis:
        raise RecordError(
            "study.toml has no [analysis]; say what to estimate in [[analysis.step]] tables (see docs/study_file.md)"
        )
    try:
        return Plan.model_validate(analysis)
    except ValidationError as error:
        raise RecordError(f"[analysis] {faults(error)}") from None
    except CohortError as error:
        raise RecordError(f"[analysis] {error}") from None
