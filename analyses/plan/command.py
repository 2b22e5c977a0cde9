"""The command line. Heavy modules are imported only by the command that needs them."""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import App, CycloptsError, Parameter, Token

DONE, REFUSED, WRONG_CALL, INTERRUPTED = 0, 1, 2, 130

app = App(
    name="refractory",
    help="Clinical cohort analytics of refractory disorders: study records in, a finished report out.",
    version_flags=["--version"],
    help_flags=["--help", "-h"],
)


def _version() -> str:
    from importlib.metadata import version

    return version("refractory")


app.version = _version


@app.command
def run(study: Path, /, *, out: Annotated[Path, Parameter(name=["--out", "-o"])]) -> int:
    """Read a study file, classify, estimate, and leave a finished folder with report.html.

    Args:
        study: The study file (study.toml).
        out: The folder to make. One that an earlier run made is replaced when the new one is complete.
    """
    from analyses.plan.run import run as run_study

    finished = run_study(study, out, say=_progress)
    for caution in finished.inspection.cautions:
        print(f"note: {caution}", file=sys.stderr)
    print(f"report: {finished.report.resolve()}")
    return DONE


@app.command
def inspect(study: Path, /, *, refused: Annotated[Path | None, Parameter(name=["--refused"])] = None) -> int:
    """Read a study file and say what was kept, what was refused and why, without analysing anything.

    Args:
        study: The study file (study.toml).
        refused: Write the refused rows, with subjects, to this new CSV file; the screen shows counts alone.
    """
    from analyses.plan.inspected import inspected

    text, sound = inspected(study, refused)
    print(text)
    return DONE if sound else REFUSED


@app.command
def explain(
    study: Path,
    subject: str,
    /,
    *,
    criterion: Annotated[tuple[str, ...], Parameter(name=["--criterion", "-c"], negative=())] = (),
    as_of: Annotated[float | None, Parameter(name=["--as-of"])] = None,
) -> int:
    """Say why a subject has the verdicts that it has, in sentences, and what change in the records would turn them.

    Args:
        study: The study file (study.toml).
        subject: The subject's name in the study.
        criterion: A published definition, such as ILAE_2010_FREEDOM; may be given several times. By default all that
            the study can answer; where one needs an endpoint or a day, a default is taken and said.
        as_of: Only what was known on this day counts.
    """
    from analyses.plan.explained import explained

    print(explained(study, subject, criterion, as_of))
    return DONE


def _whole(kind: type, tokens: Sequence[Token]) -> int:
    """Return a whole number; a fraction is refused and not rounded."""
    del kind
    try:
        return int(tokens[0].value)
    except ValueError:
        raise ValueError(f"{tokens[0].value!r} is not a whole number") from None


@app.command
def simulate(
    preset: str,
    /,
    *,
    out: Annotated[Path, Parameter(name=["--out", "-o"])],
    subjects: Annotated[int, Parameter(converter=_whole)] = 200,
    seed: Annotated[int, Parameter(converter=_whole)] = 1,
    messy: Annotated[bool, Parameter(negative=())] = False,
    form: Annotated[Literal["csv", "parquet", "xpt"] | None, Parameter(name=["--form"])] = None,
) -> int:
    """Write a simulated study whose truth is known: a folder that `refractory run` takes as it is.

    Args:
        preset: Randomized studies: hamd, hamd_mixture, add_on_epilepsy. Successive treatments: epilepsy_clinic,
            kwan_brodie_2000, chen_2018, brodie_2012, resistant_clinic, stard_2006, stard_2023. Untreated: diary_year.
        out: The folder to make; one that holds something is refused.
        subjects: How many; above 5,000 they are written in blocks.
        seed: The same seed gives the same study.
        messy: Write records as they arrive, with faults; blemishes.csv logs each of them.
        form: The kind of files: csv, parquet or xpt. By default CSV, mixed for --messy, Parquet for blocks.
    """
    from analyses.plan.simulated import simulated

    print(f"study file: {simulated(preset, out, subjects, seed, messy=messy, form=form, say=_progress)}")
    return DONE


def main(arguments: list[str] | None = None) -> int:
    """Run the command line.

    Returns:
        0 done, 1 the study was refused (the message is on stderr), 2 wrong call, 130 interrupted.
    """
    from cohort.errors import CohortError

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        return int(app(arguments, exit_on_error=False, result_action="return_value") or DONE)
    except CycloptsError:
        return WRONG_CALL
    except (CohortError, OSError) as error:
        print(f"refractory: {error}", file=sys.stderr)
        return REFUSED
    except KeyboardInterrupt:
        return INTERRUPTED


def _progress(line: str) -> None:
    """Show progress to a person; a scheduled run stays silent."""
    if sys.stderr.isatty():
        print(f"  {line}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
