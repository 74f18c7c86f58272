"""Files become questions, metrics and sources; a wrong one is named with line and remedy and harms no other."""

import os
import re
import threading
import time
from datetime import date
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from cx import catalog, reference, settings
from cx.catalog import Catalog, Question
from cx.errors import CxError, QueryError, QueryFileError
from cx.header import MOST_SIGNS_AT_ONCE, FastTexts, Texts

if TYPE_CHECKING:
    from conftest import Company

SHIPPED = ["nps", "csat", "ces", "rating", "response_rate", "mentions", "complaints", "praise", "sentiment"]

SQL = "select count(*) as answers from responses"


def read(header: str, sql: str = SQL) -> Question:
    text = "\n".join(f"-- {line}" for line in header.splitlines()) + f"\n{sql}\n"
    return catalog.question("custom/asked", Path("asked.sql"), text, "queries/custom/asked.sql")


def refused(header: str, sql: str = SQL) -> QueryFileError:
    with pytest.raises(QueryFileError) as caught:
        read(header, sql)
    assert caught.value.file == "queries/custom/asked.sql"
    assert caught.value.hint
    return caught.value


# --- headers -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("deep", [100, MOST_SIGNS_AT_ONCE - 100, 100_000])
def test_brackets_without_end_are_a_mistake_of_their_file_and_end_no_process(tmp_path: Path, deep: int) -> None:
    (tmp_path / "custom").mkdir()
    brackets = f"{'[' * deep}x{']' * deep}"
    (tmp_path / "custom" / "deep.sql").write_text(f"-- title: deep\n-- grain: {brackets}\n{SQL}\n")
    assert Catalog([tmp_path]).problems["custom/deep"].hint


def test_libyaml_reads_every_shipped_header_as_pyyaml_does() -> None:
    for name, question in Catalog([settings.PROJECT / "queries"]).questions().items():
        lines = takewhile(lambda line: line.startswith("--"), question.text.splitlines())
        text = "\n".join(line[3:] for line in lines)
        fast, slow = (yaml.load(text, Loader=loader) for loader in (FastTexts, Texts))
        assert fast == slow, name


def test_a_header_is_read_whole() -> None:
    found = read(
        """title: {en: "A: title", ko: 제목}
grain: one row
description: words
note: {en: only English}
chart: {kind: bar, x: channel, y: answers, limit: 5, decimals: 0, sort: own}
by: channel
window: 13 weeks
finding: weakest
owner: Kim
params:
  since: {type: date, default: 2026-01-01, min: 2020-01-01, label: {en: Since, ko: 부터}}
  most: {type: integer, default: 3, choices: [1, 3]}
tests:
  - unique: [channel]
  - rows: {min: 1}""",
        "select channel, count(*) as answers from responses where day >= $since and score < $most group by channel",
    )
    assert found.title == {"en": "A: title", "ko": "제목"}
    assert found.description == {"en": "words", "ko": "words"}
    assert found.note == {"en": "only English", "ko": "only English"}
    assert found.chart == catalog.Chart("bar", "channel", "answers", limit=5, decimals=0, sort="own")
    assert (found.by, found.window, found.finding, found.owner, found.folder) == (
        "channel",
        "13 weeks",
        "weakest",
        "Kim",
        "custom",
    )
    assert found.params["since"].default == date(2026, 1, 1)
    assert found.params["since"].label["ko"] == "부터"
    assert found.params["most"].choices == (1, 3)
    assert [dict(test) for test in found.tests] == [{"unique": ["channel"]}, {"rows": {"min": "1"}}]


def test_yaml_reads_every_value_as_text() -> None:
    assert read("title: no\ngrain: 2026-01-01").title == {"en": "no", "ko": "no"}


