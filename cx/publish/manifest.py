"""The manifest: what a snapshot tells of itself, put together from its parts, and the lists that lie beside it."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from cx import contract, erasure, naming, scope, sentiment, snapshot, texts, themes
from cx.catalog import Metric
from cx.errors import counted, nearest
from cx.intake import INCOMING, File
from cx.publish.admission import Checked
from cx.publish.dictionaries import Dictionaries
from cx.publish.half_days import Held
from cx.publish.part_files import STEPS, Counts, PartFiles, Parts
from cx.publish.recall import Recall
from cx.publish.run import Run
from cx.quoting import literal
from cx.tokens import Tokeniser

TOLD = ("file", "source", "state", "digest", "problems", "reason")
"""What a manifest says of a file, by which snapshots are told apart."""
MOST_ASIDE = 100_000
"""So many rows that were set aside are listed one by one, whatever their files; all are counted."""
DAYS = pa.schema(
    [
        ("table", pa.string()),
        ("source", pa.string()),
        ("file", pa.string()),
        ("day", pa.date32()),
        ("rows", pa.int64()),
    ]
)


def compose(
    run: Run,
    *,
    files: Sequence[Mapping[str, Any]],
    parts: Parts,
    counted: Counts,
    segments: Mapping[str, Mapping[str, int]],
    values: Mapping[str, Sequence[str]],
    labels: Mapping[str, Any],
    dictionaries: Dictionaries,
    held: Held,
    notes: Iterable[str],
    state: str,
    digest: str,
) -> dict[str, Any]:
    """A manifest without what is still to be made of its parts; `digest` names what it holds."""
    now = datetime.now(UTC)
    answered = counted.get("responses", {})
    return {
        "format": snapshot.FORMAT,
        "id": f"{now:%Y%m%dT%H%M%S%f}-{digest}",
        "created_at": now.isoformat(timespec="seconds"),
        "time_zone": run.settings.time_zone,
        "lineage": dictionaries.lineage,
        "parts": parts,
        "codes": dictionaries.codes,
        "uncoded": sorted(dictionaries.uncoded),
        "segments": segments,
        "values": values,
        "labels": labels,
        "files": files,
        "notes": [*notes, *_unknown_metrics(run.metrics, answered.get("metric", {})), *_spelled_alike(values)],
        "journey_metrics": list(answered.get(STEPS, {})),
        "state": state,
        "held": held.days,
        "released": sorted(held.released),
        "replaced": {table: sum(part["replaced"] for part in entries) for table, entries in parts.items()},
        "erased": erasure.digest(run.customers),
    }


def digest_of(
    run: Run,
    *,
    files: Iterable[Mapping[str, Any]],
    parts: Parts,
    held: Held,
    sound: Mapping[str, Metric],
    broken: Iterable[str],
    mentioned: Iterable[tuple[str, tuple[str, ...]]],
    unknown: Iterable[str],
) -> str:
    """Names what a snapshot holds: two of the same name answer every question alike, and say the same of their files.

    `sound` are the metrics that can be measured, `broken` the metrics and sources that cannot be used, `unknown` is
    what is said of names in the settings.
    """
    content = [
        snapshot.FORMAT,
        sorted(part["name"] for table in parts.values() for part in table),
        sorted((metric.name, metric.digest) for metric in sound.values()),
        sorted(broken),
        run.settings.time_zone,
        run.settings.brand,
        sorted(json.dumps(_told(entry), default=str) for entry in files),
        sorted(mentioned),
        sorted((one["table"], one["source"], one["day"]) for one in held.days),
        erasure.digest(run.customers),
        [Tokeniser().version, sentiment.version(), themes.digest(run.catalog.folders)],
        [naming.given(run.settings), texts.RULES],
        [*unknown, *sorted(themes.misnamed(run.catalog.folders))],
    ]
    return hashlib.sha256(json.dumps(content, default=str).encode()).hexdigest()[:10]


def _told(entry: Mapping[str, Any]) -> list[Any]:
    """What is said of a file, but for how long something has been so that passes."""
    named = ("file", "source", "state", "digest", "problems") if entry["passing"] else TOLD
    return [entry[name] for name in named]


def described(files: Iterable[File], recall: Recall) -> list[dict[str, Any]]:
    """What a manifest keeps of the files, each with the name of the rows it gives."""
    return [{**file.entry(), "input": recall.input(file)} for file in files]


def filters(parts: Parts, counted: Counts) -> tuple[dict[str, dict[str, int]], dict[str, list[str]]]:
    """Segment columns per table with their number of values, and the values of every filter column."""
    segments: dict[str, dict[str, int]] = {}
    values: dict[str, dict[str, int]] = {}
    for table, entries in parts.items():
        definition = contract.TABLES[table]
        extras = dict.fromkeys(
            name
            for entry in entries
            for name in entry["columns"]
            if not definition.column(name) and not name.startswith("cx_") and name != "day"
        )
        segments[table] = {} if table in counted else dict.fromkeys(extras, 0)
        for column, counts in counted.get(table, {}).items():
            if column == STEPS:
                continue
            if column in extras:
                if len(counts) > scope.MOST_VALUES:
                    continue
                segments[table][column] = len(counts)
            total = values.setdefault(column, {})
            for value, n in list(counts.items())[: scope.MOST_VALUES]:
                total[value] = total.get(value, 0) + n
        segments[table] = {name: segments[table][name] for name in extras if name in segments[table]}
    return segments, {
        column: sorted(counts, key=lambda value: (-counts[value], value)) for column, counts in values.items()
    }


def labels_of(parts: Parts, part_files: PartFiles) -> dict[str, dict[str, dict[str, str]]]:
    """The labels of touchpoints and units that exports brought, per column and value."""
    connection = part_files.connection
    labels: dict[str, dict[str, dict[str, str]]] = {}
    for table, column in (("touchpoints", "touchpoint"), ("units", "unit_id")):
        for part in parts.get(table, ()):
            connection.execute(
                f"attach if not exists {literal(str(part_files.path(part['name'])))} as part (read_only)"
            )
            wanted = [name for name in ("label_en", "label_ko") if name in part["columns"]]
            for value, *given in connection.execute(
                f"select {', '.join([column, *wanted])} from part.rows "
                f"order by {'position' if table == 'touchpoints' else column}"
            ).fetchall():
                named = {name[-2:]: text for name, text in zip(wanted, given, strict=True) if text}
                if named:
                    labels.setdefault(column, {})[value] = named
            connection.execute("detach part")
    return labels


def draft(manifest: Mapping[str, Any], folder: Path) -> snapshot.Snapshot:
    """The snapshot as far as it stands, for what is to be made of its parts."""
    parts = {
        table: tuple(
            snapshot.Part(
                part["name"],
                part["month"],
                part["rows"],
                date.fromisoformat(part["first"]) if part["first"] else None,
                date.fromisoformat(part["last"]) if part["last"] else None,
                part["columns"],
                inputs=tuple(part["inputs"]),
            )
            for part in entries
        )
        for table, entries in manifest["parts"].items()
    }
    return snapshot.Snapshot(
        id=manifest["id"],
        folder=folder,
        created_at=datetime.now(UTC),
        time_zone=manifest["time_zone"],
        lineage=manifest["lineage"],
        parts=parts,
        sums=(),
        rollups=(),
        codes={column: tuple(values) for column, values in manifest["codes"].items()},
        uncoded=frozenset(manifest["uncoded"]),
        segments=manifest["segments"],
        values={column: tuple(values) for column, values in manifest["values"].items()},
        labels={},
        files=(),
    )


def _meant(name: str, known: Iterable[str]) -> str:
    """The metric that was probably meant; nothing where none is near."""
    hint = nearest(name, known)
    return f" {hint}" if hint.startswith("Did you mean") else ""


def _unknown_metrics(metrics: Mapping[str, Metric], answers: Mapping[str, int]) -> list[str]:
    """Notes of the metrics that answers name and no file defines."""
    known = {metric.answers for metric in metrics.values() if metric.table == "responses"}
    return [
        f"The metric “{name}” has {counted(number, 'answer')} but no file queries/metrics/{name}.sql, "
        f"so no page shows it.{_meant(name, known)}"
        for name, number in answers.items()
        if name not in known
    ]


def _spelled_alike(values: Mapping[str, Sequence[str]]) -> list[str]:
    """Notes of columns with values that are probably one: capitals and blanks tell them apart."""
    told = []
    for column, published in values.items():
        alike: dict[str, list[str]] = {}
        for value in published:
            alike.setdefault("".join(value.split()).casefold(), []).append(value)
        if several := [spellings for spellings in alike.values() if len(spellings) > 1]:
            one, other = several[0][:2]
            number = sum(map(len, several))
            told.append(
                f"{number:,} values of “{column}” differ from another in capitals or blanks only and count apart, "
                f"such as “{one}” and “{other}”. "
                "If they are one, write them alike in a source, with upper(…) or replace(…)."
            )
    return told


# --- what lies beside it ----------------------------------------------------------------------------------------


def list_aside(
    connection: duckdb.DuckDBPyConnection,
    files: Iterable[File],
    checked: Checked,
    before: snapshot.Snapshot | None,
    target: Path,
) -> None:
    """Write the rows that were set aside: those of this run, and those of files that are as they were.

    `before` is the snapshot before, if its texts were masked in the same way.
    """
    rows = f"select * from {INCOMING}.set_aside"
    known: dict[str, list[str]] = {}
    if before and before.aside_file.exists():
        own = [(file.shown, file.source_name) for file in files]
        unread = [one for one in own if one not in checked]
        known = {"files": [name for name, _ in unread], "sources": [source for _, source in unread]}
        rows += (
            f" union all by name select * from read_parquet({literal(str(before.aside_file))}) "
            "semi join (select unnest($files::varchar[]) as file, unnest($sources::varchar[]) as source) "
            "using (file, source)"
        )
    connection.execute(
        f'create or replace temp table listed as from ({rows}) order by file, rule, "row" limit {MOST_ASIDE}', known
    )
    connection.execute(f"copy listed to {literal(str(target / 'set_aside.parquet'))}")


def list_days(files: Sequence[File], checked: Checked, before: snapshot.Snapshot | None, target: Path) -> None:
    """Write how many rows each file brought for each day: of this run, and of files that are as they were."""
    read = [file for file in files if file.state == "published" and (file.shown, file.source_name) in checked]
    rows: dict[str, list[Any]] = {name: [] for name in DAYS.names}
    for file in read:
        rows["table"] += [file.table] * len(file.days)
        rows["source"] += [file.source_name] * len(file.days)
        rows["file"] += [file.shown] * len(file.days)
        rows["day"] += file.days.keys()
        rows["rows"] += file.days.values()
    found = pa.table(rows, DAYS)
    if before and before.days_file.exists():
        unread = {f"{file.source_name}\n{file.shown}" for file in files} - {
            f"{file.source_name}\n{file.shown}" for file in read
        }
        known = pq.read_table(before.days_file, schema=DAYS)
        named = pc.binary_join_element_wise(known["source"], known["file"], "\n")
        found = pa.concat_tables([known.filter(pc.is_in(named, pa.array(sorted(unread), pa.string()))), found])
    pq.write_table(found.combine_chunks(), target / "days.parquet")
