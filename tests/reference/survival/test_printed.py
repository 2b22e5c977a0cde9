"""Every printed number that an estimator of times must reach."""

import pytest

from tests.reference.printed import REFERENCE, printed

pytestmark = pytest.mark.skipif(not REFERENCE.is_dir(), reason="reference data are not beside this checkout")

if REFERENCE.is_dir():
    from tests.reference.survival.registry import checks, reasons, uncovered

    CHECKS = checks()
else:
    CHECKS = {}


@pytest.mark.parametrize(("folder", "name"), list(CHECKS), ids=lambda part: part)
def test_number(folder, name):
    theirs, ours = printed(folder, *name.split(".", 1)), list(CHECKS[folder, name]())
    assert len(theirs) == len(ours)
    lines = [f"theirs {p.value!r}, ours {o!r}" for p, o in zip(theirs, ours, strict=True) if not p.agrees(o)]
    assert not lines, "\n".join(lines)


def test_a_difference_above_1e_6_has_its_reason():
    far = [
        name
        for name in CHECKS
        for theirs, ours in zip(printed(name[0], *name[1].split(".", 1)), CHECKS[name](), strict=True)
        if theirs.value and ours is not None and abs(ours - theirs.value) > 1e-6 * abs(theirs.value) + 1e-9
    ]
    assert set(far) <= set(reasons())


def test_nothing_printed_is_left_uncovered():
    assert uncovered() == []