@pytest.mark.parametrize(
    ("header", "line", "said"),
    [
        ("grain: g", 1, ("title",)),
        ("title: t", 1, ("grain",)),
        ("title: t\ngrain: g\ntitel: x", 3, ("titel", "“title”")),
        ("title: t\ngrain: g\ntitle: again", 3, ("title", "twice", "Remove one")),
        ("title: t\ngrain: g\nchart: {kind: lien}", 3, ("lien", "“line”")),
        ("title: t\ngrain: g\nchart: {knd: line}", 3, ("knd", "“kind”")),
        ("title: t\ngrain: g\nchart: {kind: bar, sort: up}", 3, ("up", "value or own")),
        ("title: t\ngrain: g\nchart: {kind: bar, limit: many}", 3, ("many", "whole number")),
        ("title: t\ngrain: g\nchart: bar", 3, ("chart",)),
        ("title: t\ngrain: g\nfinding: chnge", 3, ("chnge", "“change”")),
        ("title: t\ngrain: g\nwindow: long", 3, ("window", "13 weeks")),
        ("title: t\ngrain: g\nwindow: 99999 weeks", 3, ("window", "13 weeks")),
        ("title: t\ngrain: g\nchart: {kind: bar, x: [a]}", 3, ("x", "one word")),
        ("title: t\ngrain: g\ntests:\n  - range: a", 4, ("range", "min, max")),
        ("title: t\ngrain: g\ntests:\n  - uniqe: [a]", 4, ("uniqe", "“unique”")),
        ("title: t\ngrain: g\ntests:\n  - range: {column: a, mim: 0}", 4, ("no key “mim”", "“min”")),
        ("title: t\ngrain: g\ntests:\n  - range: {column: a, max: 99,5}", 4, ("no key “5”", "with a point")),
        ("title: t\ngrain: g\ntests:\n  - rows:\n      min: 1,5", 5, ("“min” of the test rows is “1,5”", "a point")),
        ("title: t\ngrain: g\ntests:\n  - accepted: {column: a, values: b}", 4, ("“values” of the test", "a list")),
        ("title: t\ngrain: g\ntests:\n  - range: {min: 0}", 4, ("range has no “column”", "column: share")),
        ("title: t\ngrain: g\nparams: {unused: {default: a}}", 3, ("unused", "never used")),
        ("title: {fr: titre}\ngrain: g", 1, ("fr",)),
        ("title: {en: t, kr: t}\ngrain: g", 1, ("{en: t, kr: t}", "“kr”", "“ko”")),
        ("title: t\ngrain: g\nchart: {kind: bar, decimals: 1,5}", 3, ("no key “5”", "a point, such as 0.5")),
        ("title: t\ngrain: g\nminimum: [1, {a: b}]", 3, ("“minimum” is [1, {a: b}], not a number",)),
        ("title: t\ngrain: g\nminimum: fifty", 3, ("“minimum” is “fifty”, not a number",)),
        ("title: [a: b\ngrain: g", 2, ("YAML",)),
        ("title:\tt\ngrain: g", 1, ("blanks instead of tabs",)),
        ("just words", 1, ("no header",)),
    ],
)
def test_a_wrong_header_is_named_with_its_line_and_the_nearest_right_word(
    header: str, line: int, said: tuple[str, ...]
) -> None:
    error = refused(header)
    assert error.line == line
    for part in said:
        assert part in str(error)


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        ("p: {type: txt, default: a}", ("txt", "“text”")),
        ("p: {typ: text, default: a}", ("typ", "“type”")),
        ("p: {type: text}", ("default",)),
        ("p: {type: number, default: 1, max: 10,5}", ("no key “5”", "a point")),
        ("p: 3", ("default",)),
        ("p: {type: integer, default: three}", ("three", "integer")),
        ("p: {type: date, default: 2026-13-01}", ("2026-13-01",)),
        ("p: {default: c, choices: [a, b]}", ("“c”",)),
        ("p: {type: number, default: 5, max: 3}", ("at most 3",)),
        ("p: {type: number, default: nan}", ("nan",)),
        ("period_from: {default: a}", ("period_from",)),
        ("cx_0: {default: a}", ("cx_0",)),
    ],
)
def test_a_parameter_that_contradicts_itself_is_refused(declared: str, said: tuple[str, ...]) -> None:
    name = declared.partition(":")[0]
    error = refused(f"title: t\ngrain: g\nparams:\n  {declared}", f"{SQL} where score > ${name}")
    for part in said:
        assert part in str(error)


