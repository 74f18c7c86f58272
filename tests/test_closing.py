"""A closed month keeps its figures as they were reported, and what differs today is listed beside them."""

import json
import shutil
from datetime import date
from typing import TYPE_CHECKING

import pytest

from cx import closing, publish, settings, snapshot
from cx.__main__ import main
from cx.engine import Engine
from cx.errors import DataError, QueryError

if TYPE_CHECKING:
    from conftest import Company

FEBRUARY = "2026-02-10T12:00:00+09:00"


@pytest.fixture
def reporting(company: "Company") -> "Company":
    """Two answers in February, one of the north and one of the south, and one in March."""
    shutil.copytree(settings.PROJECT / "queries" / "closing", company.queries / "closing")
    company.answers(
        [
            {"score": 10, "area": "north", "responded_at": FEBRUARY},
            {"score": 3, "area": "south", "responded_at": FEBRUARY},
            {"score": 9, "area": "north", "responded_at": "2026-03-31T12:00:00+09:00"},
        ]
    )
    company.publish()
    return company


@pytest.fixture
def asked(reporting: "Company", engine: Engine) -> Engine:
    return engine


def values(figures: "dict[closing.Place, closing.Reported]") -> dict[closing.Place, tuple[float | None, int]]:
    return {place: (one.value, one.n) for place, one in figures.items()}


def test_a_closed_month_keeps_every_figure_with_its_interval_and_answers(asked: Engine) -> None:
    closed = closing.close(asked, "2026-02", "park", "board meeting")
    assert values(dict(closed.figures)) == {
        ("nps", "", ""): (0.0, 2),
        ("nps", "area", "north"): (100.0, 1),
        ("nps", "area", "south"): (-100.0, 1),
    }
    whole = closed.figures["nps", "", ""]
    assert whole.low is not None and whole.high is not None and whole.low < 0 < whole.high
    assert (closed.closed_by, closed.note, closed.closed_at.tzinfo is not None) == ("park", "board meeting", True)
    assert closing.closings(asked.data) == (closed,)
    assert closing.differences(asked, closed) == []


@pytest.mark.bad_input("B40")
def test_late_rows_change_the_figures_of_today_and_not_what_was_reported(asked: Engine, reporting: "Company") -> None:
    closed = closing.close(asked, "2026-02", "park", "")
    reporting.answers(
        [{"response_id": "late", "score": 0, "area": "south", "responded_at": FEBRUARY}], "responses/late.parquet"
    )
    reporting.publish()
    found = {one.place: one for one in closing.differences(asked, closed)}
    assert set(found) == {("nps", "", ""), ("nps", "area", "south")}
    whole = found["nps", "", ""]
    assert whole.then is not None and whole.now is not None and not whole.redefined
    assert (whole.then.value, whole.then.n, whole.now.n) == (0.0, 2, 3)
    assert whole.now.value == pytest.approx(-100 / 3)
    assert [one.place for one in closing.whole(list(found.values()))] == [("nps", "", "")]
    assert closing.closings(asked.data) == (closed,)


def test_rows_that_are_gone_or_new_segments_are_differences_too(asked: Engine, reporting: "Company") -> None:
    closed = closing.close(asked, "2026-02", "", "")
    reporting.answers([{"score": 10, "area": "east", "responded_at": FEBRUARY}])
    reporting.publish()
    found = {one.place: (one.then is None, one.now is None) for one in closing.differences(asked, closed)}
    assert found[("nps", "area", "east")] == (True, False)
    assert found[("nps", "area", "south")] == (False, True)


def test_a_metric_whose_file_changed_is_said_to_be_redefined(asked: Engine, reporting: "Company") -> None:
    closed = closing.close(asked, "2026-02", "", "")
    file = reporting.queries / "metrics" / "nps.sql"
    file.write_text(file.read_text("utf-8").replace(">= 9", ">= 3"), "utf-8")
    asked.catalog.refresh()
    reporting.publish()
    assert all(one.redefined for one in closing.differences(asked, closed))
    assert closing.differences(asked, closed)


def test_a_month_is_closed_once(asked: Engine) -> None:
    closing.close(asked, "2026-02", "park", "")
    with pytest.raises(QueryError, match="closed already"):
        closing.close(asked, "2026-02", "lee", "")


@pytest.mark.parametrize("month", ["2026-04", "2030-01"])
def test_a_month_that_the_data_do_not_cover_to_its_end_is_not_closed(asked: Engine, month: str) -> None:
    with pytest.raises(QueryError, match="not over"):
        closing.close(asked, month, "", "")


def test_a_month_without_figures_is_not_closed(asked: Engine) -> None:
    with pytest.raises(QueryError, match="no figures"):
        closing.close(asked, "2026-01", "", "")


@pytest.mark.parametrize("month", ["2026-13", "September", "2026-9", "202609"])
def test_what_is_no_month_is_refused(month: str) -> None:
    with pytest.raises(QueryError, match="no month"):
        closing.month_of(month)


@pytest.mark.parametrize("content", ["", "{}", '{"month": "x"}', "[]"])
def test_a_record_that_cannot_be_read_is_named(reporting: "Company", content: str) -> None:
    reporting.text("closed/2026-02.json", content)
    with pytest.raises(DataError, match=r"closed/2026-02\.json"):
        closing.closings(reporting.data)


def test_a_record_outlives_everything_published_and_is_no_export(asked: Engine, reporting: "Company") -> None:
    state = publish.state(reporting.data, reporting.folders)
    closed = closing.close(asked, "2026-02", "", "")
    assert publish.state(reporting.data, reporting.folders) == state
    reporting.source("all", "select 1 from raw", "table: responses\nfiles: '**/*.json'")
    assert {file["file"] for file in reporting.publish().snapshot.files} == {"responses/a.parquet"}
    shutil.rmtree(snapshot.published(reporting.data))
    reporting.publish()
    assert closing.closings(reporting.data) == (closed,)


def test_a_figure_that_privacy_hides_is_hidden_in_the_record(asked: Engine, reporting: "Company") -> None:
    reporting.text("cx.toml", "[privacy]\nscores = 2\n")
    closed = closing.close(asked, "2026-02", "", "")
    assert closed.figures["nps", "", ""].value == 0.0
    assert all(one.value is None for place, one in closed.figures.items() if place[1])


def test_the_commands_close_a_month_and_list_what_differs(
    reporting: "Company", capsys: pytest.CaptureFixture[str]
) -> None:
    folders = ["--data", str(reporting.data), "--queries", str(reporting.queries)]
    assert main(["close", "2026-02", "--by", "park", *folders]) == 0
    assert "nps: 0.00 (n 2)" in capsys.readouterr().out
    (record,) = [json.loads(path.read_text("utf-8")) for path in (reporting.data / "closed").iterdir()]
    assert record["closed_by"] == "park" and date.fromisoformat(record["closed_at"][:10])
    assert main(["publish", *folders]) == 0
    assert "closed 2026-02" not in capsys.readouterr().out
    reporting.answers(
        [{"response_id": "late", "score": 0, "area": "south", "responded_at": FEBRUARY}], "responses/b.parquet"
    )
    assert main(["publish", *folders]) == 0
    told = capsys.readouterr().out
    assert "closed 2026-02: nps reported 0.00 (n 2), now -33.33 (n 3)" in told
    assert "closed 2026-02: 1 figure of segments differs too" in told
    assert main(["close", "2026-02", *folders]) == 1
