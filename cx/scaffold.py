"""What the command line writes for analysts: new files that work at once, and a description of what there is."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from cx import catalog, gate, readers, scope
from cx.catalog import QUESTION_TABLES, TIMED, Catalog
from cx.errors import CxError, QueryError, nearest
from cx.readers import quoted
from cx.snapshot import Snapshot

KINDS = ("question", "metric", "source", "page")

QUESTION = """-- title: {{en: "{title}", ko: "{title}"}}
-- description: {{en: "Say here what it answers.", ko: "무엇에 답하는지 여기에 적습니다."}}
-- grain: one row per {by}
-- chart: {{kind: {chart}, x: {by}}}
-- tests:
--   - unique: [{by}]
select
    {by},
    tally(n, w, w2, wx, wx2) as figure,
from scores
where metric = '{metric}' and {by} is not null
group by {by}
order by {by}
"""

METRIC = """-- label: {{en: "{title}", ko: "{title}"}}
-- description: {{en: "Say here what it means.", ko: "무엇을 뜻하는지 여기에 적습니다."}}
-- variant: {{en: "top two of 1–5", ko: "5점 척도 상위 두 칸"}}
-- answers: {answers}
-- scale: [1, 5]
-- factor: 100
-- range: [0, 100]
-- unit: "%"
-- change_unit: {{en: "pp", ko: "%p"}}
-- interval: share
-- position: 50
select
    *,
    case when score >= 4 then 1 else 0 end as x,
