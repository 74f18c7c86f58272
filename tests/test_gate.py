"""The gate reads a SQL text as DuckDB does and refuses everything that is not one plain SELECT over known tables.

A numbers are those of the project's list of attacks. Each attack stands beside a harmless twin, so that a gate
that refuses everything fails too.
"""

import json
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cx import gate
from cx.catalog import QUESTION_TABLES, SUMMED_TABLES
from cx.errors import QueryFileError

# (number, what is tried, its harmless twin)
ATTACKS = [
    ("A1-read_csv", "select * from read_csv('/etc/passwd')", "select * from responses"),
    ("A1-read_csv_auto", "select * from read_csv_auto('/etc/passwd')", "select * from range(3)"),
    ("A1-read_text", "select * from read_text('/etc/passwd')", "select * from generate_series(1, 3)"),
    ("A1-read_blob", "select * from read_blob('/etc/passwd')", "select unnest([1, 2])"),
    ("A1-read_json", "select * from read_json('/etc/passwd')", "select * from unnest([1, 2])"),
    ("A1-read_parquet", "select * from read_parquet('data/responses/*.parquet')", "select * from reviews"),
    (
        "A1-scalar",
        "select content from (select read_text('/etc/passwd'))",
        "select comment from (select comment from responses)",
    ),
    ("A2-file-as-table", "select * from '/etc/passwd'", "select '/etc/passwd' as path"),
    ("A2-parquet-as-table", "select * from 'data/responses/2026-01.parquet'", 'select * from "responses"'),
    ("A3-parent-path", "select * from '../data/r.parquet'", "select '../data' as path from scores"),
    ("A4-glob", "select * from glob('/etc/*')", "select comment from responses where comment like '%*'"),
    ("A4-sniff_csv", "select * from sniff_csv('/etc/passwd')", "select trim(comment) from responses"),
    (
        "A4-parquet_metadata",
        "select * from parquet_metadata('x.parquet')",
        "select typeof(score) from responses",
    ),
    ("A4-parquet_schema", "select * from parquet_schema('x.parquet')", "select count(*) from responses"),
    ("A4-parquet_kv", "select * from parquet_kv_metadata('x.parquet')", "select max(score) from responses"),
    (
        "A5-http",
        "select * from 'http://169.254.169.254/latest.parquet'",
        "select 'http://169.254.169.254' as text",
    ),
    (
        "A5-s3",
        "select * from read_parquet('s3://bucket/x.parquet')",
        "select 's3://bucket' as text from scores",
    ),
    ("A6-copy-to", "copy (select 1) to 'data/out.csv'", "select 1 as copy_to"),
    ("A6-copy-table", "copy responses to 'data/out.parquet'", "select * from responses_before"),
    ("A7-export", "export database 'out'", "select 1 as export"),
    ("A7-import", "import database 'out'", "select 1 as import"),
    ("A8-attach", "attach 'x.duckdb' as x", "select 1 as attach"),
    ("A8-detach", "detach x", "select 1 as detach"),
    ("A8-use", "use memory", "select 1 as use"),
    ("A9-install", "install httpfs", "select 1 as install"),
    ("A9-load", "load httpfs", "select 1 as load"),
    ("A10-set", "set threads = 1", "select 1 as threads"),
    ("A10-reset", "reset threads", "select 1 as reset"),
    ("A10-pragma", "pragma database_list", "select 1 as pragma"),
    ("A11-variable", "set variable scope = 'all'", "select 'scope = all' as variable"),
    ("A11-schema", "set schema = 'x'", "select 1 as schema"),
    ("A11-getvariable", "select getvariable('scope')", "select coalesce(null, 'scope')"),
    ("A12-two-statements", "select 1; select 2", "select 1;"),
    ("A12-drop-after", "select 1; drop table responses", "select 1; -- drop table responses"),
    (
        "A13-delete-step",
        "with q as (delete from responses returning *) select * from q",
        "with q as (select * from responses) select * from q",
    ),
    (
        "A13-insert-step",
        "with q as (insert into responses values (1) returning *) select * from q",
        "with q as (values (1)) select * from q",
    ),
    (
        "A13-update-step",
        "with q as (update responses set score = 1 returning *) select * from q",
        "with q(a) as (select 1) select a from q",
    ),
    ("A13-delete", "delete from responses", "select 'delete from responses' as text"),
    (
        "A14-copy-step",
        "with q as (copy responses to 'out.csv') select 1",
        "with q as materialized (select 1 as a) select a from q",
    ),
    ("A15-query", "select * from query('select 1')", "select * from (select 1)"),
    ("A15-query_table", "select * from query_table('responses')", "select * from responses as query_table"),
    ("A16-serialized", "select * from json_execute_serialized_sql('{}')", "select '{}' as json"),
    ("A16-serialize", "select json_serialize_sql('select 1')", "select length('select 1')"),
    ("A17-prepare", "prepare p as select 1", "select 1 as p"),
    ("A17-execute", "execute p", "select 1 as execute"),
    ("A17-call", "call pragma_version()", "select 1 as call"),
    ("A18-view", "create or replace view responses as select 1", "select 1 as view"),
    ("A18-temp-table", "create temp table responses as select 1", "select 1 as temp"),
    ("A18-macro", "create macro sum(x) as 42", "select sum(score) from responses"),
    ("A19-schema", "select * from main.responses", "select responses.score from responses"),
    ("A19-catalog", "select * from memory.main.responses", "select responses.score as main from responses"),
    ("A19-part", 'select * from "responses-2026-01-abc".rows', "select score as rows from responses"),
    ("A19-information_schema", "select * from information_schema.tables", "select 1 as information_schema"),
    ("A19-duckdb_views", "select * from duckdb_views()", "select 1 as duckdb_views"),
    ("A19-duckdb_tables", "select * from duckdb_tables", "select 1 as duckdb_tables"),
    ("A19-settings", "select * from duckdb_settings()", "select 1 as settings"),
    ("A19-secrets", "select * from duckdb_secrets()", "select 1 as secrets"),
    ("A19-logs", "select * from duckdb_logs", "select 1 as logs"),
    ("A19-master", "select * from sqlite_master", "select 1 as sqlite_master"),
    ("A20-python-variable", "select * from ATTACKS", "select 1 as attacks"),
    ("A21-getenv", "select getenv('HOME')", "select 'HOME' as getenv"),
    ("A21-current_setting", "select current_setting('threads')", "select 'threads' as current_setting"),
    ("A21-version", "select version()", "select 'version' as version"),
    (
        "A22-step-named-like-a-table",
        "with responses as (select 1) select * from responses",
        "with mine as (select 1) select * from mine",
    ),
    (
        "A22-step-named-in-capitals",
        'with "Responses" as (select 1) select * from responses',
        'with "Mine" as (select 1) select * from mine',
    ),
    ("A22-capitals", "SELECT * FROM Duckdb_Tables", "SELECT * FROM Responses"),
    ("A22-quoted", 'select * from "duckdb_tables"', 'select * from "Responses"'),
    ("A22-comment", "select * from/**/duckdb_tables/**/", "select * from/**/responses/**/"),
    ("A22-no-break-space", "select * from\u00a0duckdb_tables", "select * from\u00a0responses"),
    (
        "A22-step-named-before-it-is-there",
        "with a as (select * from sqlite_master), sqlite_master as (select 1) select * from a",
        "with sqlite_master as (select 1), a as (select * from sqlite_master) select * from a",
    ),
    (
        "A22-step-reading-its-own-name",
        "with sqlite_master as (select * from sqlite_master) select * from sqlite_master",
        "with recursive a as (select 1 as x union all select x + 1 from a where x < 3) select * from a",
    ),
    (
        "A22-first-half-of-a-recursion",
        "with recursive sqlite_master as (select name from sqlite_master union all select 'x' from sqlite_master where false) select * from sqlite_master",
        "with recursive sqlite_master(x) as (select 1 union all select x + 1 from sqlite_master where x < 3) select * from sqlite_master",
    ),
    (
        "A22-step-of-an-inner-select",
        "select * from (with sqlite_master as (select 1) select * from sqlite_master), sqlite_master",
        "select * from (with sqlite_master as (select 1) select * from sqlite_master)",
    ),
    ("A23-out-of-the-wrapper", "select 1) union all (select 2", "(select 1) union all (select 2)"),
    ("A23-out-with-a-comment", "select 1) limit 1 --", "select 1 limit 1 --"),
    (
        "A23-out-with-statements",
        "select 1) limit 1; commit; drop table responses; select * from (select 1",
        "select * from (select 1) limit 1",
    ),
    (
        "A23-out-of-a-step",
        "select 1), evil as (select 2",
        "with a as (select 1), evil as (select 2) select * from a",
    ),
    ("A23-open-comment", "select 1 /*", "select 1 /* */"),
    ("X-explain", "explain select 1", "select 1 as explain"),
    ("X-describe", "describe responses", "select 1 as describe"),
    (
        "X-describe-inside",
        "select * from (describe responses)",
        "select * from (select score from responses)",
    ),
    ("X-show", "select * from (show tables)", "select * from (select 1)"),
    ("X-error", "select error(comment) from responses", "select upper(comment) from responses"),
    ("X-qualified-function", "select main.getenv('HOME')", "select lower('HOME')"),
    ("X-qualified-allowed-function", "select main.lower('HOME')", "select lower('HOME') as main"),
    ("X-method-call", "select 'HOME'.getenv()", "select 'HOME'.lower()"),
    ("X-window", "select getenv('HOME') over ()", "select count(*) over () from responses"),
    (
        "X-in-a-filter",
        "select count(*) filter (where getenv('HOME') = 'x') from responses",
        "select count(*) filter (where score > 8) from responses",
    ),
    ("X-in-order", "select 1 order by getenv('HOME')", "select 1 as a order by a"),
    ("X-in-limit", "select 1 limit (select count(*) from sqlite_master)", "select 1 limit 3"),
    (
        "X-in-a-lambda",
        "select list_transform([1], lambda x: getenv('HOME'))",
        "select list_transform([1], lambda x: x + 1)",
    ),
    (
        "X-in-a-pivot",
        "pivot sqlite_master on type in ('a') using count(*)",
        "pivot responses on metric in ('nps', 'csat') using count(*)",
    ),
    ("X-time-travel", "select * from responses at (version => 1)", "select * from responses"),
    ("X-table-macro", "select * from histogram('responses', score)", "select histogram(score) from responses"),
    ("X-nextval", "select nextval('s')", "select row_number() over ()"),
    ("X-empty", "-- nothing", "-- something\nselect 1"),
    ("X-nul", "select 1 \x00", "select 1 as x"),
]


