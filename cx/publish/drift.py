"""Drift: how exports and what is published of them differ from what came before.

Rows per month, columns that came, went or hold nothing more often, and the quality of one publication after the other.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cx import contract
from cx.errors import counted
from cx.intake import FEW_VALUES, File
from cx.publish.admission import Checked
from cx.publish.part_files import PartFiles, Parts, as_texts
from cx.publish.recall import Recall
from cx.quoting import quoted
from cx.snapshot import Snapshot

FEWEST, MOST_EARLIER, MORE_EMPTY = 30, 30, 0.2
"""A column is said to be emptier than before where its share of empty rows rose by a fifth, in a file of thirty rows
or more, against up to thirty files before it."""
TOLD_APART = frozenset("metric brand source survey wording_version product version language country".split())
"""Columns of which each file may well have values of its own: a file per shop, per survey, per release."""
MOST_SHOWN = 4
SMALLER_FEWEST, HALF, SMALLER = 20, 0.5, 0.95
"""A file of twenty rows or more is held where it comes again with less than half of them, and noted below 95 %."""
LONGEST_HISTORY = 100
"""So many publications are remembered for the trend of the data's quality."""


def note_emptier(files: Iterable[File], checked: Checked, previous: Snapshot | None) -> None:
    """Note columns of newly read files that hold nothing far more often than in the files before them."""
    earlier: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for entry in previous.files if previous else ():
        if entry["state"] == "published" and entry.get("empty") and entry["read"]:
            earlier.setdefault((entry["table"], entry["source"]), []).append(dict(entry))
    for file in files:
        source = file.source_name
        if file.state != "published" or file.read < FEWEST or (file.shown, source) not in checked:
            continue
        before = [one for one in earlier.get((file.table, source), [])[-MOST_EARLIER:] if one["file"] != file.shown]
        for name, number in file.empty.items():
            with_it = [one for one in before if name in one["empty"]]
            rows = sum(one["read"] for one in with_it)
            if rows < FEWEST:
                continue
            usual, now = sum(one["empty"][name] for one in with_it) / rows, number / file.read
            if now - usual > MORE_EMPTY:
                file.notes.append(
                    f"The column “{name}” is empty in {now:.0%} of its rows, {usual:.0%} in the files before it."
                )


def note_renamed(files: Iterable[File], checked: Checked, previous: Snapshot | None) -> None:
    """Note columns of newly read files none of whose values stood in the files before them: perhaps the same ones in
    another language."""
    earlier: dict[tuple[str, str], dict[str, set[str]]] = {}
    for file in files:
        kind = (file.table, file.source_name)
        if file.state != "published" or (file.shown, file.source_name) not in checked:
            continue
        first = kind not in earlier
        before = earlier.setdefault(kind, {})
        for column, values in file.values.items():
            if column in TOLD_APART or column.endswith("_id"):
                continue
            published = previous.values.get(column, ()) if previous and first else ()
            there = before.setdefault(column, {*published})
            if min(len(there), len(values)) > 1 and len(there) <= FEW_VALUES and not there & {*values}:
                now, then = _some(values), _some(there)
                file.notes.append(
                    f"None of the values of “{column}” ({now}) stood in the files before it ({then}). "
                    "Where they are the same in another language, make them one in a source."
                )
            there |= {*values}


def _some(values: Iterable[str]) -> str:
    """Some values in their order, the first of them."""
    ordered = sorted(values)
    return ", ".join(ordered[:MOST_SHOWN]) + (" …" if len(ordered) > MOST_SHOWN else "")


def hold_smaller(files: Iterable[File], checked: Checked, recall: Recall, *, release: bool) -> None:
    """Set a file aside that comes again with less than half its rows and nothing newer; note one that lost some.

    It was probably cut off at the end of a row, which nothing in the file itself tells. A source that changed may
    leave rows out on purpose, and a file of the current month begins anew.
    """
    for file in files:
        before = recall.before(file)
        if file.state != "published" or (file.shown, file.source_name) not in checked or not before:
            continue
        same_rules = str(before["input"]).rpartition(":")[0] == recall.input(file).rpartition(":")[0]
        if before["state"] not in ("published", "kept") or before["kept"] < SMALLER_FEWEST or not same_rules:
            continue
        if file.read < HALF * before["kept"] and file.last <= before["last"] and not release:
            file.state = "refused"
            file.reason = (
                f"It has {counted(file.read, 'row')} and nothing newer, {before['kept']:,} were published of it "
                "before: it was probably cut off."
            )
            file.hint = "Export it again. `python -m cx publish --release` publishes it as it is."
        elif file.read < SMALLER * before["kept"]:
            file.notes.append(f"It has {counted(file.read, 'row')}, {before['kept']:,} were published of it before.")


