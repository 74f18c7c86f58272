"""The contract is whole: keys, times and required columns name columns, and the tables of the plan are all there."""

import pytest

from cx import contract
from cx.errors import DataError

REQUIRED = {  # as the design promises them to whoever writes an export
    "responses": {"response_id", "responded_at", "metric", "score"},
    "reviews": {"review_id", "reviewed_at", "brand", "rating"},
    "customers": {"customer_id"},
    "events": {"event_id", "customer_id", "occurred_at", "kind"},
    "invitations": {"invitation_id", "sent_at"},
    "touchpoints": {"touchpoint", "position"},
    "units": {"unit_id"},
    "targets": {"metric", "value"},
    "benchmarks": {"source", "year", "company", "value"},
    "actions": {"action_id", "title", "started_at"},
    "calendar": {"day", "label"},
}


def test_the_contract_has_the_promised_tables_with_their_required_columns() -> None:
    assert {name: set(table.required) for name, table in contract.TABLES.items()} == REQUIRED


@pytest.mark.parametrize("table", contract.TABLES.values(), ids=lambda table: table.name)
def test_key_time_and_either_name_columns_of_their_table(table: contract.Table) -> None:
    named = {*table.key, *table.either, *([table.time] if table.time else [])}
    assert named <= set(table.names)
    assert len(set(table.names)) == len(table.names)
    assert table.key, "a re-exported row could not be told from a new one"


@pytest.mark.parametrize("table", contract.TABLES.values(), ids=lambda table: table.name)
def test_the_column_that_makes_months_is_a_required_timestamp(table: contract.Table) -> None:
    if table.time:
        column = table.column(table.time)
        assert column is not None and column.type == "timestamp" and column.required


@pytest.mark.parametrize("table", contract.TABLES.values(), ids=lambda table: table.name)
def test_every_table_and_column_says_what_it_means(table: contract.Table) -> None:
    assert table.meaning
    assert all(column.meaning and column.type in contract.SQL_TYPES for column in table.columns)


def test_a_column_that_is_not_in_the_contract_is_none() -> None:
    assert contract.table("responses").column("mood") is None


def test_a_table_that_does_not_exist_names_the_nearest() -> None:
    with pytest.raises(DataError, match="“response”") as caught:
        contract.table("response")
    assert "responses" in caught.value.hint