@pytest.mark.parametrize(("attack", "twin"), [case[1:] for case in ATTACKS], ids=[case[0] for case in ATTACKS])
def test_an_attack_is_refused_and_its_harmless_twin_is_not(attack: str, twin: str) -> None:
    gate.read(twin, QUESTION_TABLES)
    with pytest.raises(QueryFileError) as caught:
        gate.read(attack, QUESTION_TABLES)
    assert caught.value.hint, "an error says what to do about it"


def test_a_statement_of_another_kind_is_named() -> None:
    with pytest.raises(QueryFileError, match="The statement is DELETE, not a SELECT"):
        gate.read("delete from responses", QUESTION_TABLES)
    gate.read("select 'delete' as a from responses", QUESTION_TABLES)


@pytest.mark.attack("A32")
@pytest.mark.parametrize(
    "deep",
    [
        "select " + "- " * 2_000 + "1",
        "select " + "not " * 500 + "true",
        "select " + "1 + " * 900 + "1",
        "select " + "abs(" * 300 + "1" + ")" * 300,
        "select " + "[" * 400 + "1" + "]" * 400,
        "select * from " + "(select * from " * 400 + "scores" + ")" * 400,
    ],
    ids=["signs", "nots", "sums", "calls", "lists", "selects"],
)
def test_sql_that_is_nested_too_deeply_is_refused_calmly(deep: str) -> None:
    with pytest.raises(QueryFileError):
        gate.read(deep, QUESTION_TABLES)