from answers
"""

ROLES: Mapping[str, tuple[str, ...]] = {
    "response_id": ("response_id", "responseid", "answer_id", "id", "record_id", "respondent_id", "review_id", "no"),
    "responded_at": (
        "responded_at",
        "recordeddate",
        "enddate",
        "submitted_at",
        "created_at",
        "timestamp",
        "date",
        "day",
    ),
    "metric": ("metric", "question_type", "kind"),
    "score": ("score", "rating", "nps", "csat", "likelihood", "satisfaction", "stars", "value", "answer"),
    "customer_id": ("customer_id", "customer", "user_id", "member_id", "client_id"),
    "touchpoint": ("touchpoint", "step", "stage"),
    "channel": ("channel", "source_channel", "medium"),
    "unit_id": ("unit_id", "store", "branch", "site"),
    "weight": ("weight", "wt"),
    "comment": ("comment", "text", "body", "content", "feedback", "review", "verbatim", "document"),
}
"""Names that a column of the contract goes by in other systems, the likeliest first."""


def new(kind: str, name: str, queries: Path, known: Mapping[str, Any], files: Sequence[Path], data: Path) -> list[Path]:
    """Write a working file of a kind and return what was written; nothing is ever overwritten.

    `known` holds `by`, `metric`, `chart` and `metrics` (all there are).
    """
    parts = [readers_name(part) for part in name.removesuffix(".sql").split("/")]
    if not all(parts) or len(parts) > (2 if kind in ("question", "page") else 1):
        raise QueryError(f"“{name}” cannot be the name of a {kind}.", "Use letters, digits and _, such as late_orders.")
    title = parts[-1].replace("_", " ").capitalize()
    if kind == "metric":
        asked = next((metric for metric in known["metrics"]), parts[-1])
        written = {queries / "metrics" / f"{parts[-1]}.sql": METRIC.format(title=title, answers=asked)}
    elif kind == "source":
        written = {queries / "sources" / f"{parts[-1]}.sql": source_of(files, data)}
    else:
        filled = QUESTION.format(title=title, **{key: known[key] for key in ("by", "metric", "chart")})
        if kind == "page":
            folder = queries / "custom" / parts[0]
            page = f'title: {{en: "{title}", ko: "{title}"}}\nintro: ""\norder: 50\n'
            written = {folder / "page.yaml": page, folder / f"by_{known['by']}.sql": filled}
        else:
            written = {queries.joinpath("custom", *parts).with_suffix(".sql"): filled}
    for path in written:
        if path.exists():
            raise QueryError(f"There is a file {path.name} already.", "Choose another name; nothing was written.")
    for path, text in written.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return list(written)


def readers_name(text: str) -> str:
    """A part of a name if it is one word of letters, digits and underscores, else an empty text."""
    return text if text.isidentifier() else ""


def source_of(files: Sequence[Path], data: Path) -> str:
    """A proposed source for some files of one shape: what was recognised, and every guess marked as one."""
    if not files:
        raise QueryError("A source needs a file to look at.", "Write `cx new source NAME FILE…`.")
    first = files[0].resolve()
    if not first.is_file() or not first.is_relative_to(data.resolve()):
        raise QueryError(f"{files[0]} is no file inside {data}.", "Copy the files into a folder of their own there.")
    columns = _columns(first)
    lower = {column.lower().strip(): column for column in columns}
    found = {role: next((lower[name] for name in names if name in lower), "") for role, names in ROLES.items()}
    shown = first.relative_to(data.resolve())
    pattern = (shown.parent / f"*{shown.suffix}").as_posix() if len(files) > 1 else shown.as_posix()
    extra = [column for column in columns if column not in found.values()]
    lines = [
        "-- table: responses",
        f"-- files: {pattern}",
        f"-- reader: {'parquet' if shown.suffix == '.parquet' else 'json' if 'json' in shown.suffix else 'csv'}",
        "-- zone: Asia/Seoul",
        f'-- description: {{en: "Answers of {shown.parent.name}.", ko: "{shown.parent.name}의 응답입니다."}}',
        "",
        "-- guess: times without a zone are taken as Korean; set zone above.",
        "select",
    ]
    lines += _mapped(found)
    lines += [f"    {_name(column)}," for column in extra[:20]]
    lines += ["from raw", ""]
    return "\n".join(lines)


def _mapped(found: Mapping[str, str]) -> list[str]:
    """The columns of the contract, each with what it is guessed to be."""
    lines = []
    if found["response_id"]:
        lines.append(f"    cast({_name(found['response_id'])} as varchar) as response_id, -- guess")
    else:
        lines.append("    filename || '-' || row_number() over (partition by filename) as response_id, -- guess")
    when = found["responded_at"]
    lines.append(f"    {_name(when) if when else 'null'} as responded_at, -- guess{'' if when else ': no time found'}")
    metric, named = found["metric"], found["score"].lower()
    asked = named if named in ("nps", "csat", "ces") else "csat"
    lines.append(
        f"    {_name(metric)} as metric, -- guess" if metric else f"    '{asked}' as metric, -- guess: what was asked"
    )
    score = found["score"]
    lines.append(
        f"    try_cast({_name(score)} as double) as score, -- guess" if score else "    null as score, -- guess"
    )
    lines += [
        f"    cast({_name(found[role])} as varchar) as {role}, -- guess"
        for role in ("customer_id", "touchpoint", "channel", "unit_id", "comment")
        if found[role]
    ]
    if found["weight"]:
        lines.append(f"    try_cast({_name(found['weight'])} as double) as weight, -- guess")
    return lines


def _name(column: str) -> str:
    return column if column.isidentifier() and column == column.lower() else quoted(column)


def _columns(path: Path) -> list[str]:
    reader = {".parquet": "read_parquet", ".json": "read_json_auto", ".jsonl": "read_json_auto"}.get(
        path.suffix, "read_csv_auto"
    )
    with duckdb.connect() as connection:
        try:
            described = connection.execute(f"describe select * from {reader}({readers.literal(str(path))})").fetchall()
        except duckdb.Error as error:
            raise QueryError(
                f"{path.name} cannot be read: {str(error).splitlines()[0]}.", "Save it as CSV, JSON or Parquet."
            ) from error
    return [str(row[0]) for row in described]


# --- What there is -----------------------------------------------------------------------------------


def schema(topic: str, held: Snapshot | None, files: Catalog) -> dict[str, Any]:
    """What an analyst can write: `header`, `functions`, one table, or tables, metrics and segments together."""
    if topic == "header":
        return header_reference()
    if topic == "functions":
        return {
            "macros": {"tally(n, w, w2, wx, wx2)": "a figure of its five sums"},
            "functions": sorted(gate.FUNCTIONS),
        }
    if held is None:
        raise CxError("Nothing has been published yet.", "Run `python -m cx publish` first.")
    if topic:
        if topic not in QUESTION_TABLES:
            raise QueryError(f"There is no table “{topic}”.", nearest(topic, {*QUESTION_TABLES, "header", "functions"}))
        return {topic: _described(held, topic)}
    plain = sorted(name for name in QUESTION_TABLES if not scope.twin(name)[2])
    return {
        "tables": {name: _described(held, name) for name in plain},
        "twins": "scores_before, scores_year … hold the comparison window and the same dates a year ago",
        "metrics": {
            name: {"label": metric.label["en"], "variant": metric.variant["en"], "table": metric.table}
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
    found = {}
    for column in scope.columns(held, table):
        examples = ", ".join(held.values.get(column, ())[:3])
        kind = types.get(column, "varchar")
        found[column] = f"{kind} ({examples})" if examples and name not in ("customers",) else kind
    if name in TIMED:
        found["day"] = "date"
    return found


def header_reference() -> dict[str, Any]:
    """Every key of every kind of header, as the catalog knows them."""
    return {
        "question": catalog.QUESTION_KEYS,
        "chart": catalog.CHART_KEYS,
        "params": catalog.PARAM_KEYS,
        "tests": catalog.TEST_KEYS,
        "analysis": catalog.ANALYSES,
        "finding": list(catalog.FINDINGS),
        "page.yaml": catalog.PAGE_KEYS,
        "metric": catalog.METRIC_KEYS,
        "source": catalog.SOURCE_KEYS,
    }


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
