"""The engine answers each question from its own process: rightly, in parallel, in time, and calmly when it cannot."""

import os
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

import pytest

from cx.engine import Engine
from cx.engine.remembered import Remembered
from cx.errors import CxError, DataError, QueryError, QueryFileError
from cx.figures import Answer
from cx.periods import Period
from cx.scope import Filters
from cx.snapshot import Snapshot
from cx.workers.process import StatementFailed, Worker

if TYPE_CHECKING:
    from conftest import Company

Ask = Callable[..., Answer]
YEAR = Filters(Period(date(2026, 1, 1), date(2027, 1, 1)))


def fill(company: "Company") -> "Company":
    """Four answers of two regions, with comments."""
    company.answers(
        [
            {"score": 9, "region": "서울", "comment": "secret-one"},
            {"score": 3, "region": "서울", "comment": "secret-two"},
            {"score": 10, "region": "부산", "comment": "secret-three"},
            {"score": 0, "region": "부산", "comment": "=1+1"},
        ]
    )
    company.publish()
    return company


@pytest.fixture(scope="module")
def shared(make: Any, open_engine: Any) -> tuple["Company", Engine, Ask]:
    """The four answers, their engine and a way to ask."""
    company = fill(make("answered"))
    return company, *open_engine(company, seconds=10)


@pytest.fixture
def answered(shared: tuple["Company", Engine, Ask]) -> "Company":
    """The four answers, to read only."""
    return shared[0]


@pytest.fixture
def engine(request: pytest.FixtureRequest, shared: tuple["Company", Engine, Ask]) -> Iterator[Engine]:
    """The engine over the four answers, or over a test's own company where it names one."""
    if "company" not in request.fixturenames:
        yield shared[1]
        return
    own = request.getfixturevalue("company")
    made = Engine(own.data, own.folders, seconds=10)
    yield made
    made.close()


@pytest.fixture
def ask(request: pytest.FixtureRequest, engine: Engine, shared: tuple["Company", Engine, Ask], asking: Any) -> Ask:
    """Asks the engine a question."""
    own = "company" in request.fixturenames
    asked: Ask = asking(request.getfixturevalue("company") if own else shared[0], engine)
    return asked


# --- parameters ----------------------------------------------------------------------------------------


def test_parameters_arrive_with_their_types(answered: "Company", ask: Ask) -> None:
    header = """params:
  word: {default: "it's"}
  whole: {type: integer, default: 3}
  real: {type: number, default: 2.5}
  day: {type: date, default: 2026-03-02}
  yes: {type: boolean, default: true}"""
    sql = "select typeof($word) as a, typeof($whole) as b, typeof($real) as c, typeof($day) as d, typeof($yes) as e, $word as f"
    assert ask(sql, header).frame.iloc[0].tolist() == ["VARCHAR", "INTEGER", "DOUBLE", "DATE", "BOOLEAN", "it's"]
    assert ask(sql, header, {"word": "'; drop table responses; --"}).frame.loc[0, "f"] == "'; drop table responses; --"


def test_the_asked_period_is_bound_for_every_question(answered: "Company", ask: Ask) -> None:
    assert ask("select $period_from as first, $period_to as past").frame.iloc[0].tolist() == [
        date(2026, 1, 1),
        date(2027, 1, 1),
    ]


def test_unknown_parameters_segments_and_questions_name_the_nearest(
    answered: "Company", ask: Ask, engine: Engine
) -> None:
    with pytest.raises(QueryError, match="“grian”") as caught:
        ask("select $grain as a", "params: {grain: {default: a}}", {"grian": "a"})
    assert "“grain”" in caught.value.hint
    with pytest.raises(QueryError, match="“regon”") as caught:
        ask("select segment from scores", by="regon")
    assert "“region”" in caught.value.hint
    with pytest.raises(QueryError, match="“custom/aksed”") as caught:
        engine.answer("custom/aksed", YEAR)
    assert "“custom/asked”" in caught.value.hint