@pytest.mark.attack("A32")
def test_ten_megabytes_of_sql_are_refused_before_they_are_parsed() -> None:
    with pytest.raises(QueryFileError, match="longer"):
        gate.read("select " + "1+" * 5_000_000 + "1", QUESTION_TABLES)


@pytest.mark.parametrize(
    ("sql", "line", "column"),
    [
        ("select 1\nfrom scores\nwhere getenv('x') = 'y'", 3, 7),
        ("-- title: x\n\nselect *\nfrom nowhere", 4, 6),
        ("select '한글', * from nowhere", 1, 21),
        ("select ';' as a, 1;\nselect 2", 1, 19),
        ("select 1\nfrom scores\nwhere where", 3, 7),
    ],
)
def test_an_error_names_the_line_and_the_place_in_it(sql: str, line: int, column: int) -> None:
    with pytest.raises(QueryFileError) as caught:
        gate.read(sql, QUESTION_TABLES, file="queries/a/b.sql")
    found = caught.value
    assert (found.file, found.line, found.column) == ("queries/a/b.sql", line, column)


def test_a_table_or_function_that_does_not_exist_names_the_nearest() -> None:
    with pytest.raises(QueryFileError) as caught:
        gate.read("select * from scoers", QUESTION_TABLES)
    assert "“scores”" in caught.value.hint
    with pytest.raises(QueryFileError) as caught:
        gate.read("select date_trunk('month', day) from scores", QUESTION_TABLES)
    assert "“date_trunc”" in caught.value.hint


