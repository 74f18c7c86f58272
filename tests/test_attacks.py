"""Every attack of the list is a test beside a harmless twin that runs, and the docs say what became of it."""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from conftest import marks
from test_engine import RUNAWAYS, YEAR
from test_gate import ATTACKS

from cx.catalog import Catalog
from cx.engine import Engine
from cx.errors import CxError, QueryError, QueryFileError
from cx.figures import Answer
from cx.settings import PROJECT

if TYPE_CHECKING:
    from conftest import Company

Ask = Callable[..., Answer]
NUMBERS = [f"A{number}" for number in range(1, 35)]
ACCEPTED = {"A27"}
"""How long or how large an answer is tells something about it; docs/attacks.md says why that is accepted."""
DOCS = (PROJECT / "docs" / "attacks.md").read_text("utf-8")
ROW = re.compile(r"^\| (A\d+) \| (.+?) \| (.+?) \| (.+?) \|$", flags=re.MULTILINE)


@pytest.fixture(scope="module")
def shared(make: Any, open_engine: Any) -> tuple["Company", Engine, Ask]:
    """Two answers with comments, their engine and a way to ask."""
    company: Company = make("attacked")
    company.answers([{"score": 9, "comment": "secret-one"}, {"score": 3, "comment": "4"}])
    company.publish()
    return company, *open_engine(company, seconds=3)


@pytest.fixture
def ask(shared: tuple["Company", Engine, Ask]) -> Ask:
    return shared[2]


def test_every_attack_from_a1_to_a34_is_tried() -> None:
    tried = {number.partition("-")[0] for number, _attack, _twin in ATTACKS}
    tried |= {number.partition("-")[0] for number in RUNAWAYS}
    tried |= {number for number, _test in marks("attack")}
    assert set(NUMBERS) - tried == ACCEPTED


def test_the_docs_say_what_became_of_every_attack_and_name_a_test_that_is_there() -> None:
    rows = {number: (result, test) for number, _what, result, test in ROW.findall(DOCS)}
    assert list(rows) == NUMBERS
    named = {test for _number, test in marks("attack")}
    for number, (result, test) in rows.items():
        if number in ACCEPTED:
            assert result.startswith("accepted")
            continue
        tests = set(re.findall(r"`([\w.]+)`", test))
        assert tests, number
        own = {name for mark, name in marks("attack") if mark == number}
        assert own <= tests and tests <= named | {"test_gate.ATTACKS", "test_engine.RUNAWAYS"}, number


def test_every_harmless_twin_answers(ask: Ask) -> None:
    """The gate lets them through, and so do the wrapper, the transaction and the locked database."""
    failed = {}
    for number, _attack, twin in ATTACKS:
        try:
            ask(f"\n{twin}")
        except CxError as error:
            failed[number] = str(error)
    assert not failed


def test_every_attack_is_refused_on_the_whole_way_too(ask: Ask) -> None:
    answered = []
    for number, attack, _twin in ATTACKS:
        try:
            ask(f"\n{attack}")
        except QueryFileError:
            continue
        answered.append(number)
    assert not answered


@pytest.mark.attack("A24")
@pytest.mark.parametrize(
    ("sql", "header", "given", "says"),
    [
        ("select 1 as a where 'x' = $nobody", "", {}, "is not declared"),
        ("select 1 as a", "params: {nobody: {default: x}}", {}, "is never used"),
        ("select 1 as a where 'x' = $word", "params: {word: {default: x}}", {"words": "y"}, "no parameter “words”"),
        ("select $period_from as a", "params: {period_from: {type: date, default: 2020-01-01}}", {}, "be named"),
        ("select 1 as a where 'x' = $cx_0", "params: {cx_0: {default: x}}", {}, "be named"),
        ("select 1 as a where 'x' = $1", "", {}, "is not declared"),
        ("select 1 as a where 'x' = ?", "", {}, "is not declared"),
    ],
    ids=["undeclared", "surplus", "of another name", "one of our own", "of our prefix", "by number", "by place"],
)
def test_a_parameter_that_is_not_declared_or_not_used_is_refused(
    ask: Ask, sql: str, header: str, given: dict[str, str], says: str
) -> None:
    with pytest.raises(CxError, match=says) as caught:
        ask(sql, header, given)
    assert caught.value.hint
    twin = ask("select 1 as a where 'x' = $word", "params: {word: {default: x}}", {"word": "x"})
    assert twin.frame["a"].tolist() == [1]