def test_a_parameter_that_is_not_declared_is_refused() -> None:
    error = refused("title: t\ngrain: g", f"{SQL} where score > $least and day < $period_to")
    assert "$least is not declared" in error.message


NASTY = st.recursive(
    st.sampled_from(
        ["", "a", "3", "-1", "nan", "inf", "[]", "{}", "~", "'", "*x", "&x y", "!!python/object:os.system", "1e400"]
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=2).map(lambda items: f"[{', '.join(items)}]"),
        st.tuples(
            st.sampled_from(["en", "ko", "kind", "limit", "name", "to", "default", "unique", "range"]), inner
        ).map(lambda pair: f"{{{pair[0]}: {pair[1]}}}"),
    ),
    max_leaves=4,
)


@given(
    key=st.sampled_from(sorted({*reference.QUESTION_KEYS, *reference.METRIC_KEYS, *reference.SOURCE_KEYS})), value=NASTY
)
@hypothesis_settings(max_examples=100, deadline=None)
def test_no_header_value_of_any_shape_raises_anything_but_our_own_error(
    tmp_path_factory: pytest.TempPathFactory, key: str, value: str
) -> None:
    folder = tmp_path_factory.mktemp("queries")
    for kind, known, base, sql in (
        ("custom", reference.QUESTION_KEYS, {"title": "t", "grain": "g"}, SQL),
        ("metrics", reference.METRIC_KEYS, {"label": "l", "variant": "v"}, "select *, score as x from answers"),
        ("sources", reference.SOURCE_KEYS, {"table": "responses", "files": "a.csv"}, "select * from raw"),
    ):
        header = base | ({key: value} if key in known else {})
        (folder / kind).mkdir()
        text = "".join(f"-- {name}: {given}\n" for name, given in header.items())
        (folder / kind / "asked.sql").write_text(f"{text}{sql}\n")
        (folder / kind / "good.sql").write_text("".join(f"-- {name}: {given}\n" for name, given in base.items()) + sql)
    found = Catalog((folder,))
    assert len(found.entries) + len(found.problems) == 6
    assert all(isinstance(error, CxError) and error.file for error in found.problems.values())


# --- parameters --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("declared", "given", "typed"),
    [
        ("{default: a}", "b; drop table x", "b; drop table x"),
        ("{type: integer, default: 1}", "7", 7),
        ("{type: number, default: 1}", "7.5", 7.5),
        ("{type: date, default: 2026-01-01}", "2026-02-03", date(2026, 2, 3)),
        ("{type: boolean, default: true}", "False", False),
        ("{type: integer, default: 1, choices: [1, 2]}", "2", 2),
        ("{type: number, default: 1, min: 0, max: 2}", "2", 2.0),
    ],
)
def test_a_parameter_takes_a_value_of_its_type(declared: str, given: str, typed: Any) -> None:
    found = read(f"title: t\ngrain: g\nparams:\n  p: {declared}", f"{SQL} where score::varchar > $p::varchar")
    assert found.values({"p": given}) == {"p": typed}


@pytest.mark.parametrize(
    ("declared", "given", "said"),
    [
        ("{type: integer, default: 1}", "1.5", ("1.5", "integer")),
        ("{type: number, default: 1}", "much", ("much", "number")),
        ("{type: number, default: 1, min: 0, max: 9}", "nan", ("nan",)),
        ("{type: number, default: 1}", "inf", ("inf",)),
        ("{type: date, default: 2026-01-01}", "3 Feb", ("3 Feb", "2026-11-22")),
        ("{type: boolean, default: true}", "yes", ("yes", "true or false")),
        ("{default: month, choices: [week, month]}", "moth", ("moth", "“month”")),
        ("{type: number, default: 1, min: 0, max: 2}", "3", ("3", "between 0.0 and 2.0")),
        ("{type: date, default: 2026-01-01, min: 2026-01-01}", "2025-12-31", ("2025-12-31", "at least 2026-01-01")),
    ],
)
def test_a_wrong_value_is_named_with_what_would_be_right(declared: str, given: str, said: tuple[str, ...]) -> None:
    found = read(f"title: t\ngrain: g\nparams:\n  p: {declared}", f"{SQL} where score::varchar > $p::varchar")
    with pytest.raises(QueryError) as caught:
        found.values({"p": given})
    assert "parameter p" in caught.value.message
    for part in said:
        assert part in str(caught.value)