def test_a_reading_names_tables_columns_parameters_functions_metrics_and_outputs() -> None:
    found = gate.read(
        """
        with steps as (select touchpoint, sum(n) as answers from scores where metric = $metric group by all)
        select steps.touchpoint, answers, (select count(*) from reviews where metric = 'rating') as reviews, 1
        from steps left join touchpoints as t on t.touchpoint = steps.touchpoint -- $ignored
        """,
        QUESTION_TABLES,
    )
    assert found.tables == {"scores", "reviews", "touchpoints"}
    assert {"touchpoint", "n", "metric", "answers"} <= found.columns
    assert found.parameters == {"metric"}
    assert {"sum", "count_star"} <= found.functions
    assert found.metrics == {"$metric", "rating"}
    assert found.outputs == ("touchpoint", "answers", "reviews", "")
    assert found.everything == frozenset()


@pytest.mark.parametrize(
    ("sql", "tables"),
    [
        ("select * from scores", {"scores"}),
        ("select scores.* from scores, reviews", {"scores", "reviews"}),
        ("select s from scores as s", {"scores"}),
        ("select scores from scores", {"scores"}),
        ("select columns('n|w') from scores", {"scores"}),
        ("select count(*) from scores natural join touchpoints", {"scores", "touchpoints"}),
        ("pivot scores on metric in ('nps') using sum(n)", {"scores"}),
        ("select a from scores as s(a, b)", {"scores"}),
        ("select count(*) from scores", set()),
        ("select n from (select n from scores)", set()),
        ("select * from (select n from scores)", set()),
    ],
)
def test_a_star_is_noticed_in_every_disguise(sql: str, tables: set[str]) -> None:
    assert gate.read(sql, QUESTION_TABLES).everything == tables


def test_metrics_and_sources_read_their_own_table_only() -> None:
    gate.read("select *, score as x from answers", frozenset(("answers",)))
    gate.read("select * from raw", frozenset(("raw",)))
    for text in (
        "select *, 1 as x from responses",
        "select * from read_csv('/etc/passwd')",
        "select * from raw, answers",
    ):
        for table in ("answers", "raw"):
            with pytest.raises(QueryFileError):
                gate.read(text, frozenset((table,)))


@pytest.mark.parametrize("table", ["raw", "answers"])
@pytest.mark.parametrize("clock", ["now()", "current_date"])
def test_what_reads_the_clock_where_there_is_no_period_is_refused_without_naming_one(table: str, clock: str) -> None:
    with pytest.raises(QueryFileError, match="clock") as refused:
        gate.read(f"select *, {clock} as x from {table}", frozenset((table,)))
    assert "$period_to" not in refused.value.hint and "from a column" in refused.value.hint


@pytest.mark.parametrize(
    "clock",
    ["now()", "today()", "current_date", "Current_Timestamp", "localtimestamp", "age(day)", "get_current_time()"],
)
def test_what_reads_the_clock_is_refused_with_what_stands_for_today(clock: str) -> None:
    with pytest.raises(QueryFileError, match="clock") as refused:
        gate.read(f"select metric from scores where day > {clock}", QUESTION_TABLES)
    assert "$period_to" in refused.value.hint
    gate.read("select age($period_to, day) as apart from scores", QUESTION_TABLES)
    gate.read("select today, now from raw", frozenset(("raw",)))


PIECES = st.sampled_from(
    """select * from where with as ( ) , ; -- /* */ ' " $x 1 'a' responses scores read_text('/etc/passwd') getenv('HOME') union all
    delete copy to insert into create view drop table attach set pragma call sqlite_master main. a b sum( count(*) limit over
    recursive pivot values \x00 \ufeff \u00a0""".split(" ")
)


