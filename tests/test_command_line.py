"""The command line says what the page says, with exit codes for scripts and errors for people."""

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cx.__main__ import main
from cx.checks import CHECKED_KEYS
from cx.figures import harmless
from cx.settings import PROJECT

if TYPE_CHECKING:
    from conftest import Company

COMMANDS = ("publish", "check", "query", "new", "schema", "demo")
TALLY = "tally(n, w, w2, wx, wx2) as figure"


@pytest.fixture(scope="module")
def shop(make: Any) -> "Company":
    """NPS and CSAT answers around midnight of 1 March in Seoul, a month and a year before, of two regions."""
    made: Company = make("shop")
    rows = []
    for moment, score in (
        ("2025-03-05T12:00:00+09:00", 3),
        ("2026-02-05T12:00:00+09:00", 7),
        ("2026-02-28T23:59:59+09:00", 6),
        ("2026-03-01T00:00:00+09:00", 9),
        ("2026-03-31T23:59:59+09:00", 10),
        ("2026-04-01T00:00:00+09:00", 0),
    ):
        for region in ("서울", "부산"):
            rows.append(
                {
                    "response_id": f"{moment}{region}",
                    "responded_at": moment,
                    "score": score,
                    "region": region,
                    "channel": "app",
                }
            )
    rows.append(
        {
            "response_id": "c",
            "responded_at": "2026-03-10T12:00:00+09:00",
            "metric": "csat",
            "score": 5,
            "region": None,
            "channel": "web",
        }
    )
    made.answers(rows)
    made.question(
        "all/scores",
        "select metric, list(score order by score)::varchar as scores, sum(n)::bigint as n from scores group by metric order by metric",
    )
    made.question(
        "all/kpi",
        f"""with now as (select metric, {TALLY} from scores group by metric),
earlier as (select metric, {TALLY} from scores_before group by metric)
select now.metric, now.figure as figure, earlier.figure as figure_before
from now left join earlier on now.metric = earlier.metric order by now.metric""",
    )
    made.question("all/split", f"select metric, segment, {TALLY} from scores group by all order by all")
    made.question(
        "all/grain",
        "select $grain as grain, $most as most",
        "params: {grain: {default: month, choices: [week, month]}, most: {type: integer, default: 3}}",
    )
    made.question(
        "all/hostile",
        "select '=1+1' as a, '+1' as b, '-1' as c, '@x' as d, chr(9) || 'x' as e, -1 as f, 'fine' as g, day from scores limit 1",
    )
    made.question(
        "all/types",
        "select day, day::timestamp as moment, null::date as nothing, 1.5::decimal(4,2) as half, true as yes, '한글' as word, 12345678901234::bigint as big from scores limit 1",
    )
    made.publish()
    return made