def test_an_unknown_parameter_names_the_nearest() -> None:
    found = read("title: t\ngrain: g\nparams:\n  grain: {default: a}", f"{SQL} where comment = $grain")
    with pytest.raises(QueryError, match="“grian”") as caught:
        found.values({"grian": "a"})
    assert "“grain”" in caught.value.hint


@pytest.mark.parametrize("written", ["'$grain'", "'%$grain%'", '"$grain"'])
def test_a_parameter_in_quotes_is_named_where_it_stands(written: str) -> None:
    error = refused("title: t\ngrain: g\nparams: {grain: {default: a}}", f"{SQL}\nwhere comment like {written}")
    assert f"{written} is a text, so that the parameter grain is never used." in str(error)
    assert "stands without quotes: `$grain`" in error.hint
    assert (error.line, error.column) == (5, 20)


def test_what_is_wrong_with_a_group_is_named_at_its_own_line() -> None:
    header = "label: l\nvariant: v\ngroups:\n  - {name: low, to: 6, en: not high}\n  - {name: high, to: 3}"
    text = "\n".join(f"-- {line}" for line in header.splitlines()) + "\nselect *, 1 as x from answers\n"
    with pytest.raises(QueryFileError, match="which is not above") as caught:
        catalog.metric("mood", text, "metrics/mood.sql")
    assert caught.value.line == 5
    with pytest.raises(QueryFileError, match="one name") as caught:
        catalog.metric("mood", text.replace("high, to: 3", "low, to: 7"), "metrics/mood.sql")
    assert caught.value.line == 4 and "low comes twice" in caught.value.hint


# --- metrics and sources ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "sql", "said"),
    [
        ("variant: v", "select *, 1 as x from answers", "label"),
        ("label: l", "select *, 1 as x from answers", "variant"),
        ("label: l\nvariant: v", "select * from answers", "column x"),
        ("label: l\nvariant: v", "select *, 1 as x from responses", "no table “responses”"),
        ("label: l\nvariant: v\nscale: [5, 1]", "select *, 1 as x from answers", "scale"),
        ("label: l\nvariant: v\nscale: 5", "select *, 1 as x from answers", "scale"),
        ("label: l\nvariant: v\ndirection: up", "select *, 1 as x from answers", "direction"),
        ("label: l\nvariant: v\ninterval: shares", "select *, 1 as x from answers", "“share”"),
        ("label: l\nvariant: v\ntable: customers", "select *, 1 as x from answers", "customers"),
        ("label: l\nvariant: v\ngroups: [{name: low}]", "select *, 1 as x from answers", "group"),
        ("label: l\nvariant: v\ngroups: [{name: low, to: six}]", "select *, 1 as x from answers", "group"),
        (
            "label: l\nvariant: v\ngroups: [{name: low, to: 6}, {name: high, to: 3}]",
            "select *, 1 as x from answers",
            "The group high ends at 3, which is not above the end of low.",
        ),
        (
            "label: l\nvariant: v\ngroups: [{name: low, to: 3}, {name: low, to: 6}]",
            "select *, 1 as x from answers",
            "Two groups have one name.",
        ),
        (
            "label: l\nvariant: v\nscale: [1, 7]\ngroups: [{name: low, to: 3}, {name: high, to: 6}]",
            "select *, 1 as x from answers",
            "Scores above 6 are in no group: the scale ends at 7.",
        ),
        (
            "label: l\nvariant: v\nscale: [1, 7]\ngroups: [{name: low, to: 0}, {name: high, to: 7}]",
            "select *, 1 as x from answers",
            "The group low ends at 0, and the scale begins at 1.",
        ),
        (
            "label: l\nvariant: v\ngroups: [{name: low, to: 3, kr: 낮음}]",
            "select *, 1 as x from answers",
            "A group has no key “kr”.",
        ),
        (
            "label: l\nvariant: v",
            "select *, case when score >= $most then 1 else 0 end as x from answers",
            "A metric has no parameters, so that $most stands for nothing.",
        ),
        ("label: l\nvariant: v\nunit: %", "select *, 1 as x from answers", "percent signs in quotes"),
        ("label: l\nvariant: v\nfactor: 0", "select *, 1 as x from answers", "“factor” is 0, and with it every figure"),
    ],
)
def test_a_wrong_metric_is_refused(company: "Company", header: str, sql: str, said: str) -> None:
    text = "\n".join(f"-- {line}" for line in header.splitlines())
    (company.queries / "metrics" / "mood.sql").write_text(f"{text}\n{sql}\n")
    found = Catalog(company.folders)
    assert said in str(found.problems["metrics/mood"])
    assert set(found.metrics()) == set(SHIPPED), "the others go on"


