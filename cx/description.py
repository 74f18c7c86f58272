"""What an analyst can write: tables, columns, metrics, segments, header keys and functions, as text or JSON."""

import json
from collections.abc import Mapping
from typing import Any

from cx import gate, reference, scope, settings, themes
from cx.catalog import QUESTION_TABLES, SPOKEN, TIMED, Catalog
from cx.errors import CxError, QueryError, nearest
from cx.snapshot import Snapshot


def schema(topic: str, held: Snapshot | None, files: Catalog, language: str = "en") -> dict[str, Any]:
    """What an analyst can write: `header`, `functions`, one table, or tables, metrics and segments together."""
    if topic == "header":
        return header_reference(language)
    if topic == "functions":
        macros = {entry.example or name: entry.told(language) for name, entry in reference.MACROS.items()}
        return {"macros": macros, "functions": sorted(gate.FUNCTIONS)}
    if held is None:
        raise CxError("Nothing has been published yet.", "Run `python -m cx publish` first.")
    if topic:
        if topic not in QUESTION_TABLES:
            raise QueryError(
                f"There is no table “{topic}”.", nearest(topic, {*QUESTION_TABLES, "header", "functions", "reference"})
            )
        return {topic: _described(held, topic)}
    plain = sorted(name for name in QUESTION_TABLES if not scope.twin(name)[2])
    return {
        "tables": {name: _described(held, name) for name in plain},
        "twins": reference.TWINS[language == "ko"],
        "metrics": {
            name: {"label": metric.label[language], "variant": metric.variant[language], "table": metric.table}
            for name, metric in files.metrics().items()
        },
        "segments": {
            column: {"values": len(held.values.get(column, ())), "examples": list(held.values.get(column, ())[:4])}
            for column in scope.present(held)
        },
    }


def _described(held: Snapshot, table: str) -> dict[str, str]:
    """Columns of a table with their type, and examples where they are values one filters by, never single answers."""
    types: dict[str, str] = {"day": "date", "score": "double", "n": "bigint"} | dict.fromkeys(
        ("w", "w2", "wx", "wx2"), "double"
    )
    name = scope.twin(table)[0]
    for part in held.parts.get(name, ()):
        types.update({column: kind.lower() for column, kind in part.columns.items()})
    types.update(scope.COMMENT_COLUMNS if name in SPOKEN else {})
    found = {}
    for column in scope.columns(held, table):
        examples = ", ".join(held.values.get(column, ())[:3])
        if column == "theme":
            examples = ", ".join(sorted(held.labels.get("theme", {})))
        kind = types.get(column, "varchar")
        found[column] = f"{kind} ({examples})" if examples and name not in ("customers",) else kind
    if name in TIMED:
        found["day"] = "date"
    return found


def header_reference(language: str) -> dict[str, Any]:
    """Every key of every kind of header, as the catalog knows them."""
    return {
        kind: {name: entry.told(language) for name, entry in entries.items()}
        for kind, entries in reference.HEADERS.items()
    }


def document(language: str) -> str:
    """The reference as Markdown: docs/reference.en.md and docs/reference.ko.md."""
    shipped = themes.load((settings.PROJECT / "queries",)).working
    return reference.document(language, gate.FUNCTIONS, {one.name: one.label for one in shipped})


def told(described: Mapping[str, Any], *, as_json: bool) -> str:
    """A description as indented text or as JSON."""
    if as_json:
        return json.dumps(described, ensure_ascii=False, indent=1)
    lines: list[str] = []

    def add(value: Any, indent: str) -> None:
        for key, inner in value.items():
            if isinstance(inner, Mapping):
                lines.append(f"{indent}{key}")
                add(inner, indent + "  ")
            else:
                shown = ", ".join(map(str, inner)) if isinstance(inner, list | tuple) else inner
                lines.append(f"{indent}{key}: {shown}")

    add(described, "")
    return "\n".join(lines)