# --- errors that help ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sql", "line", "said"),
    [
        ("select\n    scoer\nfrom responses", 4, "“score”"),
        ("select count(*) as a\nfrom responses\nwhere score > 3\n  and touchpont = 'x'", 6, "“touchpoint”"),
        ("select r.scoer from responses as r", 3, "“score”"),
        ("select\n    sum(comment)\nfrom responses", 4, "sum"),
        ("with steps as (\n    select score from responses\n)\nselect nothing from steps", 6, "nothing"),
        ("select score, count(*) as n from responses", 3, "GROUP BY"),
    ],
)
def test_an_error_in_the_sql_names_the_authors_file_and_line(
    answered: "Company", ask: Ask, sql: str, line: int, said: str
) -> None:
    with pytest.raises(QueryFileError) as caught:
        ask(sql)
    assert (caught.value.file, caught.value.line) == ("questions/custom/asked.sql", line)
    assert said in str(caught.value)
    assert "cx_from" not in str(caught.value), "the wrapper is not the author's business"


LEAKS = [
    "cast(comment as integer)",
    "comment::date",
    "cast(comment as boolean)",
    "strptime(comment, '%Y')",
    "regexp_matches('x', '[' || comment)",
    "strftime(responded_at, '%' || comment)",
    "date_trunc(comment, responded_at)",
    "date_part(comment, responded_at)",
    "timezone(comment, responded_at)",
    "responded_at at time zone comment",
    "printf(comment || '%d', 1, 2)",
    "format(comment || '{}')",
    "comment::interval",
    "cast(comment as struct(a integer))",
    "map([comment, comment], [1, 2])",
    "list_aggregate([1], comment)",
    "time_bucket(comment::interval, responded_at)",
    "repeat(comment, 1)::integer",
    "comment::decimal(3, 1)",
    "date_diff(comment, responded_at, responded_at)",
    "(select list(comment))::integer[]",
    "chr(-length(comment)::integer)",
    "comment::uuid",
    "comment::timestamptz",
    "comment::bit",
]


@pytest.mark.attack("A26")
@pytest.mark.parametrize("expression", LEAKS)
def test_an_error_never_carries_a_customers_words(answered: "Company", ask: Ask, expression: str) -> None:
    """What a conversion chokes on is a value of a row."""
    try:
        answer = ask(f"select {expression} as a from responses where comment like 'secret%'")
    except CxError as error:
        assert "secret" not in str(error)
        return
    assert answer is not None


# --- the wrapper -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sql",
    [
        "select score from responses -- the end",
        "select score from responses;",
        "select score from responses -- 한글; \n ; -- the end; \n ;",
        "select score, '한; ' as a from responses ; ",
        "select score from responses order by score desc limit 4 offset 0",
        "(select score from responses) union all (select score from responses where false)",
        "from responses select score",
        "with a as (select score from responses) select score from a /* the end */",
    ],
)
def test_a_text_that_ends_strangely_still_fits_the_wrapper(answered: "Company", ask: Ask, sql: str) -> None:
    assert sorted(ask(sql).frame["score"]) == [0, 3, 9, 10]


def test_more_rows_than_the_cap_are_cut_and_the_answer_says_so(answered: "Company", ask: Ask) -> None:
    for cap, rows, truncated in ((3, 3, True), (4, 4, False), (5, 4, False)):
        answer = ask("select score from responses order by score", row_cap=cap)
        assert (len(answer.frame), answer.truncated) == (rows, truncated)
    assert len(ask("select score from responses order by score", row_cap=2).frame) == 2


def test_an_analysis_is_made_of_all_rows_before_they_are_cut(answered: "Company", ask: Ask) -> None:
    sums = "tally(n, w, w2, wx, wx2)"
    sql = f"select score::varchar as step, {sums} as figure, {sums} as figure_before from scores where metric = 'nps'"
    header = "chart: {kind: waterfall, x: step}\nanalysis: contributions"
    whole, cut = (ask(f"{sql} group by all order by step", header, row_cap=cap) for cap in (4, 2))
    assert [len(whole.frame), whole.truncated] == [4, False]
    assert [len(cut.frame), cut.truncated] == [2, True]
    assert cut.facts == whole.facts


@pytest.mark.attack("A33")
def test_an_endless_result_is_cut_at_the_cap(answered: "Company", ask: Ask) -> None:
    answer = ask("select i from range(100000000) as numbers(i)")
    assert answer.truncated and len(answer.frame) == 5_000


