"""What a page run shares with others: what was worked out is found again, and everything is asked before it is drawn."""

import importlib
import inspect
import json
import sys
import threading
from concurrent.futures import Future
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from cx import charts, settings
from cx.ui import overview
from cx.ui.overview import draw_header
from cx.ui.page import Page
from cx.ui.view import Card, Memory, Part, View, engine_of, watch_of


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

    catalog = SimpleNamespace(tables=lambda question: {"mentions"})
    held = SimpleNamespace(texts=[SimpleNamespace(rows=10, unread=9)])
    shown: Any = SimpleNamespace(language="en", held=held, engine=SimpleNamespace(catalog=catalog))
    answer: Any = SimpleNamespace(question=None)
    _empty(shown, "card", answer)


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
