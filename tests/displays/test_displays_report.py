import re
from collections import Counter
from html.parser import HTMLParser
from itertools import pairwise
from types import SimpleNamespace

import pytest

from analyses.displays.figures import forest_figure, kaplan_meier_figure
from analyses.displays.report import Part, Section, render, report
from analyses.estimates.result import Estimates, estimates_frame
from cohort.errors import CohortError, EstimationError

VOID = {"meta", "link", "br", "hr", "img", "input"}
COUNTS = {("response", "PLACEBO"): (24, 88), ("response", "DRUG"): (29, 84), ("remission", "PLACEBO"): (14, 88)}
COUNTS |= {("remission", "DRUG"): (20, 84), ("freedom", "PLACEBO"): (0, 88), ("freedom", "DRUG"): (3, 84)}


def share(criterion, group, events, n):
    low, high = max(0.0, events / n - 0.1), events / n + 0.1
    row = {"criterion": criterion, "term": "non-responder imputation", "group": group, "statistic": "share"}
    return row | {"estimate": events / n, "conf_low": low, "conf_high": high, "n": n, "events": events}


SHARES = Estimates(
    estimates_frame(share(*place, *counts) for place, counts in COUNTS.items()), "Shares", ("40 lack a rating.",)
)
CURVES = Estimates(
    estimates_frame(
        {
            "group": g,
            "statistic": "survival",
            "term": "curve",
            "at": at,
            "estimate": s,
            "conf_low": s / 2,
            "conf_high": s,
        }
        for g in ("PLACEBO", "DRUG")
        for at, s in ((10, 0.8), (20, 0.6))
    ),
    "Kaplan-Meier.",
).labelled("Time to response")
RATIO = Estimates(
    estimates_frame(
        [
            {"term": "arm", "group": "DRUG", "reference": "PLACEBO", "statistic": "hazard ratio", "estimate": 0.77}
            | {"conf_low": 0.59, "conf_high": 1.0, "p_value": 0.053}
        ]
    ),
    "Cox.",
)


class Page(HTMLParser):
    """The page as elements: tag, attributes, and the text inside; refuses tags that do not close in order."""

    def __init__(self, text):
        super().__init__()
        self.elements, self._open = [], []
        self.feed(text)
        assert not self._open, f"left open: {[element[0] for element in self._open]}"

    def handle_starttag(self, tag, attrs):
        element = [tag, dict(attrs), ""]
        self.elements.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_startendtag(self, tag, attrs):
        self.elements.append([tag, dict(attrs), ""])

    def handle_endtag(self, tag):
        assert self._open.pop()[0] == tag

    def handle_data(self, data):
        for element in self._open:
            element[2] += data

    def all(self, tag):
        return [(attributes, text.strip()) for name, attributes, text in self.elements if name == tag]


def whole(**changed):
    given = {
        "title": "A report",
        "subtitle": "A study",
        "definitions": [
            ("response", "at least half", "a paper"),
            SimpleNamespace(label="L", definition="D", source="S"),
        ],
        "summary": [("Subjects", 172)],
        "notes": ["A note."],
        "version": "0.1.0",
    }
    sections = [
        Section("Shares", "More responded.", (SHARES, Part(CURVES, kaplan_meier_figure(CURVES), "A curve.", "Curves"))),
        Part(RATIO, forest_figure(RATIO)),
        CURVES,
    ]
    return render(sections, **(given | changed))


@pytest.fixture(scope="module")
def page():
    return whole()


@pytest.fixture(scope="module")
def parsed(page):
    return Page(page)


def test_the_page_asks_the_network_for_nothing(page, parsed):
    for _, attributes, _ in parsed.elements:
        for name in ("src", "href", "xlink:href", "srcset", "data", "action", "poster"):
            assert not re.match(r"\s*(\w+:)?//", attributes.get(name) or ""), attributes
    assert {attributes["href"] for attributes, _ in parsed.all("link")} == {"data:,"}
    assert not parsed.all("script")
    assert not re.search(r"@import|url\((?!#)", page)
    policy = next(a["content"] for a, _ in parsed.all("meta") if "http-equiv" in a)
    assert policy.startswith("default-src 'none'")


def test_ids_are_unique_and_every_reference_finds_one(parsed, page):
    ids = Counter(attributes["id"] for _, attributes, _ in parsed.elements if "id" in attributes)
    assert [name for name, times in ids.items() if times > 1] == []
    wanted = {a[n][1:] for _, a, _ in parsed.elements for n in ("href", "xlink:href") if a.get(n, "").startswith("#")}
    for _, attributes, _ in parsed.elements:
        for name in ("aria-labelledby", "headers"):
            wanted |= set((attributes.get(name) or "").split())
    wanted |= set(re.findall(r"url\(#([^)]+)\)", page))
    assert wanted
    assert wanted <= set(ids)