def test_no_rows_are_an_empty_frame_with_its_columns(answered: "Company", ask: Ask) -> None:
    answer = ask(
        "select metric, tally(n, w, w2, wx, wx2) as figure from scores group by metric",
        period=Period(date(2020, 1, 1), date(2020, 2, 1)),
    )
    assert answer.empty and list(answer.frame.columns) == ["metric", "value", "low", "high", "n"]


def test_the_worker_is_locked_behind_the_gate(answered: "Company", engine: Engine, tmp_path: Path) -> None:
    """Were the gate to let something through, the database itself would not."""
    held = engine.snapshot()
    part = held.parts_folder / f"{held.parts['responses'][0].name}.duckdb"
    for attack in (
        "select * from read_text('/etc/passwd')",
        f"select * from read_parquet('{answered.data}/responses/a.parquet')",
        f"copy (select 1) to '{tmp_path}/out.csv'",
        f"attach '{tmp_path}/x.duckdb'",
        f"attach '{part}' as again",
        "set enable_external_access = true",
        "set lock_configuration = false",
        "set memory_limit = '100GB'",
        f'delete from "{part.stem}".rows',
        "create table x as select 1",
        "install httpfs",
    ):
        with pytest.raises(StatementFailed):
            engine.run(held, attack, {})
    assert not list(tmp_path.glob("out*")) and not list(tmp_path.glob("x*"))
    assert engine.run(held, f'select count(*) as k from "{part.stem}".rows', {})[0].to_pylist() == [{"k": 4}]


# --- freshness -------------------------------------------------------------------------------------------


def test_a_saved_file_is_seen_at_the_next_answer(answered: "Company", ask: Ask, engine: Engine) -> None:
    assert ask("select 1 as a").frame["a"].tolist() == [1]
    assert ask("select 2 as a").frame["a"].tolist() == [2]
    path = answered.question("custom/asked", "select broken from")
    with pytest.raises(QueryFileError):
        engine.answer("custom/asked", YEAR)
    path.unlink()
    with pytest.raises(QueryError, match="no question"):
        engine.answer("custom/asked", YEAR)


def test_a_changed_metric_changes_the_figure_at_the_next_answer(company: "Company", ask: Ask) -> None:
    fill(company)
    sql = "select metric, tally(n, w, w2, wx, wx2) as figure from scores group by metric"
    assert ask(sql).frame["value"].tolist() == [0]
    path = company.queries / "metrics" / "nps.sql"
    path.write_text(path.read_text(encoding="utf-8").replace("score >= 9", "score >= 10"), encoding="utf-8")
    company.publish()
    assert ask(sql).frame["value"].tolist() == [-25]


def test_a_new_snapshot_is_answered_from_at_once_and_a_pinned_one_stays(
    company: "Company", ask: Ask, engine: Engine
) -> None:
    fill(company)
    held = engine.snapshot()
    sql = "select count(*) as k from responses"
    assert ask(sql).frame["k"].tolist() == [4]
    company.scores(1, 2, 3, 4, 5)
    new = company.publish().snapshot
    assert ask(sql).frame["k"].tolist() == [5] and ask(sql).snapshot == new.id
    assert ask(sql, held=held).frame["k"].tolist() == [4] and ask(sql, held=held).snapshot == held.id


def test_before_anything_is_published_an_answer_says_so(company: "Company", ask: Ask) -> None:
    with pytest.raises(DataError, match="Nothing has been published"):
        ask("select 1 as a")


def test_a_part_that_is_gone_or_damaged_is_named_with_its_remedy(company: "Company", ask: Ask, engine: Engine) -> None:
    fill(company)
    held = engine.snapshot()
    part = held.parts_folder / f"{held.parts['responses'][0].name}.duckdb"
    part.write_bytes(b"damaged")
    with pytest.raises(DataError) as caught:
        ask("select count(*) as k from responses")
    assert "--again" in caught.value.hint
    company.publish(again=True)
    assert ask("select count(*) as k from responses").frame["k"].tolist() == [4]


