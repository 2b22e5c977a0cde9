"""What is true of an epilepsy clinic."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf

import polars as pl

from synthetic_data.clinic.answers import clinic_estimates
from synthetic_data.clinic.findings import Antibody, Marker, Network
from synthetic_data.clinic.lengths import Lengths
from synthetic_data.clinic.prescriptions import Prescription, Syndrome, Titration, check_prescriptions
from synthetic_data.clinic.therapies import Therapy
from synthetic_data.diary.truth import Diary
from synthetic_data.soundness import chance, demand, finite, span
from synthetic_data.succession.truth import Succession

__all__ = ["ClinicTruth", "Prescription", "Relapse", "Syndrome", "Therapy", "Titration"]

TYPICAL_SYNDROMES = (
    Syndrome(name="focal epilepsy", epilepsy_type="focal", share=0.6),
    Syndrome(name="juvenile myoclonic epilepsy", epilepsy_type="generalized", share=0.4),
)


@dataclass(frozen=True, kw_only=True)
class Relapse:
    """How freedom from seizures is lost again, at a constant hazard once it has lasted `sustained_days`.

    Attributes:
        per_year: Relapses per year of freedom; 0 for none.
        residual: What is then left of the untreated rate, while the treatment goes on.
    """

    per_year: float = 0.0
    residual: float = 0.7

    def __post_init__(self) -> None:
        finite("relapses per year", [self.per_year])
        demand(self.per_year >= 0, f"relapses per year are {self.per_year}; expected 0 or more")
        chance("residual", self.residual)


@dataclass(frozen=True, kw_only=True)
class ClinicTruth:
    """An epilepsy clinic: a diary, then treatments in sequence until one brings freedom from seizures.

    What becomes of each treatment is the `succession`'s: remission, intolerance, inefficacy after a fair test, no fair
    test, or loss from sight. What the records show of it:

    - remission: seizures go on untreated for a lag, then there are none, for good or until a relapse; the treatment
      goes on to the end of follow-up;
    - intolerance: the starting dose, no effect on seizures, an adverse effect, a stop for intolerance;
    - inefficacy: the full dose, taken, a rate lowered by `reduction`, a stop for inefficacy;
    - no fair test: too low a dose, a stop too early, doses not taken, or a drug that does not suit the syndrome, each
      equally likely where it is possible (a convention); no effect; the records say "inefficacy", the truth knows
      better: this is pseudo-resistance;
    - loss from sight: the treatment has no stop, and observation ends.

    Whoever leaves between treatments is not seen after the last stop. After the last step seizures go on at the
    untreated rate, and subjects in whom two drugs or more failed a fair test may receive one of the `therapies`, as
    treatment steps + 1.

    Freedom is decided by the end of follow-up, which must be long enough for all courses in full length; a shorter one
    is refused. ILAE's definition asks for three times the longest gap between the seizures of the year before as well:
    with a floor of 4 seizures in 28 days under 1 in 1000 have gaps above 121 days, so that this hardly ever exceeds a
    year. With a lower floor, long gaps will leave freedom undecided, and rare seizures will look like freedom.

    Attributes:
        diary: How often seizures come, and what is written down; days without treatment have its rate.
        succession: Who has which chance, and what takes subjects out of the sequence.
        prescriptions: Drugs to draw from; each subject takes different ones in random order.
        syndromes: Which epilepsies there are, independent of the chances.
        lengths: How long courses last.
        titration: How doses are raised.
        relapse: How freedom is lost again.
        reduction: Share of the seizures that a failing treatment takes away.
        lag_days: Freedom begins 0 to this many days after the start, each equally likely.
        combined: How many of the treatments that follow inefficacy of a suitable drug keep that drug and add one.
        combined_from: The first treatment that may be such a combination, 2 or later.
        adherence: Lowest and highest share of doses taken over a course; recorded when the course has ended.
        low_adherence: The same of courses that were no fair test because doses were not taken.
        mild_effects: How many of the tolerated courses have a mild adverse effect.
        status_epilepticus: How many have a status epilepticus, on a day with seizures.
        network: What EEG and MRI find; None where nobody looked.
        markers: Markers of inflammation.
        antibodies: Antibodies that are looked for.
        therapies: What may follow the drugs, in the order in which it is considered.
        diary_days: Days of diary before the first treatment, which starts on day 0.
        follow_up_days: Days of diary from day 0 on; the last is day `follow_up_days` - 1.
        sustained_days: How long freedom must at least be seen to last.
        share_female: Sex and age are covariates without effect.
        ages: Youngest and oldest, in years.

    Raises:
        TruthError: The parameters contradict each other.
    """

    succession: Succession
    prescriptions: tuple[Prescription, ...]
    diary: Diary = field(default_factory=lambda: Diary(rate_floor=4.0))
    syndromes: tuple[Syndrome, ...] = TYPICAL_SYNDROMES
    lengths: Lengths = field(default_factory=Lengths)
    titration: Titration = field(default_factory=Titration)
    relapse: Relapse = field(default_factory=Relapse)
    reduction: float = 0.3
    lag_days: int = 28
    combined: float = 0.0
    combined_from: int = 2
    adherence: tuple[float, float] = (0.85, 1.0)
    low_adherence: tuple[float, float] = (0.2, 0.6)
    mild_effects: float = 0.0
    status_epilepticus: float = 0.0
    network: Network | None = None
    markers: tuple[Marker, ...] = ()
    antibodies: tuple[Antibody, ...] = ()
    therapies: tuple[Therapy, ...] = ()
    diary_days: int = 365
    follow_up_days: int = 3650
    sustained_days: int = 365
    share_female: float = 0.5
    ages: tuple[int, int] = (18, 65)

    def __post_init__(self) -> None:
        for name in ("reduction", "combined", "mild_effects", "status_epilepticus", "share_female"):
            chance(name, getattr(self, name))
        span("ages", self.ages, 0, inf)
        for name in ("adherence", "low_adherence"):
            span(name, getattr(self, name), 0, 1)
        for name, low in (("lag_days", 0), ("diary_days", 0), ("sustained_days", 1), ("combined_from", 2)):
            demand(getattr(self, name) >= low, f"{name} is {getattr(self, name)}; expected {low} or more")
        check_prescriptions(self.prescriptions, self.syndromes, self.succession.steps)
        self._check_follow_up()
        self._check_therapies()
        self._check_names()

    def _check_follow_up(self) -> None:
        steps, longest = self.succession.steps, self.lengths.longest
        needed = max((steps - 1) * longest + self.lag_days + self.sustained_days + 1, steps * longest)
        if self.therapies:
            delay = max(therapy.delay_days[1] for therapy in self.therapies)
            needed = steps * longest + delay + self.lag_days + self.sustained_days + 1
        demand(
            self.follow_up_days >= needed,
            f"follow_up_days is {self.follow_up_days}, too few to decide {steps} treatments; expected {needed} or more",
        )

    def _check_therapies(self) -> None:
        names = [therapy.name for therapy in self.therapies]
        demand(len(set(names)) == len(names), f"a therapy is listed twice among {names}")
        known = self.network.results if self.network else ()
        strange = sorted({result for therapy in self.therapies for result in therapy.results} - set(known))
        demand(not strange, f"therapies need the results {strange}, which nobody finds; expected some of {list(known)}")
        needs = [therapy.name for therapy in self.therapies if therapy.antibody and not self.antibodies]
        demand(not needs, f"{needs} need a positive antibody, and none is looked for; list antibodies")

    def _check_names(self) -> None:
        found = [marker.finding for marker in self.markers] + [antibody.finding for antibody in self.antibodies]
        found += [self.network.finding] if self.network else []
        demand(len(set(found)) == len(found), f"a finding is named twice among {found}")
        ours = {"subject_id", "arm", "first_day", "last_day", "age", "sex", "epilepsy_type", "syndrome"}
        taken = sorted(ours & {factor.name for factor in self.succession.risk_factors})
        demand(not taken, f"risk factors bear the names {taken}, which are columns already; choose others")

    def estimates(self) -> pl.DataFrame:
        """Return the true values in the ESTIMATES shape.

        By treatment number (`group` "1", "2" ...), statistic "share": sustained seizure freedom and stopping for
        intolerance among all who start the treatment, the intolerant included, and "treatment started" among all
        subjects. With `term` "of the cohort": freedom on that treatment among all subjects. With `term` "after
        inefficacy" or "after intolerance": freedom among those who start it after the records' stop reason was that;
        with "after a fair test failed", "after no fair test": by the truth. With `term` "any treatment": freedom on any
        of them. Records may leave freedom undetermined in some who stopped for intolerance or early; an estimate of
        these shares counts them as not free.

        Statistic "cumulative share": freedom by the end of each treatment among all subjects; with `term` "had nobody
        left", had nobody. Statistic "selection share": how much of the fall from the first treatment is selection.
        With `term` "after 0 failures", "after 1 failure" ... (fair tests that failed): freedom at any such treatment.

        "withdrawal of treatment 1" `at` days since its start: "survival" (`term` "time point") and "cumulative
        incidence" by reason. "relapse after sustained freedom" `at` days since freedom had lasted `sustained_days`.

        Therapies: their shares started (of all subjects), of freedom and of response, with the therapy's name as
        `term`, and all together as treatment steps + 1; freedom on drugs alone has the `term` "any drug".
        """
        return clinic_estimates(self)
