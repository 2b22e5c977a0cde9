"""docs/drugs.md says what the package's tables say, and its sessions run."""

import re

from tests.drugs_page import PAGE, page


def test_the_page_of_the_drugs_is_that_of_the_tables():
    assert PAGE.read_text() == page(), "run `python -m tests.drugs_page` and commit docs/drugs.md"


def test_its_sessions_run_and_say_what_they_return(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names, told = {}, 0
    for text in re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL):
        for line in text.splitlines():
            code, _, answer = line.partition("  # ")
            exec(code, names)
            if answer.strip().startswith(("'", "False")):
                assert repr(eval(code, names)) == answer.strip()
                told += 1
    assert told == 3