def test_the_same_answer_is_computed_once(answered: "Company", ask: Ask) -> None:
    assert ask("select 1 as a") is ask("select 1 as a")
    assert ask("select 1 as a") is not ask("select 1 as a", where={"region": ["서울"]})
    assert ask("select 1 as a") is not ask("select 1 as a", period=Period(date(2026, 1, 1), date(2026, 2, 1)))
    assert ask("select 1 as a") is not ask("select 1 as a", row_cap=3)


# --- uses ------------------------------------------------------------------------------------------------


def test_a_question_may_build_on_others(answered: "Company", ask: Ask) -> None:
    answered.question(
        "custom/by_region",
        "select region, sum(n) as answers from scores where score >= $least group by region",
        "params: {least: {type: integer, default: 3}}",
    )
    answered.question("custom/largest", "select max(answers) as most from by_region", "uses: custom/by_region")
    answer = ask(
        "select most, answers, region from largest, by_region order by region",
        "uses: [custom/largest, custom/by_region]",
    )
    assert [list(row) for row in answer.frame.itertuples(index=False)] == [[2, 1, "부산"], [2, 2, "서울"]]


def test_rows_that_a_question_passes_on_are_asked_for_once(answered: "Company", engine: Engine) -> None:
    counted = "select region, sum(n) as n from scores group by all order by region"
    answered.question("custom/counted", counted)
    answered.question("custom/again", "select * from counted", "uses: custom/counted")
    answered.question("custom/fewer", "select * from counted where region = '서울'", "uses: custom/counted")
    asked: list[str] = []

    def run(held: Snapshot, statement: str, *more: Any) -> Any:
        asked.append(statement)
        return Engine.run(engine, held, statement, *more)

    in_seoul = replace(YEAR, where=(("region", ("서울",)),))
    with mock.patch.object(engine, "run", run):
        names = ("custom/counted", "custom/again", "custom/fewer")
        first, again, fewer = (engine.answer(name, YEAR).frame for name in names)
        assert len(asked) == 2
        narrowed = engine.answer("custom/again", in_seoul).frame
        assert len(asked) == 3
    assert again.equals(first)
    assert [len(first), len(fewer), len(narrowed)] == [2, 1, 1]


@pytest.mark.parametrize(
    "sql",
    [
        "select distinct * from counted",
        "select * exclude (n) from counted",
        "select * replace (1 as n) from counted",
        "select * from counted limit 1",
        "select * from counted order by n",
        "select * from counted where n > 1",
        "select * from counted qualify row_number() over (order by n) = 1",
        "select counted.*, 1 as one from counted",
        "select * from counted, counted as other",
        "with counted_2 as (select * from counted) select * from counted_2",
    ],
)
def test_a_question_that_does_more_than_pass_rows_on_is_asked_itself(
    answered: "Company", engine: Engine, sql: str
) -> None:
    answered.question("custom/counted", "select region, sum(n) as n from scores group by all order by region")
    answered.question("custom/again", sql, "uses: custom/counted")
    engine.catalog.refresh()
    question = engine.catalog.question("custom/again")
    assert engine.catalog.source(question) is question


def test_an_error_in_rows_that_are_passed_on_is_placed_in_the_file_that_makes_them(
    answered: "Company", engine: Engine
) -> None:
    answered.question("custom/counted", "select\n    region,\n    cast(region as integer) as n,\nfrom scores")
    answered.question("custom/again", "select * from counted", "uses: custom/counted")
    with pytest.raises(QueryFileError) as caught:
        engine.answer("custom/again", YEAR)
    written = answered.folders[-1] / "custom" / "counted.sql"
    assert caught.value.file.endswith("custom/counted.sql")
    assert "cast(region" in written.read_text(encoding="utf-8").splitlines()[caught.value.line - 1]


def test_a_change_of_a_used_question_shows_at_the_next_answer(answered: "Company", ask: Ask) -> None:
    answered.question("custom/used", "select 1 as a")
    assert ask("select a from used", "uses: custom/used").frame["a"].tolist() == [1]
    answered.question("custom/used", "select 22 as a")
    assert ask("select a from used", "uses: custom/used").frame["a"].tolist() == [22]


