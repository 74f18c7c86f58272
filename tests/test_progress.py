"""Publishing tells what it does and how much remains: to whoever started it, and to every dashboard over the folder."""

import io
import json
from typing import TYPE_CHECKING
from unicodedata import east_asian_width

import pytest

from cx import progress, publish, snapshot
from cx.progress import STAGES, Step, under_way
from cx.words import LANGUAGES

if TYPE_CHECKING:
    from conftest import Company


def step(stage: str = "reading", within: float = 0.5, seconds: float = 10.0, what: str = "a.parquet") -> Step:
    return Step(stage, what, 50, 100, within, seconds)


def test_a_step_says_what_is_done_and_how_much_remains() -> None:
    halfway = step()
    assert halfway.share == pytest.approx((STAGES["looking"] + STAGES["reading"]) / 2)
    assert halfway.told("en") == "Reading and checking files · 50 of 100 · a.parquet · about 23 s left"
    assert halfway.told("ko") == "파일 읽기와 검사 · 100개 중 50번째 · a.parquet · 약 23초 남음"
    assert "about 4 min left" in step(seconds=100.0).told("en")


def test_nobody_says_too_early_how_long_it_takes() -> None:
    assert step(seconds=1.0).seconds_left is None
    assert step("erasing", 0.1).seconds_left is None


def test_the_share_only_ever_rises_through_the_stages() -> None:
    shares = [step(stage, within).share for stage in STAGES for within in (0.0, 0.5, 1.0)]
    assert shares == sorted(shares) and (shares[0], shares[-1]) == (0.0, 1.0)


@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_has_words(stage: str) -> None:
    assert all(step(stage).told(language) for language in LANGUAGES)


def test_publishing_goes_through_its_stages_in_order_and_shows_them_while_it_runs(company: "Company") -> None:
    company.scores(9, 3)
    told: list[Step] = []
    seen: list[Step | None] = []

    def tell(one: Step) -> None:
        told.append(one)
        seen.append(under_way(company.data))

    company.publish(tell=tell)
    stages = [one.stage for one in told]
    assert stages == sorted(stages, key=list(STAGES).index) and {"reading", "months", "sums", "rollups"} <= set(stages)
    assert seen == told
    assert under_way(company.data) is None
    assert not (snapshot.published(company.data) / progress.FILE).exists()


def test_what_a_killed_publisher_left_is_no_progress(company: "Company") -> None:
    company.scores(9)
    company.publish()
    file = snapshot.published(company.data) / progress.FILE
    file.write_text(json.dumps({"stage": "reading", "what": "", "done": 1, "total": 2, "within": 0.5, "seconds": 3.0}))
    assert under_way(company.data) is None
    with publish._lock(company.data):
        assert under_way(company.data) == Step("reading", "", 1, 2, 0.5, 3.0)
        file.write_text("{")
        assert under_way(company.data) is None


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_gets_a_bar_on_one_line_that_is_taken_off_again() -> None:
    terminal = Terminal()
    tell = progress.printer(terminal)
    for within in (0.0, 1.0):
        tell(step(within=within))
    progress.cleared(terminal)
    shown = terminal.getvalue()
    assert "\n" not in shown and shown.count("\r") == 3 and shown.endswith("\r\033[K")
    assert " 55% █████████████░░░░░░░░░░░ Reading and checking files" in shown


def test_the_bar_stays_on_one_line_of_a_narrow_terminal() -> None:
    terminal = Terminal()
    tell = progress.printer(terminal)
    tell(step(what="상담_응답_2026년_10월_전체_지점_최종본_수정본.xlsx" * 3))
    shown = terminal.getvalue().removeprefix("\r\033[K")
    assert sum(2 if east_asian_width(sign) in "WF" else 1 for sign in shown) in (78, 79)


def test_a_log_gets_plain_lines_when_a_stage_begins_and_nothing_of_what_is_over_at_once() -> None:
    log = io.StringIO()
    tell = progress.printer(log)
    tell(step(seconds=0.5))
    for within in (0.0, 0.1, 0.2):
        tell(step(within=within))
    tell(step("months", 0.0))
    progress.cleared(log)
    assert [line[:31] for line in log.getvalue().splitlines()] == [
        "  6% Reading and checking files",
        " 55% Writing months · 50 of 100",
    ]