@given(st.lists(PIECES, min_size=1, max_size=14).map(" ".join))
@settings(max_examples=400, deadline=None)
def test_a_text_of_random_pieces_is_read_or_refused_and_what_is_read_stays_inside(text: str) -> None:
    try:
        found = gate.read(text, QUESTION_TABLES)
    except QueryFileError:
        return
    assert found.tables <= QUESTION_TABLES
    assert "read_text" not in found.functions and "getenv" not in found.functions
    with duckdb.connect() as connection, suppress(duckdb.ParserException):
        assert len(connection.extract_statements(f"select * from (\n{text}\n)")) == 1


def test_the_gate_runs_nothing(tmp_path: Path) -> None:
    """Reading a file that writes leaves no file behind."""
    attacks = [case[1] for case in ATTACKS if "\x00" not in case[1]]
    code = (
        "import sys, json\nfrom cx import gate\nfrom cx.catalog import QUESTION_TABLES\n"
        "for text in json.load(sys.stdin):\n    try: gate.read(text, QUESTION_TABLES)\n    except Exception: pass\n"
    )
    environment = {"PYTHONPATH": str(Path(gate.__file__).parents[2]), "PYTHONDONTWRITEBYTECODE": "1"}
    (tmp_path / "data").mkdir()
    subprocess.run(
        [sys.executable, "-c", code],
        input=json.dumps(attacks),
        text=True,
        cwd=tmp_path,
        env=environment,
        check=True,
    )
    assert [path.name for path in tmp_path.rglob("*")] == ["data"]


# --- rows of summed tables are no answers ------------------------------------------------------------------

FROM = "from scores where metric = 'nps'"


def weighed(sql: str) -> None:
    gate.read(sql, QUESTION_TABLES, summed=SUMMED_TABLES)


@pytest.mark.parametrize(
    ("sql", "says", "remedy"),
    [
        (f"select avg(score) as a {FROM}", "avg() over scores", "`responses`"),
        ("select avg(score) as a from ratings_before", "avg() over ratings_before", "`reviews`"),
        (f"with s as (select channel, score {FROM}) select avg(score) as a from s", "avg() over scores", "tally"),
        (f"select avg(score) as a from (select * {FROM}) as s", "avg() over scores", "tally"),
        (f"with s as (select wx / w as m {FROM}) select median(m) as a from s", "median() over scores", "tally"),
        (f"with s as (select score, sum(n) as n {FROM} group by 1) select avg(score) as a from s", "avg()", "tally"),
        (
            f"with s as (select score {FROM}), t as (select score from s union all select 1) select avg(score) from t",
            "avg() over scores",
            "tally",
        ),
        (f"select corr(score, epoch(day)) as a {FROM}", "corr() over scores", "tally"),
        (f"select sum(score) as a {FROM}", "sum() adds up the column score", "sum(score * n)"),
        (f"select sum(score) / sum(n) as a {FROM}", "sum() adds up the column score", "sum(score * n)"),
        (f"select sum(case when score >= 9 then 1 else 0 end) as a {FROM}", "once per combination", "sum(n)"),
        (f"select sum(wx) / count(*) as a {FROM}", "count(*) counts combinations of scores", "sum(n)"),
        (f"select 100.0 * sum(wx) / nullif(count(score), 0)::double as a {FROM}", "count() counts", "sum(n)"),
        (f"select count(*) filter (where score >= 9) / count(*) as a {FROM}", "count(*) counts", "sum(n)"),
        (
            f"with s as (select sum(wx) as t, count(*) as k {FROM}) select t / k as a from s",
            "count(*) counts combinations",
            "sum(n)",
        ),
    ],
)
def test_a_mean_that_takes_combinations_for_answers_is_refused_with_what_is_right(
    sql: str, says: str, remedy: str
) -> None:
    with pytest.raises(QueryFileError) as caught:
        weighed(sql)
    assert says in caught.value.message and remedy in caught.value.hint and caught.value.line == 1