def test_a_cycle_is_an_error_of_those_files_only(answered: "Company", ask: Ask, engine: Engine) -> None:
    answered.question("custom/a", "select x from b", "uses: custom/b")
    answered.question("custom/b", "select x from a", "uses: custom/a")
    with pytest.raises(QueryFileError, match=r"leads back|no working question"):
        engine.answer("custom/a", YEAR)
    assert ask("select 1 as a").frame["a"].tolist() == [1]


def test_a_used_question_reads_the_filtered_tables(answered: "Company", ask: Ask) -> None:
    answered.question("custom/used", "select sum(n) as answers from scores")
    assert ask("select answers from used", "uses: custom/used", where={"region": ["서울"]}).frame[
        "answers"
    ].tolist() == [2]


# --- many at once ------------------------------------------------------------------------------------------


def test_answers_to_many_threads_are_each_ones_own(answered: "Company", ask: Ask, engine: Engine) -> None:
    """A connection shared without cursors gave 394 of 3000 calls another call's rows."""
    answered.question(
        "custom/echo",
        "select $mine as mine, list(score order by score) as scores from responses",
        "params: {mine: {type: integer, default: 0}}",
    )
    wanted = {"서울": [3, 9], "부산": [0, 10]}
    dice = random.Random(5)
    calls = [(number, dice.choice(list(wanted))) for number in range(200)]

    def call(asked: tuple[int, str]) -> bool:
        number, region = asked
        filters = Filters(YEAR.period, None, (("region", (region,)),))
        row = engine.answer("custom/echo", filters, {"mine": number}).frame.iloc[0]
        return row["mine"] == number and list(row["scores"]) == wanted[region]

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(call, calls))


def test_many_who_ask_the_same_get_one_computation(answered: "Company", engine: Engine) -> None:
    answered.question("custom/same", "select count(*) as k from responses")
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: engine.answer("custom/same", YEAR), range(40)))
    assert len({id(answer) for answer in answers}) == 1


def test_what_is_remembered_has_so_many_rows_together_and_the_longest_unasked_goes_first() -> None:
    kept = Remembered[list[int]](10, len, 5)
    made = []

    def asked(key: str, rows: int) -> None:
        kept.get(key, lambda: made.append(key) or [0] * rows)

    for key, rows in (("a", 2), ("b", 2), ("a", 2), ("c", 2), ("a", 2), ("b", 2), ("large", 9), ("large", 9), ("c", 2)):
        asked(key, rows)
    assert made == ["a", "b", "c", "b", "large", "c"]


def test_an_error_is_not_remembered(answered: "Company", ask: Ask, engine: Engine) -> None:
    with pytest.raises(CxError):
        ask("select nothing as a from responses")
    assert ask("select score as a from responses limit 1").frame.shape == (1, 1)


# --- what will not end --------------------------------------------------------------------------------------


@pytest.fixture
def hasty(answered: "Company") -> Iterator[Engine]:
    """An engine that allows a question one second."""
    answered.question("custom/easy", "select count(*) as k from responses")
    made = Engine(answered.data, answered.folders, seconds=1)
    made.answer("custom/easy", YEAR)
    yield made
    made.close()


def busy(process: int) -> bool:
    """Whether a process uses the processor now."""

    def ticks() -> int:
        try:
            fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return 0
        return 0 if fields[0] == "Z" else int(fields[11]) + int(fields[12])

    before = ticks()
    time.sleep(0.25)
    return ticks() - before > 5


RUNAWAYS = {
    "A28-cross-join": "select count(*) as k from range(10000000000) as a(i), range(1000000) as b(j)",
    "A29-recursion": "with recursive r as (select 1 as i union all select i + 1 from r) select count(*) as k from r",
    "A30-levenshtein": "select levenshtein(rpad('a', 200000, 'b'), rpad('c', 200000, 'd')) as k",
    "A30-list": "select list_sum(list_transform(range(300000000), lambda x: x * 2)) as k",
    "A30-unnest": "select count(*) as k from (select unnest(range(3000000000)) as i)",
    "A30-text": "select length(rpad('x', 2000000000, 'y')) + length(rpad('x', 2000000000, 'z')) as k",
    "A31-sort": "select i from range(1000000000) as a(i) order by hash(i), i limit 1 offset 999999",
}