def test_two_groups_that_end_at_the_same_score_are_refused() -> None:
    groups = "groups: [{name: low, to: 3}, {name: high, to: 3}]"
    with pytest.raises(QueryFileError, match="high ends at 3, which is not above the end of low"):
        catalog.metric("a", f"-- label: A\n-- variant: v\n-- {groups}\nselect *, 1 as x from answers", "metrics/a.sql")


@pytest.mark.parametrize(
    ("header", "sql", "line"),
    [
        (
            "scale: [1, 7]\ninterval: share",
            "case when score >= 6 then 1 else 0 end",
            "share of scores from 6 on of 1–7",
        ),
        ("scale: [0, 10]\ninterval: share", "case when score > 8 then 1 else 0 end", "share of scores above 8 of 0–10"),
        ("interval: share", "case when comment is null then 0 else 1 end", "share of the answers that count"),
        ("scale: [0, 10]\ninterval: nps", "0", "highest group minus lowest group of 0–10"),
        ("scale: [1, 5]", "score", "mean of the answers of 1–5"),
        ("", "score", "mean of the answers"),
    ],
)
def test_a_metric_without_its_variant_is_told_which_line_to_write_where_and_what_happens_without(
    company: "Company", header: str, sql: str, line: str
) -> None:
    text = "\n".join(f"-- {one}" for one in ["label: Mood", *header.splitlines()])
    (company.queries / "metrics" / "mood.sql").write_text(f"{text}\nselect *, {sql} as x from answers\n")
    problem = Catalog(company.folders).problems["metrics/mood"]
    assert f'metrics/mood.sql, such as `-- variant: {{en: "{line}", ko: "' in problem.hint
    assert "left out of all pages and questions" in problem.hint
    written = re.search(r"`-- (variant: .*)`", problem.hint)
    assert written
    (company.queries / "metrics" / "mood.sql").write_text(
        f"{text}\n-- {written[1]}\nselect *, {sql} as x from answers\n"
    )
    assert Catalog(company.folders).metrics()["mood"].variant["en"] == line


def test_a_metric_cannot_give_answers_another_scale_than_the_metric_of_their_name(company: "Company") -> None:
    metrics = company.queries / "metrics"
    (metrics / "a_top.sql").write_text(
        "-- label: l\n-- variant: v\n-- answers: nps\n-- scale: [1, 5]\nselect *, 1 as x from answers\n"
    )
    found = Catalog(company.folders)
    assert "metrics/nps.sql" in str(found.problems["metrics/a_top"])
    assert "`scale: [0, 10]`" in str(found.problems["metrics/a_top"])
    assert set(found.metrics()) == set(SHIPPED), "the one of the answers' name goes on"
    (metrics / "a_top.sql").write_text(
        "-- label: l\n-- variant: v\n-- answers: nps\n-- scale: [0, 10]\nselect *, 1 as x from answers\n"
    )
    assert set(Catalog(company.folders).metrics()) == {*SHIPPED, "a_top"}


