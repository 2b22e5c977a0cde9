"""Write docs/validation.md, our numbers beside the printed ones; needs the reference data."""

import tempfile
from pathlib import Path

from tests.reference import antidepressant, progabide, sanad
from tests.reference.printed import ANTIDEPRESSANT, PROGABIDE, ROOT, SANAD, printed
from tests.reference.studies import results_of
from tests.reference.successive import registry as steps
from tests.reference.successive.published import FOLDER as STEPS
from tests.reference.survival import registry
from tests.reference.survival.data import BCOS, BLADDER, CDISC, HAMD

HEAD = """# Validation

Our numbers beside those that R 4.2, SAS and papers printed for the same data: first from the results of the example
studies ([examples](../examples)), then from the estimators of times and of successive treatments called one by one.
"Difference" is relative to the printed value; it is left out where both are whole numbers and equal. Where it is above
one in a million, the reason stands under the table. This page is written by `make validation`.
"""
TITLES = {
    HAMD: "Time to remission, antidepressant study (HAM-D17)",
    SANAD: "Time to withdrawal, SANAD",
    BCOS: "Interval-censored times, breast cosmesis (Finkelstein and Wolfe 1985)",
    BLADDER: "Recurrent events, bladder tumours (Wei, Lin and Weissfeld 1989)",
    CDISC: "Time to first dermatologic event, CDISC pilot study",
}


def lines(folder, block, statistic, ours):
    for one, value in zip(printed(folder, block, statistic), ours, strict=True):
        name = f"`{folder}.{block}.{statistic}`"
        yield f"| {name} | {text(one.value)} | {text(value)} | {difference(one.value, value)} |"


def text(value):
    return "not reached" if value is None else f"{value:.10g}"


def difference(theirs, ours):
    if theirs is None or ours is None or (theirs == ours and float(theirs).is_integer()):
        return ""
    return f"{abs(ours - theirs) / abs(theirs):.1e}"


def table(title, rows):
    return "\n".join([f"## {title}", "", "| number | printed | ours | difference |", "|---|---|---|---|", *rows, ""])


def rows_of(folder, checks, results):
    for name, ours in checks.items():
        yield from lines(folder, *name.split(".", 1), ours(results))


def estimated(folder):
    """The table of the estimators of times on one folder, in the printed order, and the reasons for differences."""
    checks, reasons = registry.checks(), registry.reasons()
    names = [name for name in registry.statistics(folder) if (folder, name) in checks]
    rows = [line for name in names for line in lines(folder, *name.split(".", 1), checks[folder, name]())]
    why = [f"- `{folder}.{name}`: {reasons[folder, name]}" for name in names if (folder, name) in reasons]
    left = [f"- `{name}` is left out: {why}." for name, why in registry.LEFT_OUT.items() if name.startswith(folder)]
    return "\n".join([table(TITLES[folder], rows), *why, *left, ""])


def of_steps():
    """The table of the estimators of successive treatments, in the printed order."""
    checks = steps.checks()
    rows = [line for name in steps.statistics() for line in lines(STEPS, *name.split(".", 1), checks[name]())]
    return table("Diminishing returns: published counts of successive treatments", rows)


def main():
    with tempfile.TemporaryDirectory() as place:
        results = results_of(Path(place))
    counted = [
        line
        for copy in progabide.COPIES
        for name, ours in progabide.COUNTED.items()
        for line in lines(PROGABIDE, "data", f"{copy}.{name}", ours(results[copy]))
    ]
    rated = [
        line
        for copy in ("mass", "geepack")
        for name, ours in progabide.RATED.items()
        for line in lines(PROGABIDE, f"rates_{copy}", name, ours(results[copy]))
    ]
    parts = [
        HEAD,
        table(
            "Antidepressant study, HAM-D17", rows_of(ANTIDEPRESSANT, antidepressant.CHECKS, results["antidepressant"])
        ),
        table("SANAD: carbamazepine and lamotrigine", rows_of(SANAD, sanad.CHECKS, results["sanad"])),
        table("Progabide, three copies of the data", [*counted, *rated]),
        *(estimated(folder) for folder in registry.ANSWERED),
        of_steps(),
    ]
    (ROOT / "docs/validation.md").write_text("\n".join(parts))


if __name__ == "__main__":
    main()