@pytest.fixture
def run(shop: "Company", capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Run a command over the shop; gives exit code, standard output and standard error."""

    def ran(*arguments: str) -> tuple[int, str, str]:
        options = ["--data", str(shop.data), "--queries", str(shop.queries)]
        code = main([arguments[0], *options, *arguments[1:]])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return ran


Run = Callable[..., tuple[int, str, str]]


def rows(run: Run, name: str, *options: str) -> list[dict[str, Any]]:
    code, out, err = run("query", name, "--format", "json", *options)
    assert code == 0, err
    found: list[dict[str, Any]] = json.loads(out)
    return found


def nps_scores(run: Run, *options: str) -> str:
    return next((row["scores"] for row in rows(run, "all/scores", *options) if row["metric"] == "nps"), "")


# --- help and exit codes ---------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_every_command_has_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main([*([command] if command else []), "--help"])
    assert caught.value.code == 0
    out = capsys.readouterr().out
    assert f"usage: python -m cx {command}".strip() in out
    assert command or all(name in out for name in COMMANDS)


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["qery"],
        ["query"],
        ["query", "x", "--format", "xml"],
        ["query", "x", "--compare", "month"],
        ["query", "x", "--lang", "de"],
        ["demo"],
        ["demo", "x", "--answers", "0"],
        ["demo", "x", "--answers", "many"],
        ["publish", "--nothing"],
    ],
)
def test_a_command_written_wrongly_exits_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert "usage:" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["all/scoress"], ["“all/scores”"]),
        (["all/scores", "--from", "1 March"], ["--from", "1 March", "2026-11-22"]),
        (["all/scores", "--to", "2026-02-30"], ["--to", "2026-02-30"]),
        (["all/scores", "--from", "2026-03-02", "--to", "2026-03-02"], ["2026-03-02"]),
        (["all/scores", "--from", "2026-03-02", "--to", "2026-03-01"], ["2026-03-02"]),
        (["all/scores", "--period", "last_moth"], ["last_month"]),
        (["all/scores", "--where", "regon=서울"], ["“region”"]),
        (["all/scores", "--where", "region=서을"], ["서을", "서울"]),
        (["all/scores", "--where", "region"], ["--where", "NAME=VALUE"]),
        (["all/scores", "--where", "=서울"], ["--where", "NAME=VALUE"]),
        (["all/split", "--by", "regon"], ["“region”"]),
        (["all/scores", "--by", "region"], ["segment"]),
        (["all/grain", "--set", "grian=week"], ["“grain”"]),
        (["all/grain", "--set", "grain=wek"], ["“week”"]),
        (["all/grain", "--set", "most=three"], ["three", "integer"]),
        (["all/grain", "--set", "most"], ["--set", "NAME=VALUE"]),
    ],
)
def test_a_question_asked_wrongly_exits_with_1_and_says_what_would_be_right(
    run: Run, arguments: list[str], said: list[str]
) -> None:
    code, out, err = run("query", *arguments)
    assert (code, out) == (1, "")
    assert err.startswith("cx: ") and "→" in err and "Traceback" not in err
    for part in said:
        assert part in err


def test_a_folder_that_is_not_there_exits_with_1(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    for command in (["publish"], ["check"], ["query", "overview/kpi"]):
        assert main([*command, "--data", str(tmp_path / "nowhere")]) == 1
        assert "nowhere" in capsys.readouterr().err
    assert main(["publish", "--data", str(tmp_path), "--queries", str(tmp_path / "nowhere")]) == 1
    assert "nowhere" in capsys.readouterr().err


def test_a_damaged_setting_exits_with_1(company: "Company", capsys: pytest.CaptureFixture[str]) -> None:
    company.scores(9)
    company.text("cx.toml", "compny = 'x'")
    assert main(["publish", "--data", str(company.data)]) == 1
    assert "“company”" in capsys.readouterr().err


# --- periods ---------------------------------------------------------------------------------------------


def test_from_is_inclusive_and_to_is_exclusive_in_the_reporting_zone(run: Run) -> None:
    assert nps_scores(run, "--from", "2026-03-01", "--to", "2026-04-01") == "[9.0, 10.0]"
    assert nps_scores(run, "--from", "2026-02-28", "--to", "2026-03-01") == "[6.0]"
    assert nps_scores(run, "--from", "2026-04-01", "--to", "2026-04-02") == "[0.0]"
    assert nps_scores(run, "--from", "2026-03-31") == "[0.0, 10.0]", "to the last day there is"
    assert nps_scores(run, "--to", "2026-02-06") == "[3.0, 7.0]", "from the first day there is"


def test_a_named_period_is_counted_from_the_last_day_of_the_data(run: Run) -> None:
    assert nps_scores(run, "--period", "last_month") == "[9.0, 10.0]"
    assert nps_scores(run, "--period", "all_time") == "[0.0, 3.0, 6.0, 7.0, 9.0, 10.0]"
    assert nps_scores(run) == nps_scores(run, "--period", "last_90_days")


def test_the_comparison_is_the_previous_period_a_year_ago_or_none(run: Run) -> None:
    march = ("--from", "2026-03-01", "--to", "2026-04-01")

    def previous(*options: str) -> tuple[Any, Any]:
        row = next(row for row in rows(run, "all/kpi", *march, *options) if row["metric"] == "nps")
        return row["previous"], row["change"]

    assert previous() == previous("--compare", "previous") == (-50, 150)
    assert previous("--compare", "year") == (-100, 200)
    assert previous("--compare", "none") == (None, None)


@pytest.mark.parametrize(("language", "said"), [("en", ("2026", "compared with")), ("ko", ("2026", "비교"))])
def test_the_period_and_its_comparison_are_said_beside_the_answer(
    run: Run, language: str, said: tuple[str, ...]
) -> None:
    _, out, err = run("query", "all/kpi", "--from", "2026-03-01", "--to", "2026-04-01", "--lang", language)
    assert all(part in err for part in said)
    assert "compared" not in out and "비교" not in out


# --- filters, splits, parameters ---------------------------------------------------------------------------


def test_filters_may_be_repeated(run: Run) -> None:
    def n(*options: str) -> int:
        return sum(row["n"] for row in rows(run, "all/scores", "--period", "all_time", *options))

    assert n() == 13
    assert n("--where", "region=서울") == 6
    assert n("--where", "region=서울", "--where", "region=부산") == 12
    assert n("--where", "region=서울", "--where", "channel=web") == 0
    assert n("--where", "region=") == 1, "an empty value asks for rows without one"


def test_a_split_may_be_named_or_left_out(run: Run) -> None:
    options = ("--from", "2026-03-01", "--to", "2026-04-01")
    found = rows(run, "all/split", *options, "--by", "region")
    assert [(row["metric"], row["segment"], row["n"]) for row in found] == [
        ("csat", None, 1),
        ("nps", "부산", 2),
        ("nps", "서울", 2),
    ]
    assert [row["segment"] for row in rows(run, "all/split", *options, "--by", "none")] == [None, None]


def test_a_parameter_is_set_by_name(run: Run) -> None:
    assert rows(run, "all/grain") == [{"grain": "month", "most": 3}]
    assert rows(run, "all/grain", "--set", "grain=week", "--set", "most=7") == [{"grain": "week", "most": 7}]


def test_a_filter_that_changes_nothing_is_said(run: Run, shop: "Company") -> None:
    shop.question("all/plain", "select count(*) as k from customers")
    _, _, err = run("query", "all/plain", "--where", "region=서울")
    assert "region" in err and "note:" in err


# --- formats ------------------------------------------------------------------------------------------------


def test_json_holds_plain_values(run: Run) -> None:
    (row,) = rows(run, "all/types")
    moment = row.pop("moment")
    assert moment.startswith(row["day"])
    assert row | {"day": ""} == {
        "day": "",
        "nothing": None,
        "half": 1.5,
        "yes": True,
        "word": "한글",
        "big": 12345678901234,
    }


def test_json_of_no_rows_with_a_time_is_an_empty_list(run: Run, shop: "Company") -> None:
    shop.question("all/times", "select responded_at as moment from responses where false")
    assert rows(run, "all/times") == []


def test_csv_can_be_read_back(run: Run) -> None:
    code, out, _ = run(
        "query", "all/split", "--from", "2026-03-01", "--to", "2026-04-01", "--by", "region", "--format", "csv"
    )
    found = list(csv.DictReader(io.StringIO(out)))
    assert code == 0
    assert [(row["metric"], row["segment"], row["n"]) for row in found] == [
        ("csat", "", "1"),
        ("nps", "부산", "2"),
        ("nps", "서울", "2"),
    ]
    assert float(found[1]["value"]) == 100


@pytest.mark.bad_input("B48")
def test_formulas_leave_as_text_in_csv(run: Run) -> None:
    """A46: a spreadsheet would run them."""
    _, out, _ = run("query", "all/hostile", "--format", "csv")
    (row,) = list(csv.DictReader(io.StringIO(out)))
    assert [row[name] for name in "abcdefg"] == ["'=1+1", "'+1", "'-1", "'@x", "'\tx", "-1", "fine"]


def test_neutralising_formulas_leaves_the_answer_itself_alone() -> None:
    frame = pd.DataFrame({"a": ["=1", None, "\r=2", "x", 3, "|cmd"], "n": [-1, 2, 3, 4, 5, 6]})
    before = frame.copy()
    assert harmless(frame)["a"].tolist()[:4:2] == ["'=1", "'\r=2"]
    assert harmless(frame)["n"].tolist() == before["n"].tolist()
    pd.testing.assert_frame_equal(frame, before)


def test_a_table_is_printed_for_people_and_says_when_there_is_nothing(run: Run) -> None:
    _, out, _ = run("query", "all/split", "--from", "2026-03-01", "--to", "2026-04-01")
    assert "metric" in out and "nps" in out
    code, out, _ = run("query", "all/split", "--from", "2020-01-01", "--to", "2020-02-01")
    assert (code, out.strip()) == (0, "(no rows)")
    for form, empty in (("json", "[]"), ("csv", "metric,segment,value,low,high,n")):
        assert (
            run("query", "all/split", "--from", "2020-01-01", "--to", "2020-02-01", "--format", form)[1].strip()
            == empty
        )


def test_parquet_is_a_parquet_file(shop: "Company", capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert (
        main(
            [
                "query",
                "all/split",
                "--data",
                str(shop.data),
                "--queries",
                str(shop.queries),
                "--format",
                "parquet",
                "--period",
                "all_time",
            ]
        )
        == 0
    )
    table = pq.read_table(pa.BufferReader(capsysbinary.readouterr().out))
    assert table.column_names == ["metric", "segment", "value", "low", "high", "n"]
    assert table["n"].to_pylist() == [1, 12]


# --- publish, check, demo -------------------------------------------------------------------------------------


def test_publish_says_what_it_published_and_what_it_set_aside(
    company: "Company", capsys: pytest.CaptureFixture[str]
) -> None:
    company.answers([{"score": 9}, {"response_id": "bad", "score": 99}])
    company.text("responses/b.parquet", b"PAR1")
    command = ["publish", "--data", str(company.data), "--queries", str(company.queries)]
    assert main(command) == 0
    out, err = capsys.readouterr()
    assert out.startswith("published ") and "responses: 1 row in 1 part, 2026-03-02 … 2026-03-02" in out
    assert (
        "set aside: responses/b.parquet" in err and "1 row, “score” outside the scale 0–10 of nps (row 2: '99')" in err
    )
    assert err.count("→") == 2
    assert main(command) == 0
    assert capsys.readouterr().out.startswith("unchanged, still ")
    assert main([*command, "--quiet", "--again"]) == 0
    assert capsys.readouterr().out == ""


def test_publish_names_a_metric_or_source_that_is_not_used(
    company: "Company", capsys: pytest.CaptureFixture[str]
) -> None:
    company.scores(9)
    company.source("survey", "select * from nowhere", "table: responses\nfiles: a.csv")
    (company.queries / "metrics" / "top.sql").write_text(
        "-- label: l\n-- variant: v\n-- answers: nps\nselect *, scor as x from answers\n"
    )
    assert main(["publish", "--data", str(company.data), "--queries", str(company.queries)]) == 0
    told = capsys.readouterr().err
    assert "not used: questions/sources/survey.sql:3" in told
    assert "not used: questions/metrics/top.sql:4: There is no column “scor”" in told


def test_publishing_nothing_exits_with_1(company: "Company", capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["publish", "--data", str(company.data)]) == 1
    assert "no exports" in capsys.readouterr().err


def test_a_query_publishes_first_where_nothing_is_published_and_again_when_exports_change(
    company: "Company", capsys: pytest.CaptureFixture[str]
) -> None:
    company.question("all/n", "select sum(n)::bigint as n from scores")
    command = ["query", "all/n", "--data", str(company.data), "--queries", str(company.queries), "--format", "json"]
    company.scores(9, 3)
    assert main(command) == 0
    assert json.loads(capsys.readouterr().out) == [{"n": 2}]
    company.scores(9, 3, 7)
    assert main(command) == 0
    assert json.loads(capsys.readouterr().out) == [{"n": 3}]
    (company.data / "responses" / "a.parquet").unlink()
    assert main(command) == 0
    out, err = capsys.readouterr()
    assert json.loads(out) == [{"n": 3}] and "before" in err


def checked(company: "Company", capsys: pytest.CaptureFixture[str]) -> tuple[int, list[dict[str, Any]]]:
    code = main(["check", "--json", *folders(company)])
    return code, [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_check_is_content_with_good_files(company: "Company", capsys: pytest.CaptureFixture[str]) -> None:
    company.scores(9, 3)
    company.question(
        "all/good",
        "select metric, sum(n)::bigint as answers from scores group by metric",
        "tests:\n  - unique: [metric]\n  - not_null: metric\n  - range: {column: answers, min: 0}\n  - accepted: {column: metric, values: [nps, csat]}\n  - rows: {min: 1, max: 5}",
    )
    code, found = checked(company, capsys)
    assert code == 0 and {"all/good", "metrics/nps", "metrics/mentions"} <= {file["name"] for file in found}
    assert all(list(file) == list(CHECKED_KEYS) and file["status"] == "ok" for file in found)
    (good,) = (file for file in found if file["name"] == "all/good")
    assert (good["file"], good["rows"], good["problems"]) == ("questions/all/good.sql", 1, [])
    assert good["seconds"] > 0
    (metric,) = (file for file in found if file["name"] == "metrics/nps")
    assert metric["rows"] is None and metric["seconds"] is None
    assert main(["check", "--data", str(company.data), "--queries", str(company.queries)]) == 0
    assert "10 files in order, 0 with a problem." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("sql", "header", "line", "said"),
    [
        ("select * from nowhere", "", 3, "nowhere"),
        ("select\n  scoer from scores", "", 4, "scoer"),
        ("select channel, score from responses", "tests: [{unique: [channel]}]", 0, "1 row repeats channel"),
        ("select channel from responses", "tests: [{not_null: [channel]}]", 0, "channel is empty"),
        (
            "select score from responses",
            "tests: [{range: {column: score, min: 5}}]",
            0,
            "1 value of score lies outside 5 … inf",
        ),
        (
            "select metric from responses",
            "tests: [{accepted: {column: metric, values: [csat]}}]",
            0,
            "metric also holds nps",
        ),
        ("select score from responses", "tests: [{rows: {max: 1}}]", 0, "there are 2 rows, not 0 … 1"),
        ("select score from responses", "tests: [{unique: [nothing]}]", 0, "nothing"),
    ],
)
def test_check_names_file_line_problem_and_remedy(
    company: "Company", capsys: pytest.CaptureFixture[str], sql: str, header: str, line: int, said: str
) -> None:
    company.scores(9, 3)
    company.question("all/bad", sql, header)
    company.question("all/good", "select 1 as a")
    code, found = checked(company, capsys)
    (file,) = (one for one in found if one["status"] == "problem")
    assert code == 1
    (problem,) = file["problems"]
    assert file["file"] == "questions/all/bad.sql" and problem["hint"] and problem["excerpt"]
    assert not line or problem["line"] == line
    assert said in problem["message"]


def test_check_tells_all_that_is_wrong_with_a_file_and_with_a_page_file(
    company: "Company", capsys: pytest.CaptureFixture[str]
) -> None:
    company.scores(9, 3)
    company.question(
        "custom/shop/bad",
        "select score from responses",
        "chart: {kind: bar, x: scor}\ntests:\n  - rows: {max: 1}\n  - not_null: [nothing]",
    )
    (company.queries / "custom" / "shop" / "page.yaml").write_text("order: 1\ntitel: Shop\n")
    _, found = checked(company, capsys)
    wrong = {file["name"]: file for file in found if file["status"] == "problem"}
    problems = wrong["custom/shop/bad"]["problems"]
    assert [problem["line"] for problem in problems] == [3, 3, 5, 6]
    assert wrong["custom/shop/bad"]["rows"] == 2
    (problem,) = wrong["custom/shop/page.yaml"]["problems"]
    assert (problem["line"], problem["column"], problem["excerpt"]) == (2, 1, "1 | order: 1\n2 | titel: Shop\n    ^")
    assert main(["check", "custom/shop/page.yaml", *folders(company)]) == 1
    assert "0 files in order, 1 with a problem." in capsys.readouterr().out


def folders(company: "Company") -> list[str]:
    return ["--data", str(company.data), "--queries", str(company.queries)]


def test_every_shipped_file_is_in_order_on_the_demo_company(demo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--data", str(demo)]) == 0
    told = capsys.readouterr()
    assert "0 with a problem" in told.out + told.err


def test_the_demo_writes_a_company_and_never_over_another(
    company: "Company", capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    folder = tmp_path / "demo"
    assert main(["demo", str(folder), "--answers", "600"]) == 0
    assert str(folder) in capsys.readouterr().out
    assert (folder / "cx.toml").exists() and list((folder / "responses").glob("*.parquet"))
    assert main(["demo", str(folder)]) == 1
    assert "not empty" in capsys.readouterr().err


# --- as a process ------------------------------------------------------------------------------------------------


def test_the_command_runs_as_a_module_with_the_folder_from_the_environment(shop: "Company") -> None:
    environment = {
        **os.environ,
        "CX_DATA": str(shop.data),
        "CX_QUERIES": str(shop.queries),
        "PYTHONIOENCODING": "utf-8",
    }

    def ran(*arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "cx", *arguments],
            cwd=PROJECT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    done = ran("query", "all/scores", "--period", "all_time", "--format", "csv")
    assert done.returncode == 0
    assert [line.rpartition(",")[2] for line in done.stdout.splitlines()] == ["n", "1", "12"]
    assert "Traceback" not in done.stderr and len(done.stderr.splitlines()) == 1