def test_headings_come_in_order_and_the_contents_lead_to_every_section(parsed):
    levels = [int(tag[1]) for tag, _, _ in parsed.elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert [text for _, text in parsed.all("a")] == [
        "Summary",
        "Shares",
        "Hazard ratios",
        "Time to response",
        "Definitions",
        "Notes",
    ]


def test_tables_are_captioned_and_every_header_has_a_scope_and_a_text(parsed):
    assert [text for _, text in parsed.all("caption")] == [
        "Table 1. Shares",
        "Table 2. Curves",
        "Table 3. Hazard ratios",
        "Table 4. Time to response",
    ]
    for attributes, text in parsed.all("th"):
        assert attributes.get("scope") in {"col", "row", "colgroup"}
        assert text
    assert parsed.all("html")[0][0]["lang"] == "en"


def test_every_share_in_the_table_is_the_frames(parsed):
    cells = [text for _, text in parsed.all("td") if "/" in text]
    expected = [
        f"{row['events']}/{row['n']} ({100 * row['estimate']:.1f}%)\n"
        f"95% CI {100 * row['conf_low']:.1f} to {100 * row['conf_high']:.1f}"
        for row in SHARES.frame.iter_rows(named=True)
    ]
    assert cells == expected


def test_each_part_shows_its_figure_its_method_and_its_notes(parsed):
    assert [text for _, text in parsed.all("figcaption")] == [
        "Figure 1. A curve.",
        "Figure 2. Hazard ratios",
        "Figure 3. Time to response",
    ]
    assert [a["aria-label"] for a, _ in parsed.all("svg")] == [text for _, text in parsed.all("figcaption")]
    methods = [text for attributes, text in parsed.all("p") if attributes.get("class") == "method"]
    assert methods == ["Shares.", "Kaplan-Meier.", "Cox.", "Kaplan-Meier."]
    assert "40 lack a rating." in [text for _, text in parsed.all("li")]


def test_definitions_summary_notes_and_version_are_there(parsed):
    assert [text for _, text in parsed.all("dt")] == ["Subjects", "response", "L"]
    assert [text for _, text in parsed.all("dd")] == ["172", "at least half", "Source: a paper", "D", "Source: S"]
    assert "A note." in [text for _, text in parsed.all("li")]
    assert parsed.all("footer")[0][1] == "Made with refractory 0.1.0."


def test_every_text_is_escaped():
    evil = '<img src="http://x.example/y" onerror=alert(1)> $title \\1 &amp;'
    named = Estimates(estimates_frame([share(evil, evil, 1, 2)]), evil, (evil,)).labelled(evil, evil)
    part = Part(named, None, evil, evil)
    text = render(
        [Section(evil, evil, (part, named)), named],
        title=evil,
        subtitle=evil,
        definitions=[(evil, evil, evil)],
        summary=[(evil, evil)],
        notes=[evil],
        version=evil,
    )
    read = Page(text)
    assert not read.all("img")
    assert read.all("h1")[0][1] == evil
    assert (evil in text) is False


def test_the_same_report_has_the_same_bytes(page, tmp_path):
    assert whole() == page
    first = report(tmp_path / "a.html", [SHARES, CURVES]).read_bytes()
    assert first == report(tmp_path / "deeper" / "b.html", [SHARES, CURVES]).read_bytes()
    assert b"\r" not in first


def test_bare_estimates_are_sections_and_their_curves_are_drawn(tmp_path):
    path = report(str(tmp_path / "hamd.html"), [SHARES, CURVES], definitions=[("a", "b", "")])
    read = Page(path.read_text(encoding="utf-8"))
    assert [text for _, text in read.all("h2")][1:3] == ["response, remission, freedom", "Time to response"]
    assert len(read.all("svg")) == 1
    assert [text for _, text in read.all("dd")] == ["b"]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (lambda path: report(path / "a.txt", [SHARES]), "ends in .html"),
        (lambda path: report(path / "a.html", ["text"]), "a section is a str; expected Section, Part or Estimates"),
        (lambda path: report(path / "a.html", [SHARES], definitions=[("a", "b")]), "2 parts; expected 3"),
        (lambda path: report(path / "a.html", [SHARES], definitions=["a"]), "a definition is a str without"),
    ],
)
def test_wrong_input_is_refused_in_words_and_nothing_is_written(tmp_path, wrong, said):
    with pytest.raises(CohortError, match=re.escape(said)):
        wrong(tmp_path)
    assert not list(tmp_path.iterdir())


def test_estimates_without_rows_are_refused():
    with pytest.raises(EstimationError, match="0 estimates"):
        render([Estimates(estimates_frame([]), "")])
