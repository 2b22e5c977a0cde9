"""What each definition says of the same people: `python -m tests.definitions_page` writes docs/definitions.md.

A study is an entry of STUDIES: where it comes from, the definitions by the names that the page gives them, and why they
part. Real studies are read in place; simulated ones take some minutes.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import analyses
import cohort
import synthetic_data
from cohort.criteria import (
    BRODIE_2012_COURSE,
    EPILEPSY_TRAJECTORY,
    HAMD17_PARTIAL_RESPONSE,
    HAMD17_REMISSION,
    HAMD17_REMISSION_BELOW_7,
    HAMD17_RESPONSE,
    HAMD17_SUSTAINED_REMISSION,
    ILAE_2010_RESISTANCE,
    ILAE_2010_RESISTANCE_RELAPSE_COUNTS,
    MAUDSLEY,
    MGH_STAGING,
    SEIZURE_RESPONSE_50,
    SEIZURE_RESPONSE_75,
    SEIZURE_RESPONSE_90,
    SEIZURE_RESPONSE_100,
    STARD_FAILURE,
    THASE_RUSH,
    TRD_EMA_2013,
    TRD_FDA,
    TRD_NO_REMISSION_TWO_CLASSES,
    TRD_RYBAK_2021,
    TRD_SFORZINI_2021,
    TWO_DRUGS_FAILED_ANY_REASON,
)

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs/definitions.md"
HEAD = """# The same people under several definitions

Written by `python -m tests.definitions_page` with `cohort.compare_definitions`; a test computes the real studies
and the simulated sequenced treatment again. Shares are of everybody whom a definition judges, so that met, not met
and undetermined add up; "alike" and kappa (Cohen; standard error of Fleiss, Cohen and Everitt 1969) hold a
definition against the first of its table, on those whom both decide. "Mostly" is the largest group that the two
class differently, and what each says of it. What every definition is stands in [criteria.md](criteria.md).
Simulated studies show what definitions do to one known history; their shares are no estimates of prevalence.
"""


@dataclass(frozen=True)
class Entry:
    """One study and what is asked of it."""

    title: str
    told: str
    load: Callable[[], cohort.Study]
    definitions: dict[str, object]
    why: str
    crossed: tuple[str, str] | None = None


def example(name):
    return lambda: cohort.read(ROOT / f"examples/{name}/study.toml")


@cache
def drawn(preset, subjects):
    return synthetic_data.simulate(synthetic_data.PRESETS[preset], subjects=subjects, seed=1)


def simulated(preset, subjects):
    return lambda: drawn(preset, subjects)


def of_progabide(criterion):
    return criterion.between((-56, -1), (0, 55))


LACK_OF_EFFECT = replace(TWO_DRUGS_FAILED_ANY_REASON, reasons=("inefficacy", "inefficacy and intolerance"))

STUDIES = {
    "antidepressant": Entry(
        "Antidepressant study: who has remitted, who has responded",
        "172 subjects, HAM-D17 at weeks 1, 2, 4 and 6 ([study file](../examples/antidepressant/study.toml)).",
        example("antidepressant"),
        {
            "remission at week 6": HAMD17_REMISSION.at("week 6"),
            "remission at week 6, below 7": HAMD17_REMISSION_BELOW_7.at("week 6"),
            "remission at the last rating": HAMD17_REMISSION.last_observed(),
            "remission ever": HAMD17_REMISSION.ever(),
            "remission at weeks 4 and 6": HAMD17_REMISSION.at("week 4", "week 6"),
            "sustained remission": HAMD17_SUSTAINED_REMISSION,
            "response at week 6": HAMD17_RESPONSE.at("week 6"),
            "partial response at week 6": HAMD17_PARTIAL_RESPONSE.at("week 6"),
        },
        """A quarter has no rating at week 6: a definition that asks for that visit leaves them undetermined, the last
