"""Every printed number of successive treatments."""

import pytest

from tests.reference.printed import REFERENCE, printed
from tests.reference.successive.published import FOLDER
from tests.reference.successive.registry import checks, uncovered

pytestmark = pytest.mark.skipif(not REFERENCE.is_dir(), reason="reference data are not beside this checkout")


@pytest.mark.parametrize("name", checks())
def test_number(name):
    theirs, ours = printed(FOLDER, *name.split(".", 1)), list(checks()[name]())
    assert len(theirs) == len(ours)
    lines = [f"theirs {p.value!r}, ours {o!r}" for p, o in zip(theirs, ours, strict=True) if not p.agrees(o)]
    assert not lines, "\n".join(lines)
    far = [p.value for p, o in zip(theirs, ours, strict=True) if abs(o - p.value) > 1e-6 * abs(p.value) + 1e-9]
    assert not far


def test_nothing_printed_is_left_uncovered():
    assert uncovered() == []