@pytest.mark.attack("A25")
@pytest.mark.parametrize("where", ["folder", "page file", "chain"])
def test_no_kind_of_link_leads_outside(company: "Company", tmp_path: Path, where: str) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "evil.sql").write_text("-- title: t\n-- grain: g\nselect 1 as secret_column\n")
    (outside / "page.yaml").write_text("title: Secret words\n")
    company.question("custom/mine/inside", "select 1 as a")
    custom = company.queries / "custom"
    if where == "folder":
        (custom / "linked").symlink_to(outside, target_is_directory=True)
    elif where == "page file":
        (custom / "mine" / "page.yaml").symlink_to(outside / "page.yaml")
    else:
        (outside / "link.sql").symlink_to(outside / "evil.sql")
        (custom / "mine" / "evil.sql").symlink_to(outside / "link.sql")
    found = Catalog(company.folders)
    assert list(found.questions()) == ["custom/mine/inside"]
    (page,) = found.folders_of_own()
    assert page.title["en"] == "Mine"
    assert (page.problem is not None) == (where == "page file")


@pytest.mark.attack("A25")
def test_a_link_within_the_folders_is_followed(company: "Company") -> None:
    company.question("custom/inside", "select 1 as a")
    (company.queries / "custom" / "link.sql").symlink_to(company.queries / "custom" / "inside.sql")
    assert list(Catalog(company.folders).questions()) == ["custom/inside", "custom/link"]


@pytest.mark.attack("A25")
def test_a_file_replaced_after_it_was_judged_is_judged_again(company: "Company") -> None:
    """Even where the other file has its size and its time."""
    company.scores(9)
    company.publish()
    path = company.question("custom/asked", "select 'harmless' as a    ")
    engine = Engine(company.data, company.folders)
    try:
        assert engine.answer("custom/asked", YEAR).frame["a"].tolist() == ["harmless"]
        before = path.stat()
        other = path.with_suffix(".new")
        other.write_text(path.read_text().replace("select 'harmless' as a    ", "select getenv('HOME') as a"))
        os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
        other.replace(path)
        assert (path.stat().st_size, path.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)
        with pytest.raises(QueryFileError, match="getenv"):
            engine.answer("custom/asked", YEAR)
    finally:
        engine.close()


@pytest.mark.attack("A25")
def test_what_runs_is_the_text_that_was_judged_not_the_file(company: "Company") -> None:
    company.scores(9)
    company.publish()
    path = company.question("custom/asked", "select 'harmless' as a")
    engine = Engine(company.data, company.folders)
    try:
        judged = engine.catalog.question("custom/asked")
        path.write_text(path.read_text().replace("'harmless'", "getenv('HOME')"))
        assert engine.ask(judged, YEAR).frame["a"].tolist() == ["harmless"]
    finally:
        engine.close()


@pytest.mark.attack("A26")
def test_a_conversion_that_may_fail_answers_when_it_is_meant_to(ask: Ask) -> None:
    answer = ask("select try_cast(comment as integer) as a from responses order by a nulls first")
    assert [value for value in answer.frame["a"] if value == value] == [4]


@pytest.mark.attack("A32")
def test_sql_of_usual_depth_and_length_answers(ask: Ask) -> None:
    steps = ",\n".join(f"s{n} as (select a + 1 as a from s{n - 1})" for n in range(1, 40))
    assert ask(f"with s0 as (select 1 as a),\n{steps}\nselect a from s39").frame["a"].tolist() == [40]
    assert ask("select " + "(" * 20 + "1" + ")" * 20 + " as a").frame["a"].tolist() == [1]


@pytest.mark.attack("A33")
def test_a_result_within_the_cap_is_whole(ask: Ask) -> None:
    answer = ask("select i from range(5000) as numbers(i)")
    assert len(answer.frame) == 5_000 and not answer.truncated


@pytest.mark.attack("A34")
@pytest.mark.parametrize("pattern", ["(a+)+$", "^(a|a)*$", "^(a|aa)+$", "(.*a){20}$", "^(([a-z])+.)+[A-Z]([a-z])+$"])
def test_a_pattern_that_would_try_without_end_is_matched_in_time(ask: Ask, pattern: str) -> None:
    """DuckDB matches without going back, so the classics of that kind end at once."""
    held = ask(f"select regexp_matches(rpad('a', 20000, 'a') || '!', '{pattern}') as a")
    assert held.frame["a"].tolist() == [False]
    assert ask("select regexp_matches('aab', '^(a+)+b$') as a").frame["a"].tolist() == [True]


@pytest.mark.attack("A34")
def test_a_pattern_too_large_to_build_is_an_error_of_the_question(ask: Ask) -> None:
    with pytest.raises(CxError) as caught:
        ask("select regexp_matches('a', '((a{1000}){1000}){1000}') as a")
    assert caught.value.hint
    with pytest.raises(QueryError, match="took longer"):
        ask("select count(*) as a from range(1000000000) as t(i) where regexp_matches(md5(i::varchar), '(a.*b.*c){9}')")
    assert ask("select 1 as a").frame["a"].tolist() == [1]