rating decides them all, mostly as not remitted. Whether 7 itself counts moves only those who score exactly 7.
"Ever" is met by those who were in remission once and are not at week 6, and can only grow with the number of
visits. Sustained remission asks for two ratings at least 21 days apart, which six weeks hardly allow. Response
and remission are not one inside the other: from a high baseline one responds without remitting, from a low one
the other way round.""",
    ),
    "progabide": Entry(
        "Progabide: who responds",
        "59 subjects, 8 weeks before and 8 weeks under treatment ([study file](../examples/progabide/study.toml)).",
        example("progabide"),
        {
            "at least 50 percent fewer": of_progabide(SEIZURE_RESPONSE_50),
            "more than 50 percent fewer": replace(of_progabide(SEIZURE_RESPONSE_50), bound=">"),
            "at least 75 percent fewer": of_progabide(SEIZURE_RESPONSE_75),
            "at least 90 percent fewer": of_progabide(SEIZURE_RESPONSE_90),
            "no seizure": of_progabide(SEIZURE_RESPONSE_100),
        },
        """Every subject has both periods in full, so nobody is undetermined and each stricter rule is met by a part of
those who meet the one before. Kappa falls because the strict rules are met by few: agreement on those who fail
both is expected by chance.""",
    ),
    "sanad": Entry(
        "SANAD: who has failed the randomized drug",
        "605 subjects, each with one drug ([study file](../examples/sanad/study.toml)).",
        example("sanad"),
        {
            "drug given up, lack of effect or intolerance": replace(TWO_DRUGS_FAILED_ANY_REASON, failures=1),
            "drug given up, lack of effect alone": replace(LACK_OF_EFFECT, failures=1),
            "drug given up, intolerance alone": replace(
                TWO_DRUGS_FAILED_ANY_REASON, failures=1, reasons=("intolerance", "inefficacy and intolerance")
            ),
        },
        """The file holds withdrawals with their reasons and no seizure diary, and doses in units of its own, so that
resistance by the definition of 2010 cannot be asked; with one drug a subject nobody has failed two. What can be
asked shows how much hangs on the reason: of those who gave the drug up, fewer did so for lack of effect than
the word "failure" suggests, and the others were never shown to be resistant to it. Seven withdrawals carry no
reason; a definition that asks for one leaves them undetermined.""",
    ),
    "clinic": Entry(
        "A simulated clinic of 5,000: who is drug-resistant",
        "Newly treated epilepsy after Chen 2018, seed 1, with doses, adherence and seizure records.",
        simulated("chen_2018", 5000),
        {
            "ILAE 2010": ILAE_2010_RESISTANCE,
            "ILAE 2010, a relapse is a failure": ILAE_2010_RESISTANCE_RELAPSE_COUNTS,
            "ILAE 2010, three failures": replace(ILAE_2010_RESISTANCE, failures=3),
            "two drugs given up, any reason": TWO_DRUGS_FAILED_ANY_REASON,
            "two drugs given up, lack of effect": LACK_OF_EFFECT,
        },
        """Giving up a drug is not failing it. Two drugs given up for any reason call half as many again resistant
as the definition of 2010. The larger part of the difference came free of seizures on a later drug: a
rule that never looks at seizures calls them resistant for good, the definition of 2010 calls them
responsive. The rest did not tolerate a drug, or stopped it before an adequate dose was taken for long
enough, which is uninformative and no failure. Lack of effect alone leaves the intolerant out and comes
nearer. A Finnish cohort of 459 counted 20.0 percent by two drugs failed for any reason and 16.3 by ILAE
2010, a difference in the same direction. How a relapse after sustained freedom is read moves nobody in
this clinic; it does in longer histories.""",
    ),
    "courses": Entry(
        "The same clinic: two systems of courses",
        "Early remission, fluctuating control, persistent resistance and late remission against Brodie's A to D.",
        simulated("chen_2018", 5000),
        {"trajectory": EPILEPSY_TRAJECTORY, "Brodie 2012": BRODIE_2012_COURSE},
        """The two are reported side by side and not equated. Early remission counts drugs (one of the first two)