def columns(files: Iterable[File], checked: Checked, recall: Recall) -> list[dict[str, Any]]:
    """Columns that newly read files have or lack against the file of the same kind before them."""
    found: dict[tuple[str, str], tuple[set[str], set[str]]] = {}
    last: dict[tuple[str, str], set[str]] = {}
    for file in files:
        kind, before = (file.table, file.source_name), recall.before(file)
        given = {*file.given, *file.header}
        if file.state != "published" or not given:
            continue
        # Of a file that was refused before it was opened nothing is known that could have changed.
        known = before and before["given"]
        earlier = {*before["given"], *before.get("header", file.header)} if before and known else last.get(kind)
        if earlier and (file.shown, file.source_name) in checked:
            new, lost = found.setdefault(kind, (set(), set()))
            # A column is the same however it is capitalised: questions and sources read it so.
            now, then = ({name.lower() for name in names} for names in (given, earlier))
            new |= {name for name in given if name.lower() not in then}
            lost |= {name for name in earlier if name.lower() not in now}
        last[kind] = given
    return [
        {"table": table, "source": source, "new": sorted(new), "lost": sorted(lost)}
        for (table, source), (new, lost) in sorted(found.items())
        if new or lost
    ]


def changes(parts: Parts, previous: Snapshot | None, part_files: PartFiles) -> list[dict[str, Any]]:
    """Rows added, restated and removed per table and month, against the snapshot before."""
    if not previous:
        return []
    before = {
        (table, part.month): [one for one in held if one.month == part.month]
        for table, held in previous.parts.items()
        for part in held
    }
    after: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for table, entries in parts.items():
        for entry in entries:
            after.setdefault((table, entry["month"]), []).append(entry)
    found = []
    for key in sorted(before.keys() | after.keys()):
        old = {part.name: part.rows for part in before.get(key, [])}
        new = {entry["name"]: entry["rows"] for entry in after.get(key, [])}
        if old.keys() <= new.keys() or new.keys() <= old.keys():
            counted = (sum(new[name] for name in new.keys() - old), 0, sum(old[name] for name in old.keys() - new))
        else:
            counted = _difference(key[0], sorted(old.keys() - new), sorted(new.keys() - old), part_files)
        if any(counted):
            found.append(dict(zip(("table", "month", "added", "restated", "removed"), (*key, *counted), strict=True)))
    return found


def history(manifest: Mapping[str, Any], previous: Snapshot | None) -> list[dict[str, Any]]:
    """The quality of the snapshots before, and of this one."""
    entries = manifest["files"]
    changed = manifest["changes"]
    now = {
        "at": manifest["created_at"],
        "files": len(entries),
        "refused": sum(entry["state"] != "published" for entry in entries),
        "read": sum(entry["read"] for entry in entries),
        "aside": sum(entry["read"] - (entry["kept"] if entry["state"] == "published" else 0) for entry in entries),
        "added": sum(change["added"] for change in changed),
        "restated": sum(change["restated"] for change in changed),
        "seconds": manifest["seconds"],
    }
    before = previous.history if previous else ()
    return [*map(dict, before[1 - LONGEST_HISTORY :]), now]


def _difference(table: str, old: Sequence[str], new: Sequence[str], part_files: PartFiles) -> tuple[int, int, int]:
    """How many rows of some parts are not in others, are there with other values, and are there only."""
    connection = part_files.connection
    there: list[set[str]] = []
    for name in (*old, *new):
        part_files.attach(name)
        there.append({row[0] for row in connection.execute(f"describe {quoted(name)}.rows").fetchall()})
    shared = sorted(set.intersection(*there) - {"cx_file", "cx_source"})
    key = contract.TABLES[table].key
    identity = [name for name in shared if name in key] + (["cx_source"] if contract.TABLES[table].time else [])

    def hashed(names: Sequence[str]) -> str:
        pieces = " union all ".join(
            f"select hash({as_texts(identity)}) as id, hash({as_texts(shared)}) as content from {quoted(name)}.rows"
            for name in names
        )
        return f"({pieces})"

    counted = connection.execute(
        "select count_if(old.id is null), count_if(old.id is not null and new.id is not null and "
        f"old.content <> new.content), count_if(new.id is null) from {hashed(old)} as old "
        f"full join {hashed(new)} as new on old.id = new.id"
    ).fetchone()
    return (counted[0], counted[1], counted[2]) if counted else (0, 0, 0)