@pytest.mark.parametrize(
    ("header", "sql", "said"),
    [
        ("files: a.csv", "select * from raw", "table"),
        ("table: responses", "select * from raw", "files"),
        ("table: response\nfiles: a.csv", "select * from raw", "“responses”"),
        ("table: responses\nfiles: /etc/passwd", "select * from raw", "inside the data folder"),
        ("table: responses\nfiles: ../*.csv", "select * from raw", "inside the data folder"),
        ("table: responses\nfiles: a/../../b.csv", "select * from raw", "inside the data folder"),
        ("table: responses\nfiles: a.csv\nzone: Asia/Soul", "select * from raw", "Asia/Seoul"),
        ("table: responses\nfiles: a.csv", "select *, $by as channel from raw", "A source has no parameters"),
        ("table: responses\nfiles: a.csv\nreader: cvs", "select * from raw", "“csv”"),
        ("table: responses\nfiles: a.csv", "select * from read_csv('/etc/passwd')", "read_csv"),
        ("table: responses\nfiles: a.csv", "select * from responses", "no table “responses”"),
    ],
)
def test_a_wrong_source_is_refused(company: "Company", header: str, sql: str, said: str) -> None:
    company.source("orders", sql, header)
    assert said in str(Catalog(company.folders).problems["sources/orders"])


# --- the folder ----------------------------------------------------------------------------------------


def touched(path: Path) -> None:
    """Make a file's time differ from the one before, whatever the clock's steps."""
    now = path.stat().st_mtime_ns
    os.utime(path, ns=(now + 1_000_000, now + 1_000_000))


def test_a_name_is_the_path_and_a_later_folder_lies_on_top(company: "Company") -> None:
    company.question("trends/over_time", SQL)
    own = company.data / "queries" / "trends"
    own.mkdir(parents=True)
    (own / "over_time.sql").write_text("-- title: Own\n-- grain: g\n" + SQL)
    found = Catalog(company.folders)
    assert list(found.questions()) == ["trends/over_time"]
    assert found.question("trends/over_time").title["en"] == "Own"
    (own / "over_time.sql").unlink()
    found.refresh()
    assert found.question("trends/over_time").title["en"] == "A title", "the shipped one shows again"


def test_files_that_are_new_changed_and_gone_are_noticed(company: "Company") -> None:
    found = Catalog(company.folders)
    path = company.question("custom/mine", SQL)
    found.refresh()
    assert "custom/mine" in found.questions()
    path.write_text("-- title: t\n-- grain: g\nselect * from nowhere\n")
    touched(path)
    found.refresh()
    assert "custom/mine" not in found.questions()
    with pytest.raises(QueryFileError, match="nowhere") as caught:
        found.question("custom/mine")
    assert (caught.value.file, caught.value.line) == ("questions/custom/mine.sql", 3)
    company.question("custom/mine", SQL)
    touched(path)
    found.refresh()
    assert "custom/mine" in found.questions() and not found.problems
    path.unlink()
    found.refresh()
    assert "custom/mine" not in found.questions()


def test_a_broken_file_harms_no_other(company: "Company") -> None:
    company.question("custom/good", SQL)
    for name, content in {
        "empty": b"",
        "words": b"hello",
        "binary": bytes(range(256)),
        "cp949": "-- title: 한글".encode("cp949"),
        "two": b"-- title: t\n-- grain: g\nselect 1; select 2",
        "deep": b"-- title: " + b"[" * 5000,
        "deep_sql": b"-- title: t\n-- grain: g\nselect " + b"not " * 900 + b"true",
    }.items():
        (company.queries / "custom" / f"{name}.sql").write_bytes(content)
    found = Catalog(company.folders)
    assert list(found.questions()) == ["custom/good"]
    assert len(found.problems) == 7
    for error in found.problems.values():
        assert error.file.startswith("questions/custom/") and error.hint


