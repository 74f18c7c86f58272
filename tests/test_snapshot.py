"""A snapshot is what its manifest says, never changes under a reader, and a damaged one is named with its remedy."""

import json
import os
from datetime import date
from typing import TYPE_CHECKING

import pytest

from cx import snapshot
from cx.errors import DataError

if TYPE_CHECKING:
    from conftest import Company


def test_without_anything_published_there_is_no_snapshot(company: "Company") -> None:
    assert snapshot.current_id(company.data) == ""
    assert snapshot.current(company.data) is None


def test_a_snapshot_is_read_back_as_it_was_written(company: "Company") -> None:
    company.answers([{"score": 9, "region": "서울"}, {"score": 3, "responded_at": "2026-05-02T12:00:00+09:00"}])
    company.write("customers/a.parquet", [{"customer_id": "c1", "tier": "gold"}])
    written = company.publish().snapshot
    held = snapshot.current(company.data)
    assert held == written
    assert held is not None
    assert (held.rows("responses"), held.has("responses"), held.has("reviews"), held.rows("reviews")) == (
        2,
        True,
        False,
        0,
    )
    assert held.days("responses") == (date(2026, 3, 2), date(2026, 5, 2))
    assert held.days("customers") is None and held.days("reviews") is None
    assert held.as_of == date(2026, 5, 2)
    assert held.values["region"] == ("서울",)
    assert [part.month for part in held.parts["responses"]] == ["2026-03", "2026-05"]


def test_a_snapshot_that_a_reader_holds_does_not_change_when_another_is_published(company: "Company") -> None:
    company.scores(9)
    held = company.publish().snapshot
    files = {path: path.read_bytes() for path in [held.rollup_file, held.folder / "manifest.json"]}
    files |= {path: path.read_bytes() for path in held.parts_folder.iterdir()}
    company.scores(3, 4)
    assert company.publish().snapshot.id != held.id
    assert snapshot.open_snapshot(company.data, held.id) == held
    assert {path: path.read_bytes() for path in files} == files


def test_pointer_and_parts_are_replaced_whole_and_never_rewritten(company: "Company") -> None:
    """A reader that opened the old file, or a crash halfway, sees the old bytes."""
    company.scores(9)
    first = company.publish().snapshot
    pointer = snapshot.published(company.data) / "CURRENT"
    part = first.parts_folder / f"{first.parts['responses'][0].name}.duckdb"
    with pointer.open() as old_pointer, part.open("rb") as old_part:
        company.publish(again=True)
        assert old_pointer.read() == first.id != pointer.read_text()
        assert part.exists() and os.fstat(old_part.fileno()).st_ino != part.stat().st_ino


def test_days_and_as_of_are_those_of_answers_and_reviews(company: "Company") -> None:
    company.scores(9)
    company.write(
        "reviews/a.parquet", [{"review_id": "v", "reviewed_at": "2026-06-01T12:00:00Z", "brand": "A", "rating": 5.0}]
    )
    company.write(
        "events/a.parquet",
        [{"event_id": "e", "customer_id": "c", "occurred_at": "2026-07-01T12:00:00Z", "kind": "visit"}],
    )
    held = company.publish().snapshot
    assert held.as_of == date(2026, 6, 1)
    assert held.days("responses", "reviews", "events") == (date(2026, 3, 2), date(2026, 7, 1))


@pytest.mark.parametrize("content", ["", "{", '{"format": 0}', "[]", '{"format": 1}', "null"])
def test_a_damaged_manifest_is_named_with_its_remedy(company: "Company", content: str) -> None:
    company.scores(9)
    held = company.publish().snapshot
    (held.folder / "manifest.json").write_text(content)
    with pytest.raises(DataError) as caught:
        snapshot.current(company.data)
    assert held.id in caught.value.message and "--again" in caught.value.hint


def test_after_a_damaged_manifest_publishing_makes_a_whole_snapshot_again(company: "Company") -> None:
    company.scores(9)
    held = company.publish().snapshot
    (held.folder / "manifest.json").unlink()
    report = company.publish()
    assert report.changed
    assert snapshot.current(company.data) == report.snapshot


def test_a_pointer_to_nowhere_is_named(company: "Company") -> None:
    company.scores(9)
    company.publish()
    (snapshot.published(company.data) / "CURRENT").write_text("20200101T000000-gone")
    with pytest.raises(DataError, match="gone"):
        snapshot.current(company.data)
    assert company.publish().changed


def test_the_manifest_names_every_file_with_its_digest_rows_and_days(company: "Company") -> None:
    company.scores(9, 3, file="responses/3월.parquet")
    held = company.publish().snapshot
    (file,) = json.loads((held.folder / "manifest.json").read_text(encoding="utf-8"))["files"]
    assert (file["file"], file["table"], file["read"], file["kept"], file["months"]) == (
        "responses/3월.parquet",
        "responses",
        2,
        2,
        ["2026-03"],
    )
    assert (file["first"], file["last"], file["state"], file["source"]) == ("2026-03-02", "2026-03-02", "published", "")
    assert len(file["digest"]) == 24
