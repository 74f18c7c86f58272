"""Each guard of the gate matters: with one switched off, at least one attack is no longer refused by the gate."""

from collections.abc import Iterator
from typing import Any

import pytest
from test_gate import ATTACKS

from cx import gate
from cx.catalog import QUESTION_TABLES, SUMMED_TABLES
from cx.errors import QueryFileError
from cx.gate import judge, nodes


class Everything(frozenset[str]):
    """A list that holds whatever it is asked for."""

    def __contains__(self, _name: object) -> bool:
        return True


def refused() -> set[str]:
    """The attacks that the gate refuses now; a guard that falls may leave an error of another kind behind."""
    found = set()
    for number, attack, _twin in ATTACKS:
        try:
            gate.read(attack, QUESTION_TABLES, summed=SUMMED_TABLES)
        except QueryFileError:
            found.add(number)
        except (AttributeError, IndexError, KeyError, TypeError):
            continue
    return found


def without_one_select(text: str, file: str) -> frozenset[str]:
    return frozenset()


def first_statement(text: str, file: str) -> Any:
    row = nodes.PARSER.execute("select json_serialize_sql($text)", {"text": text}).fetchone()
    import json

    parsed = json.loads(row[0])
    return {"type": "SELECT_NODE"} if parsed["error"] else parsed["statements"][0]["node"]


def tables_of_any_name(self: Any, node: dict[str, Any], steps: frozenset[str]) -> None:
    self.tables.add(node["table_name"].lower())


GUARDS: dict[str, tuple[Any, dict[str, Any]]] = {
    "functions": (judge, {"FUNCTIONS": Everything()}),
    "table functions": (judge, {"TABLE_FUNCTIONS": Everything()}),
    "kinds of node": (judge, {"STRUCTURES": Everything()}),
    "one statement": (nodes, {"one_select": without_one_select, "parsed": first_statement}),
}


@pytest.fixture(autouse=True)
def _nothing_read_before() -> Iterator[None]:
    """What was let through while a guard was gone is not remembered."""
    gate.read.cache_clear()
    yield
    gate.read.cache_clear()


@pytest.mark.parametrize("guard", GUARDS)
def test_an_attack_comes_through_when_its_guard_is_gone(guard: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = refused()
    assert before == {number for number, _attack, _twin in ATTACKS}
    module, without = GUARDS[guard]
    for name, value in without.items():
        monkeypatch.setattr(module, name, value)
    assert refused() < before


def test_a_kind_of_expression_that_is_not_listed_is_refused_by_that_list_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """No attack is known that needs one; the list is there for those that a later DuckDB may bring."""
    with pytest.raises(QueryFileError, match="not allowed"):
        gate.read("select #1 from responses", QUESTION_TABLES)
    monkeypatch.setattr(judge, "EXPRESSIONS", Everything())
    gate.read("select #1 from responses", QUESTION_TABLES)


def test_a_table_of_any_name_comes_through_without_the_list_of_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    before = refused()
    monkeypatch.setattr(judge.Judge, "_table", tables_of_any_name)
    gone = before - refused()
    assert {number.partition("-")[0] for number in gone} & {"A2", "A3", "A19"}


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("select any_value(metric) as metric, tally(n, w, w2, wx, wx2) as figure from scores", "made up"),
        ("select 'nps' as metric, tally(n, w, w2, wx, wx2) as figure from scores", "made up"),
        ("select max(metric) as metric, tally(n, w, w2, wx, wx2) as figure from scores_before", "made up"),
        ("select avg(score) as a, sum(n) as n from scores", "takes a combination"),
        ("select median(score) over () as a from ratings", "takes a combination"),
        ("select channel, sum(n) as n from scores group by channel having avg(score) > 3", "takes a combination"),
        ("select * from (select avg(wx) as n from crossings)", "takes a combination"),
    ],
)
def test_what_would_mix_metrics_or_average_combinations_is_refused(sql: str, says: str) -> None:
    with pytest.raises(QueryFileError, match=says) as caught:
        gate.read(sql, QUESTION_TABLES, summed=SUMMED_TABLES)
    assert caught.value.hint and caught.value.line == 1


@pytest.mark.parametrize(
    "sql",
    [
        "select 'nps' as metric, tally(n, w, w2, wx, wx2) as figure from scores where metric = 'nps'",
        "select metric, tally(n, w, w2, wx, wx2) as figure from scores group by metric",
        "select count(*) as n, avg(score) as mean from responses",
        "select count(*) as combinations, sum(n) as n from scores",
        "with parts as (select channel, sum(n) as n from scores group by channel) select count(*) as k from parts",
        "select (select count(*) from responses) as k, sum(n) as n from scores",
    ],
)
def test_the_harmless_twins_of_these_are_read(sql: str) -> None:
    gate.read(sql, QUESTION_TABLES, summed=SUMMED_TABLES)


def test_every_attack_of_the_list_that_the_gate_can_see_is_tried() -> None:
    tried = {number.partition("-")[0] for number, _attack, _twin in ATTACKS}
    assert {f"A{number}" for number in range(1, 24)} <= tried