def worker_of_sums(engine: Engine) -> Worker:
    """The worker that a question without rows is asked of, started if it has to be."""
    engine.prepare()
    return next(worker for key, worker in engine._workers.items() if key.endswith("|sums"))


def test_rows_are_read_by_a_worker_of_their_own(answered: "Company", hasty: Engine) -> None:
    """The worker of sums opens no month, so that it is there at once."""
    before = set(hasty._workers)
    sums, rows = worker_of_sums(hasty), next(w for key, w in hasty._workers.items() if key.endswith("|rows"))
    assert before and sums is not rows
    answered.question("custom/sums", "select sum(n) as k from scores")
    assert hasty.answer("custom/sums", YEAR).frame["k"].tolist() == [4]
    assert sums.last > 0 and worker_of_sums(hasty) is sums


@pytest.mark.parametrize("sql", RUNAWAYS.values(), ids=RUNAWAYS)
def test_a_question_that_will_not_end_is_stopped_and_others_go_on(answered: "Company", hasty: Engine, sql: str) -> None:
    answered.question("custom/runaway", sql)
    worker = worker_of_sums(hasty)
    started = time.monotonic()
    with pytest.raises(CxError) as caught:
        hasty.answer("custom/runaway", YEAR)
    assert time.monotonic() - started < 10, "it would run for hours"
    assert caught.value.hint
    assert not busy(worker.pid), "it is stopped, not merely forgotten"
    fresh = Filters(Period(date(2026, 1, 1), date(2026, 12, 31)))
    assert hasty.answer("custom/easy", fresh).frame["k"].tolist() == [4]


def test_others_are_answered_while_one_runs_away(answered: "Company", hasty: Engine) -> None:
    answered.question("custom/runaway", RUNAWAYS["A30-unnest"])
    hasty.catalog.refresh()
    stopped: list[CxError] = []

    def run_away() -> None:
        try:
            hasty.answer("custom/runaway", YEAR)
        except CxError as error:
            stopped.append(error)

    thread = threading.Thread(target=run_away)
    thread.start()
    right = 0
    for day in range(1, 29):
        answer = hasty.answer("custom/easy", Filters(Period(date(2026, 1, day), date(2026, 12, 31))))
        right += answer.frame["k"].tolist() == [4]
        time.sleep(0.05)
    thread.join()
    assert right == 28 and len(stopped) == 1


def test_a_question_that_lets_itself_be_interrupted_costs_no_worker(answered: "Company", hasty: Engine) -> None:
    answered.question("custom/runaway", RUNAWAYS["A28-cross-join"])
    worker = worker_of_sums(hasty)
    with pytest.raises(QueryError, match="took longer"):
        hasty.answer("custom/runaway", YEAR)
    assert worker.alive and worker_of_sums(hasty) is worker


def test_a_worker_that_was_killed_is_replaced_unseen(answered: "Company", ask: Ask, engine: Engine) -> None:
    """Chaos: kill -9 of the process between and during answers."""
    assert ask("select 1 as a").frame["a"].tolist() == [1]
    for number in range(3):
        worker = worker_of_sums(engine)
        os.kill(worker.pid, signal.SIGKILL)
        assert ask(f"select {number} as b").frame["b"].tolist() == [number]


def test_a_closed_engine_leaves_no_process(answered: "Company") -> None:
    made = Engine(answered.data, answered.folders)
    answered.question("custom/easy", "select 1 as k")
    made.answer("custom/easy", YEAR)
    (worker,) = made._workers.values()
    made.close()
    assert not worker.killed, "it ends by itself"
    for _ in range(100):
        if not Path(f"/proc/{worker.pid}").exists():
            return
        time.sleep(0.02)
    pytest.fail("the process is still there")


def test_a_change_of_the_settings_holds_from_the_next_question_on(company: "Company", engine: Engine, ask: Ask) -> None:
    company.answers([{"score": 9}])
    company.publish()
    for place, target in enumerate((40, 50)):
        path = company.text("cx.toml", f"targets = {{nps = {target}}}")
        os.utime(path, (1_000 + place, 1_000 + place))
        assert ask("select target from metrics where metric = 'nps'").frame["target"].tolist() == [target]
