"""What a page run shares with others: what was worked out is found again, and everything is asked before it is drawn."""

import importlib
import inspect
import json
import math
import sys
import threading
from concurrent.futures import Future
from contextlib import nullcontext
from datetime import date
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from cx import charts, settings
from cx.periods import Period
from cx.scope import NO_VALUE, Filters
from cx.ui import overview
from cx.ui.overview import draw_header, draw_moved
from cx.ui.page import Page
from cx.ui.view import EXPLAINED, Card, Memory, Part, View, _of_the_largest, ask, card, engine_of, watch_of

YEAR = Period(date(2026, 1, 1), date(2027, 1, 1))


@pytest.fixture
def app(demo: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The dashboard over the demo company, in English."""
    engine_of.clear()
    watch_of.clear()
    monkeypatch.setenv("CX_DATA", str(demo))
    opened = AppTest.from_file(str(settings.PROJECT / "dashboard.py"), default_timeout=120)
    opened.query_params["lang"] = "en"
    return opened


def test_what_was_made_of_an_object_is_found_again_for_it_and_for_no_equal_one() -> None:
    memory, first, equal = Memory(10), [1, 2], [1, 2]
    assert memory.get("sum", (first,), lambda: "made of the first") == "made of the first"
    assert memory.get("sum", (first,), lambda: "made again") == "made of the first"
    assert memory.get("sum", (equal,), lambda: "made of the other") == "made of the other"
    assert memory.get("mean", (first,), lambda: "another thing") == "another thing"


def test_what_was_not_asked_for_longest_is_forgotten_first() -> None:
    memory = Memory(2)
    for key in ("a", "b"):
        memory.get(key, (), lambda: "once")
    memory.get("a", (), lambda: "again")
    memory.get("c", (), lambda: "once")
    assert memory.get("a", (), lambda: "again") == "once"
    assert memory.get("b", (), lambda: "again") == "again"


def test_nothing_is_kept_of_what_could_not_be_made() -> None:
    memory = Memory(2)
    with pytest.raises(ZeroDivisionError):
        memory.get("a", (), lambda: 1 / 0)
    assert memory.get("a", (), lambda: "made") == "made"


def test_all_that_a_page_asks_is_under_way_before_its_first_part_is_drawn(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: set[str] = set()

    def noted(view: View, *rest: Any) -> None:
        asked.update(view.under_way)
        draw_header(view, *rest)

    # The package has a function of the module's name.
    monkeypatch.setattr(sys.modules["cx.ui.page"], "draw_header", noted)
    app.run()
    assert not app.exception
    assert app.title
    names = ("overview/kpi", "overview/sparkline", "overview/moved", "overview/crossed", "overview/explained")
    for name in (*names, "overview/trend", "competitors/over_time", "journey/touchpoints"):
        assert any(f"'{name}'" in key for key in asked), name


def test_findings_are_sought_among_all_values_however_many_rows_a_card_may_have(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows: dict[str, int] = {}

    def noted(view: View, source: Card, crossed: Card, *rest: Any) -> None:
        of_nps = card("segments/breakdown", metric="nps")
        for asked in (source, crossed, EXPLAINED, card("overview/sparkline"), of_nps):
            rows[asked.name] = len(ask(view, asked).frame)
        assert view.engine.answer(of_nps.name, view.filters, held=view.held).frame["metric"].tolist().index("nps") > 6
        draw_moved(view, source, crossed, *rest)

    monkeypatch.setattr(sys.modules["cx.ui.page"], "draw_moved", noted)
    monkeypatch.setattr(sys.modules["cx.ui.view"], "ROW_CAP", 6)
    app.run()
    assert not app.exception
    assert rows["overview/sparkline"] == 6
    # The metrics before it fill a card's rows.
    assert rows["segments/breakdown"] > 1
    assert min(rows[name] for name in ("overview/moved", "overview/crossed", "overview/explained")) > 6


def test_of_more_rows_than_a_card_may_have_those_of_the_largest_segments_stay_whole() -> None:
    sizes = {"few": 1, "most": 50, None: 20, "some": 9}
    rows = [(segment, period, n) for period in ("May", "June") for segment, n in sizes.items()]
    frame = pd.DataFrame(rows, columns=["segment", "period", "n"])
    kept = _of_the_largest(frame, 5)
    assert kept["period"].tolist() == ["May", "May", "June", "June"]
    assert [set(kept["segment"].dropna()), int(kept["segment"].isna().sum())] == [{"most"}, 2]
    assert _of_the_largest(frame.drop(columns="segment"), 5)["n"].tolist() == [1, 50, 20, 9, 1]


def begun() -> Future[Any]:
    """An answer that somebody works on."""
    future: Future[Any] = Future()
    future.set_running_or_notify_cancel()
    return future


def drawn_order(monkeypatch: pytest.MonkeyPatch, **parts: tuple[Future[Any], bool]) -> list[str]:
    """In which order parts were drawn, each with what it waits for and whether it leads; each drawn ends `slow`."""
    order: list[str] = []
    asked = {name: Card(name) for name in parts}

    def draw(name: str) -> None:
        order.append(name)
        slow = parts.get("slow", (None, False))[0]
        if slow is not None and not slow.done():
            slow.set_result(None)

    monkeypatch.setattr(sys.modules["cx.ui.view"].st, "empty", lambda: SimpleNamespace())
    page: Any = SimpleNamespace(under_way={asked[name].key: future for name, (future, _) in parts.items()})
    page.parts = [
        Part(nullcontext(), (asked[name],), partial(draw, name), leads=leads) for name, (_, leads) in parts.items()
    ]
    page._asked = partial(View._asked, page)
    View.draw(page, first=False)
    return order


def test_a_slow_answer_holds_up_its_own_part_only(monkeypatch: pytest.MonkeyPatch) -> None:
    there: Future[Any] = Future()
    there.set_result(None)
    assert drawn_order(monkeypatch, slow=(begun(), False), quick=(there, False)) == ["quick", "slow"]


def test_a_part_that_leads_is_drawn_before_those_after_it(monkeypatch: pytest.MonkeyPatch) -> None:
    there: Future[Any] = Future()
    there.set_result(None)
    heading = begun()
    threading.Timer(0.05, heading.set_result, [None]).start()
    assert drawn_order(monkeypatch, heading=(heading, True), quick=(there, False)) == ["heading", "quick"]


def test_what_nobody_has_begun_to_answer_is_answered_by_the_page_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    assert drawn_order(monkeypatch, first=(Future(), False), second=(Future(), False)) == ["first", "second"]


def test_while_an_answer_of_its_own_is_under_way_a_page_takes_up_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    under_way = begun()
    threading.Timer(0.05, under_way.set_result, [None]).start()
    assert drawn_order(monkeypatch, queued=(Future(), False), quick=(under_way, False)) == ["quick", "queued"]


class Box:
    """A place on the page that notes when it is grey and when it is cleared."""

    def __init__(self, seen: list[str], name: str) -> None:
        """A box of its own name in what all note together."""
        self.seen, self.name = seen, name

    def skeleton(self, height: int) -> None:
        """Grey from now on."""
        assert height > 0
        self.seen.append(f"{self.name} is grey")

    def empty(self) -> None:
        """Grey no longer."""
        self.seen.append(f"{self.name} is cleared")

    def __enter__(self) -> None:
        """Nothing is drawn here."""

    def __exit__(self, *_: object) -> None:
        """Nothing was drawn here."""


def boxes_seen(monkeypatch: pytest.MonkeyPatch, first: bool, seconds: float, *, rare: bool = False) -> list[str]:
    """What a reader sees of a page of two parts, whose second takes so long that its first waits no longer than usual."""
    seen: list[str] = []
    made = iter(("quick", "slow"))
    monkeypatch.setattr(sys.modules["cx.ui.view"], "PATIENCE", 0.05)
    monkeypatch.setattr(sys.modules["cx.ui.view"].st, "empty", lambda: Box(seen, next(made)))
    waits = {"quick": begun(), "slow": begun()}
    asked = {name: Card(name) for name in waits}
    page: Any = SimpleNamespace(under_way={asked[name].key: future for name, future in waits.items()})
    page.parts = [
        Part(Box(seen, f"the place of {name}"), (asked[name],), partial(seen.append, f"{name} is drawn"), rare=rare)
        for name in waits
    ]
    page._asked = partial(View._asked, page)
    clock = 0.0

    def passing(pending: list[Future[Any]], patience: float = math.inf, return_when: str = "") -> Any:
        """The wait for the next answer, on a clock of its own."""
        nonlocal clock
        name, due = next(
            (name, due) for name, due in (("quick", seconds / 2), ("slow", seconds)) if waits[name] in pending
        )
        late = due > clock + patience
        clock = clock + patience if late else due
        if not late:
            waits[name].set_result(None)
        return SimpleNamespace(done=not late)

    monkeypatch.setattr(sys.modules["cx.ui.view"], "wait", passing)
    View.draw(page, first=first)
    return seen


def test_at_the_first_visit_what_takes_a_while_stands_as_a_grey_box_until_it_is_drawn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert boxes_seen(monkeypatch, True, 0.4) == [
        *("quick is grey", "slow is grey"),
        *("quick is cleared", "quick is drawn", "slow is cleared", "slow is drawn"),
    ]


@pytest.mark.parametrize(("first", "seconds"), [(True, 0.02), (False, 0.4)])
def test_no_box_flashes_up_for_what_is_quick_or_was_there_before(
    monkeypatch: pytest.MonkeyPatch, first: bool, seconds: float
) -> None:
    assert boxes_seen(monkeypatch, first, seconds) == ["quick is drawn", "slow is drawn"]


def test_of_a_part_that_may_hold_nothing_the_place_itself_is_grey_so_that_no_gap_is_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen = boxes_seen(monkeypatch, True, 0.4, rare=True)
    assert seen[:2] == ["the place of quick is grey", "the place of slow is grey"]
    assert seen[-2:] == ["the place of slow is cleared", "slow is drawn"]


@pytest.mark.parametrize(
    ("chosen", "left", "brand"),
    [
        ((), (), None),
        ((("brand", ("Nuri",)),), (), "Nuri"),
        ((("brand", ("Hanbit", "Nuri")),), ("brand",), None),
        ((("brand", ("Hanbit",)), ("region", ("busan",)), ("brand", ("Nuri",))), ("region",), "Nuri"),
        ((("brand", (NO_VALUE,)),), ("brand",), None),
    ],
)
def test_what_is_new_of_one_brand_is_asked_among_all_wherever_it_was_chosen(
    monkeypatch: pytest.MonkeyPatch,
    chosen: tuple[tuple[str, tuple[str, ...]], ...],
    left: tuple[str, ...],
    brand: str | None,
) -> None:
    rows: list[tuple[tuple[str, ...], Any]] = []
    monkeypatch.setattr(
        Page, "row", lambda page, asked: rows.append((page.view.filters.columns(), asked.params.get("brand")))
    )
    held: Any = SimpleNamespace(values={"brand": ("Hanbit", "Nuri")})
    nothing: Any = None
    filters = Filters(YEAR, None, chosen)
    view = View(nothing, held, filters, "en", "", "", "", dark=False, phone=False, about=nothing, watch=nothing)
    Page(view, "voice").among_brands("voice/emerging")
    assert rows == [(left, brand)]


def test_praise_and_complaints_have_the_colours_of_good_and_bad() -> None:
    view: Any = SimpleNamespace(held=SimpleNamespace(values={}))
    assert View.color(view, "kind", "praise") == charts.GOOD and View.color(view, "kind", "complaint") == charts.BAD
    assert View.color(view, "kind", "wish") not in (charts.GOOD, charts.BAD)


def test_a_page_looked_at_again_draws_no_chart_anew(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    app.run()
    shown = [element.proto.spec for element in app.get("plotly_chart")]
    assert len(shown) >= 3
    drawn: list[str] = []
    monkeypatch.setattr(charts, "draw", lambda frame, chart, style: drawn.append(chart.kind))
    app.run()
    assert not drawn
    assert [element.proto.spec for element in app.get("plotly_chart")] == shown


def test_another_language_is_another_picture(app: AppTest) -> None:
    app.run()
    english = [json.loads(element.proto.spec) for element in app.get("plotly_chart")]
    app.session_state["lang"] = "ko"
    app.run()
    korean = [json.loads(element.proto.spec) for element in app.get("plotly_chart")]
    assert len(english) == len(korean)
    assert all(one != other for one, other in zip(english, korean, strict=True))


def test_whom_to_call_back_gave_the_lowest_group_or_two_fifths_of_the_scale_they_answered_on() -> None:
    stars = SimpleNamespace(groups=(), range=(0.0, 5.0), scale=None)
    nps = SimpleNamespace(groups=(SimpleNamespace(to=6),), range=(-100.0, 100.0), scale=(0, 10))
    catalog = SimpleNamespace(metrics=lambda: {"rating": stars, "nps": nps})
    shown: Any = SimpleNamespace(engine=SimpleNamespace(catalog=catalog))
    asked = [Page(shown, "voice").worst("voice/call_back", name).params["score_to"] for name in ("rating", "nps")]
    assert asked == [2.0, 6]
    ease = SimpleNamespace(groups=(), range=(0.0, 100.0), scale=(1.0, 7.0))
    shown.engine.catalog = SimpleNamespace(metrics=lambda: {"ease": ease})
    assert Page(shown, "voice").worst("voice/call_back", "ease").params["score_to"] == pytest.approx(3.4)
    assert Page(shown, "voice").best("voice/promoters", "ease").params["score_from"] == pytest.approx(5.8)


def _unread_card() -> None:
    """A card about themes over texts that nothing here reads, as a script of its own."""
    from types import SimpleNamespace
    from typing import Any

    from cx.ui.cards import _empty
    from cx.ui.view import Card

    catalog = SimpleNamespace(tables=lambda question: {"mentions"})
    held = SimpleNamespace(texts=[SimpleNamespace(rows=10, unread=9)])
    shown: Any = SimpleNamespace(language="en", held=held, engine=SimpleNamespace(catalog=catalog))
    answer: Any = SimpleNamespace(question=None)
    _empty(shown, Card("voice/complaints"), "card", answer)


def test_a_card_about_texts_in_another_language_says_that_they_are_unread_and_blames_no_filter() -> None:
    shown = AppTest.from_function(_unread_card).run()
    assert "texts are not read" in shown.markdown[0].value and "9 of 10" in shown.caption[0].value
    assert not shown.button and not shown.exception


def test_the_benchmark_of_pages_stands_in_for_what_draws_with_the_same_cards() -> None:
    for name in ("header", "key_figures", "moved"):
        drawn, asked = (inspect.signature(getattr(place, name)) for place, name in _stand_ins(name))
        assert list(drawn.parameters) == list(asked.parameters), name


def _stand_ins(name: str) -> tuple[tuple[Any, str], tuple[Any, str]]:
    """What draws a part of the Overview, and what the benchmark puts in its place."""
    return (overview, f"draw_{name}"), (importlib.import_module("benchmarks.pages"), f"ask_{name}")