@pytest.mark.attack("A25")
def test_a_link_to_a_file_outside_is_refused(company: "Company", tmp_path: Path) -> None:
    """What lies elsewhere can change without anybody looking."""
    outside = tmp_path / "outside.sql"
    outside.write_text("-- title: t\n-- grain: g\n" + SQL)
    company.question("custom/inside", SQL)
    (company.queries / "custom" / "link.sql").symlink_to(outside)
    found = Catalog(company.folders)
    assert "link to outside" in str(found.problems["custom/link"])
    assert list(found.questions()) == ["custom/inside"]


def test_a_question_that_does_not_exist_names_the_nearest(company: "Company") -> None:
    company.question("trends/over_time", SQL)
    with pytest.raises(QueryError, match="“trends/overtime”") as caught:
        Catalog(company.folders).question("trends/overtime")
    assert "“trends/over_time”" in caught.value.hint


def test_metrics_come_in_their_order(company: "Company") -> None:
    assert list(Catalog(company.folders).metrics()) == SHIPPED


# --- uses ----------------------------------------------------------------------------------------------


def test_a_chain_of_uses_is_given_deepest_first(company: "Company") -> None:
    company.question("custom/c", "select 1 as a")
    company.question("custom/b", "select a from c", "uses: custom/c")
    company.question("custom/a", "select a from b, c", "uses: [custom/b, custom/c]")
    found = Catalog(company.folders)
    assert [step.name for step in found.chain(found.question("custom/a"))] == ["custom/c", "custom/b"]


def test_a_cycle_of_uses_is_found(company: "Company") -> None:
    company.question("custom/a", "select a from b", "uses: custom/b")
    company.question("custom/b", "select a from c", "uses: custom/c")
    company.question("custom/c", "select a from a", "uses: custom/a")
    found = Catalog(company.folders)
    assert not found.questions()
    told = found.problems["custom/a"]
    assert told.message == (
        "custom/a uses custom/b, which uses custom/c, which uses custom/a: it leads back to itself."
    )
    assert told.place == "questions/custom/a.sql:3"
    assert all("leads back to itself" in error.message for error in found.problems.values())


def test_a_question_that_uses_a_broken_one_is_told_to_wait_for_it(company: "Company") -> None:
    company.question("custom/a", "select a from b", "uses: custom/b")
    company.question("custom/b", "select a from b", "uses: custom/b")
    told = Catalog(company.folders).problems["custom/a"]
    assert "“custom/b”, which is no working question" in told.message and "mend that first" in told.hint


@pytest.mark.parametrize(("encoding", "said"), [("cp949", "cp949"), ("utf-16", "utf-16"), ("latin-1", "")])
def test_a_file_in_another_encoding_is_told_with_its_line_and_likely_name(
    company: "Company", encoding: str, said: str
) -> None:
    title = "Zufriedenheit in Köln" if encoding == "latin-1" else "등급별 만족도"
    path = company.queries / "custom" / "a.sql"
    path.parent.mkdir(parents=True)
    path.write_bytes(f"-- grain: one row\n-- title: {title}\nselect 1 as a\n".encode(encoding))
    told = Catalog(company.folders).problems["custom/a"]
    likely = f"; by its letters it is {said}" if said else ""
    assert told.message == f"The file is not written in UTF-8{likely}."
    assert told.line == (1 if encoding == "utf-16" else 2) and "Save it as UTF-8" in told.hint


def test_a_header_below_an_empty_line_is_told_to_begin_the_file() -> None:
    with pytest.raises(QueryFileError) as caught:
        catalog.metric("a", "\n-- label: A\nselect *, score as x from answers", "metrics/a.sql")
    assert caught.value.hint == "It begins in the first line: remove what stands before it."