and a year from the first; Brodie's A counts six months from the first treatment to the first free day,
whichever drug it was. Who had a run of some months, lost it and came free for good fluctuates by the
first system, since fluctuation goes before late remission there (`remission_first` turns that round),
and is B by the second. The first system asks for 24 months of follow-up, the second for 12: who left
earlier is classified by neither.""",
        crossed=("trajectory", "Brodie 2012"),
    ),
    "sequenced": Entry(
        "Simulated sequenced treatment of 4,041: whose depression is treatment-resistant",
        "Up to four steps after STAR*D 2006, seed 1; ratings on HAM-D17 at the ends of steps.",
        simulated("stard_2006", 4041),
        {
            "FDA usage": TRD_FDA,
            "Rybak 2021": TRD_RYBAK_2021,
            "EMA 2013": TRD_EMA_2013,
            "Sforzini 2021": TRD_SFORZINI_2021,
            "no remission, two classes": TRD_NO_REMISSION_TWO_CLASSES,
            "two steps without remission, intolerance counted": replace(TRD_FDA, result=STARD_FAILURE),
            "Thase-Rush stage II or more": THASE_RUSH,
            "Maudsley, 5 points or more": MAUDSLEY,
            "MGH, 4 points or more": MGH_STAGING,
        },
        """Three choices part them. What failure is: a fall below 25 percent (EMA, Sforzini) is met by far fewer than a
fall below 50 (FDA, Rybak) or no remission. Whether 28 days (Rybak, Sforzini) or 42 make a treatment adequate.
And whether intolerance counts, as in the study itself: it adds more than any threshold, and shifts every
denominator of later steps. Augmentation is no second antidepressant, and most second steps of this design
switch or augment, so that few have two adequate failures of two antidepressants. The staging scores add up
other things, the length of the episode and its severity, and call many resistant who have failed one treatment.""",
    ),
}


@cache
def compared(name):
    entry = STUDIES[name]
    return cohort.compare_definitions(
        entry.load(), list(entry.definitions.values()), by="category" if entry.crossed else "verdict"
    )


def table(entry, found):
    """A row a definition: its verdicts, and how far it agrees with the first."""
    agreed = analyses.agreement(found.outcomes, undetermined="excluded")
    first = found.labels[0]
    yield "| definition | met | not met | undetermined | alike | kappa (SE) | mostly |"
    yield "|---|---|---|---|---|---|---|"
    for name, label in zip(entry.definitions, found.labels, strict=True):
        shares = [
            f"{n:,} ({100 * share:.1f}%)" for _, _, n, _, share in found.counts.filter(criterion=label).iter_rows()
        ]
        beside = ["", "", ""] if label == first else against(agreed, found, label, first)
        yield f"| {' | '.join([name, *shares, *beside])} |"


def against(agreed, found, label, first):
    pair = agreed.frame.filter(criterion=label, reference=first)
    alike = pair.filter(statistic="agreement").row(0, named=True)
    kappa = pair.filter(statistic="kappa").row(0, named=True)
    shown = "" if kappa["estimate"] is None else f"{kappa['estimate']:.2f} ({kappa['std_error']:.3f})"
    share = "" if alike["estimate"] is None else f"{100 * alike['estimate']:.1f}% of {alike['n']:,}"
    why = found.why.filter(criterion=label, reference=first)
    if why.is_empty():
        return [share, shown, "nobody differs"]
    _, _, level, other, reason, other_reason, n = why.row(0)
    return [share, shown, f"{n:,}: {said(level, reason)}; the first: {said(other, other_reason)}"]


def said(level, reason):
    return f"{level}, {reason}" if reason else level


def crossed(entry, found):
    """Categories of one system in rows, of the other in columns, leaving out what nobody is in."""
    one, other = (entry.definitions[name].label for name in entry.crossed)
    cells = found.cross(one, other)
    columns = [level for level in found.levels if cells[level].sum()]
    rows = [row for row in cells.iter_rows(named=True) if sum(row[level] for level in found.levels)]
    yield f"| {entry.crossed[0]} | {' | '.join(f'{entry.crossed[1]}: {level}' for level in columns)} |"
    yield "|---|" + "---|" * len(columns)
    for row in rows:
        yield f"| {row['level']} | {' | '.join(f'{row[level]:,}' for level in columns)} |"


def section(name):
    entry, found = STUDIES[name], compared(name)
    shown = crossed(entry, found) if entry.crossed else table(entry, found)
    return "\n".join([f"## {entry.title}", "", entry.told, "", *shown, "", entry.why, ""])


def page():
    return "\n".join([HEAD, *map(section, STUDIES)]).rstrip() + "\n"


if __name__ == "__main__":
    PAGE.write_text(page())
    print(PAGE.read_text())