@pytest.mark.parametrize(
    "sql",
    [
        f"select sum(score * n) / sum(n) as a {FROM}",
        f"select sum(wx) / sum(w) as a {FROM}",
        f"select sum(n) filter (where score >= 9) / sum(n) as a {FROM}",
        f"select sum(case when score >= 9 then n else 0 end) as a {FROM}",
        f"with d as (select day, sum(n) as answers {FROM} group by day) select avg(answers) as a from d",
        f"with d as (select day, sum(wx) / sum(w) as m {FROM} group by day) select avg(m) as a, stddev(m) as b from d",
        f"select day, avg(sum(n)) over (order by day rows 6 preceding) as a {FROM} group by day",
        f"select channel, sum(n) / sum(sum(n)) over () as a {FROM} group by channel",
        f"select sum(n) / count(distinct day) as a {FROM}",
        "select avg(score) as a, sum(score) / count(*) as b from responses",
        "select avg(x) as a from panel",
        f"with s as (select distinct channel {FROM}) select avg(score) as a from responses join s using (channel)",
        f"with d as (select day, n {FROM}) select avg(n) as a from d",
        f"select sum(n) / count(*) as per_day, max(day) as last {FROM}",
        f"select max(score) as a, min(score) as b {FROM}",
        "with s as (select channel, avg(score) as m from responses group by 1) select avg(m) as a from s",
        f"select score, count(*) over () as a {FROM} group by score",
    ],
)
def test_a_mean_that_counts_answers_or_steps_is_let_through(sql: str) -> None:
    weighed(sql)


def test_steps_that_read_the_one_before_them_twice_are_judged_in_no_time() -> None:
    steps = ["s0 as (select score from scores)"]
    steps += [f"s{n} as (select score from s{n - 1} union all select score from s{n - 1})" for n in range(1, 40)]
    with pytest.raises(QueryFileError, match=r"avg\(\) over scores"):
        weighed(f"with {', '.join(steps)} select avg(score) as a from s39")


@pytest.mark.parametrize("given", ["n, w, wx, w2, wx2", "wx, w, w2, n, wx2", "s.n, s.w2, s.w, s.wx, s.wx2"])
def test_a_tally_of_swapped_sums_is_refused_at_its_place(given: str) -> None:
    with pytest.raises(QueryFileError, match="stands where") as caught:
        weighed(f"select\n  tally({given}) as figure\nfrom scores as s where metric = 'nps'")
    assert caught.value.line == 2 and "tally(n, w, w2, wx, wx2)" in caught.value.hint


@pytest.mark.parametrize("given", ["n, w, w2, wx, wx2", "b.n, b.w, b.w2, s.w, s.w", "1, w, w * w, w * x, w * x * x"])
def test_a_tally_of_other_sums_is_left_alone(given: str) -> None:
    weighed(f"select tally({given}) as figure from scores as s, comments as b where metric = 'nps'")


def test_a_tally_over_a_window_is_refused_with_what_to_write() -> None:
    with pytest.raises(QueryFileError, match="takes no window") as caught:
        weighed("select\n  tally(n, w, w2, wx, wx2) over (order by day) as figure\nfrom scores where metric = 'nps'")
    assert caught.value.line == 2 and "sum(n) over" in caught.value.hint


def test_every_function_that_may_be_called_exists() -> None:
    written_otherwise = set("coalesce extract grouping grouping_id ifnull like ilike not_like not_ilike".split())
    written_otherwise |= {"is_distinct_from", "try_cast", "tally"}
    with duckdb.connect() as connection:
        known = {
            name for (name,) in connection.execute("select lower(function_name) from duckdb_functions()").fetchall()
        }
    assert {name for name in gate.FUNCTIONS if name[0].isalpha()} - known - written_otherwise == set()


@pytest.mark.parametrize(
    ("sql", "says", "remedy"),
    [
        ("select\n  tally(n, w) as figure from scores where metric = 'nps'", "takes five sums, and is given 2", "w2"),
        ("select\n  date_trunc('quater', day) as period from scores", "knows no “quater”", "“quarter”"),
        ("select\n  date_diff('dya', day, day) as days from scores", "knows no “dya”", "“day”"),
    ],
)
def test_what_is_given_to_a_function_is_looked_at_where_duckdb_names_no_place(sql: str, says: str, remedy: str) -> None:
    with pytest.raises(QueryFileError, match=says) as caught:
        weighed(sql)
    assert caught.value.line == 2 and remedy in caught.value.hint


@pytest.mark.parametrize("part", ["Month", "isodow", "dow", "'we' || 'ek'", "$grain"])
def test_a_part_of_a_date_that_duckdb_knows_or_that_is_computed_is_let_through(part: str) -> None:
    weighed(f"select date_part({part if part[0] in chr(39) + '$' else repr(part)}, day) as period from scores")


def test_every_part_of_a_date_is_one_of_duckdbs() -> None:
    with duckdb.connect() as connection:
        for part in gate.DATE_PARTS:
            connection.execute(f"select date_part('{part}', timestamptz '2026-01-02 03:04:05')")