def test_a_chart_of_a_kind_that_is_not_there_names_those_that_are() -> None:
    told = str(refused("title: t\ngrain: g\nchart: {kind: pie, x: a}"))
    assert "There is no chart “pie”." in told and "Known here: bar, change" in told


def test_using_a_question_that_does_not_exist_names_the_nearest(company: "Company") -> None:
    company.question("custom/right", "select 1 as a")
    company.question("custom/a", "select a from rihgt", "uses: custom/rihgt")
    assert "“custom/right”" in str(Catalog(company.folders).problems["custom/a"])


def test_a_question_works_again_once_the_one_it_uses_is_mended(company: "Company") -> None:
    used = company.question("custom/used", "select 1 as a")
    company.question("custom/asked", "select a from used", "uses: custom/used")
    found = Catalog(company.folders)
    used.write_text("broken")
    touched(used)
    found.refresh()
    assert set(found.problems) == {"custom/used", "custom/asked"}
    company.question("custom/used", "select 2 as a")
    touched(used)
    found.refresh()
    assert not found.problems
    assert set(found.questions()) == {"custom/used", "custom/asked"}


@pytest.mark.parametrize("used", ["custom/responses", "custom/Scores"])
def test_a_used_question_named_like_a_table_is_refused(company: "Company", used: str) -> None:
    company.question(used, "select 1 as a")
    company.question("custom/asked", f"select a from {used.rpartition('/')[2]}", f"uses: {used}")
    assert "table" in str(Catalog(company.folders).problems["custom/asked"])


def test_two_used_questions_of_the_same_short_name_are_refused(company: "Company") -> None:
    company.question("one/kpi", "select 1 as a")
    company.question("two/kpi", "select 2 as a")
    company.question("custom/asked", "select a from kpi", "uses: [one/kpi, two/kpi]")
    assert "kpi" in str(Catalog(company.folders).problems["custom/asked"])


def test_reading_while_another_thread_refreshes_never_fails(company: "Company") -> None:
    """A page asks while the analyst saves: the file is there in its old or its new form, never missing."""
    path = company.question("custom/mine", SQL)
    for number in range(5):
        company.question(f"custom/other{number}", SQL)
    found = Catalog(company.folders)
    done = threading.Event()
    failures: list[Exception] = []

    def read_on() -> None:
        while not done.is_set():
            try:
                found.question("custom/mine")
                found.questions()
                found.metrics()
                time.sleep(0)
            except (CxError, RuntimeError, KeyError) as error:
                failures.append(error)
                return

    readers = [threading.Thread(target=read_on) for _ in range(2)]
    for reader in readers:
        reader.start()
    for number in range(40):
        company.question("custom/mine", f"select {number} as a")
        touched(path)
        found.refresh()
    done.set()
    for reader in readers:
        reader.join()
    assert not failures


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("select\n  case when score > 5 then 1 else 0 end as x\nfrom answers", "leaves out the `*`"),
        ("select\n  *,\n  avg(score) as x\nfrom answers", "makes one of many"),
        ("select *, 1 as x\nfrom answers limit 5", "leaves answers out"),
    ],
)
def test_a_metric_that_does_not_pass_every_answer_on_is_refused_with_what_to_write(body: str, says: str) -> None:
    text = f"-- label: M\n-- variant: v\n{body}\n"
    with pytest.raises(QueryFileError) as caught:
        catalog.metric("m", text, "queries/metrics/m.sql")
    assert says in caught.value.message and "select *, case" in caught.value.hint and caught.value.line >= 3


@pytest.mark.parametrize(
    "body",
    [
        "select answers.*, 1 as x from answers",
        "with one as (select * from answers where score > 3) select *, score as x from one",
        "select *, row_number() over (partition by channel) as x from answers",
        "select distinct on (customer_id) *, score as x from answers",
    ],
)
def test_a_metric_that_passes_answers_on_is_read(body: str) -> None:
    assert catalog.metric("m", f"-- label: M\n-- variant: v\n{body}\n", "m.sql").name == "m"
