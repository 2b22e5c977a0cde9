"""The arithmetic of the staging methods of depression, one subject at a time."""

from __future__ import annotations

from collections.abc import Collection, Sequence

SEVERITY_POINTS = {"none": 1, "mild": 2, "moderate": 3, "moderately severe": 4, "severe": 4, "very severe": 4}
# Failures from which on there is a further point, and months after which there is.
FAILURE_STEPS = (1, 3, 5, 7, 11)
MONTH_STEPS = (12, 24)
MAUDSLEY_BANDS = ("mild", "moderate", "severe")


def thase_rush_stage(
    classes: Collection[str],
    *,
    ect_failed: bool = False,
    third_class: bool = True,
    tricyclic: Sequence[str] = ("TCA",),
    monoamine: Sequence[str] = ("MAOI",),
) -> int:
    """Return the stage of Thase and Rush, 0 to 5, from the classes of the antidepressants that failed adequately.

    >>> thase_rush_stage({"SSRI", "SNRI", "TCA"})
    3
    >>> thase_rush_stage({"SSRI", "MAOI"})
    2
    """
    failed = set(classes)
    steps = (
        len(failed) >= 1,
        len(failed) >= 2,
        bool(failed & set(tricyclic)) and (len(failed) >= 3 or not third_class),
        bool(failed & set(monoamine)),
        ect_failed,
    )
    return next((stage for stage, reached in enumerate(steps) if not reached), len(steps))


def maudsley_points(
    months: float, severity: str, failures: int, *, augmentation: bool, ect: bool, psychotic: bool = False
) -> int | None:
    """Return the points of the Maudsley Staging Method, 3 to 15; None without a failure.

    Args:
        months: Duration of the episode.
        severity: A band of `cohort.criteria.SEVERITIES`; "none" is subsyndromal.
        failures: Antidepressants that failed adequately.
        augmentation: Whether one was used.
        ect: Whether electroconvulsive therapy was used.
        psychotic: Psychotic features; they count where the severity is severe.

    >>> maudsley_points(10, "moderate", 3, augmentation=True, ect=False)
    7
    """
    if failures < 1:
        return None
    duration = 1 + sum(months > step for step in MONTH_STEPS)
    severe = SEVERITY_POINTS[severity]
    severe += psychotic and severe == SEVERITY_POINTS["severe"]
    return duration + severe + sum(failures >= step for step in FAILURE_STEPS) + augmentation + ect


def maudsley_band(points: int) -> str:
    """Return the band of Maudsley points: mild 3 to 6, moderate 7 to 10, severe 11 to 15.

    >>> maudsley_band(7)
    'moderate'
    """
    return MAUDSLEY_BANDS[(points >= 7) + (points >= 11)]


def mgh_points(failures: int, *, optimisations: int = 0, augmentations: int = 0, ect: bool = False) -> float:
    """Return the points of the Massachusetts General Hospital staging.

    >>> mgh_points(2, optimisations=1, augmentations=1, ect=True)
    6.0
    """
    return failures + 0.5 * optimisations + 0.5 * augmentations + 3 * ect
