"""New files for analysts: questions, pages and metrics that work at once, made of what the company has."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from cx import catalog, contract, scope, words
from cx.catalog import Catalog, Metric
from cx.errors import QueryError, counted, nearest
from cx.proposal import Preview, preview, source_text, sql_name, told, yaml_plain, yaml_text
from cx.quoting import literal
from cx.readers import ignored, kind_of
from cx.settings import Settings
from cx.snapshot import Snapshot

KINDS = ("question", "metric", "source", "page")
ROOMS = {"question": "custom", "page": "custom", "metric": "metrics", "source": "sources"}
TAKES = {"question": ("by", "metric", "chart"), "page": ("by", "metric", "chart"), "metric": ("metric",), "source": ()}
"""The options that a kind follows."""

NEXT = {
    "question": "Next: `python -m cx query {name}`; Explore shows it. Then change its title and its SQL.",
    "page": "Next: open the dashboard; the page stands under “Our pages”. Each further file in the folder is a card.",
    "metric": "Next: say in it what it means, then `python -m cx publish`; the metric is in every list then.",
    "source": "Next: look at every line marked `guess`, then `python -m cx publish` says what it read and set aside.",
}

# --- Questions and pages -----------------------------------------------------------------------------

ROWS = """select
    {by},
    tally(n, w, w2, wx, wx2) as figure,
from {table}
where metric = {metric} and {by} is not null
group by {by}
order by {by}
"""

MONTHS = """select
    date_trunc('month', day) as period,
    {by},
    tally(n, w, w2, wx, wx2) as figure,
from {table}
where metric = {metric} and {by} is not null
group by all
order by period, {by}
"""

WHOLE = """select
    date_trunc('month', day) as period,
    tally(n, w, w2, wx, wx2) as figure,
from {table}
where metric = {metric}
group by all
order by period
"""

BEFORE = """with present as (
    select
        {by},
        tally(n, w, w2, wx, wx2) as figure,
    from {table}
    where metric = {metric} and {by} is not null
    group by {by}
),

earlier as (
    select
        {by},
        tally(n, w, w2, wx, wx2) as figure,
    from {table}_before
    where metric = {metric} and {by} is not null
    group by {by}
)

select
    coalesce(present.{by}, earlier.{by}) as {by},
    present.figure,
    earlier.figure as figure_before,
from present
full join earlier on present.{by} = earlier.{by}
order by {by}
"""

PARTS = """select
    {by},
    score,
    sum(n)::bigint as answers,
    sum(sum(n)) over (partition by {by})::bigint as base,
from {table}
where metric = {metric} and {by} is not null
group by {by}, score
order by {by}, score
"""


@dataclass(frozen=True)
class Shape:
    """How one kind of chart begins: its SQL, its header lines and its title."""

    body: str
    chart: str
    en: str
    ko: str
    grain: str = "one row per {by}"
    unique: str = "{by}"
    extra: tuple[str, ...] = ()


SHAPES = {
    "bar": Shape(ROWS, "x: {by}", "{metric} by {by}", "{by}별 {metric}"),
    "table": Shape(ROWS, "", "{metric} by {by}", "{by}별 {metric}"),
    "line": Shape(
        MONTHS,
        "x: period, color: {by}",
        "{metric} by {by} and month",
        "{by}별 {metric} 추이",
        "one row per month and {by}",
        "period, {by}",
        ("window: 12 months",),
    ),
    "heatmap": Shape(
        MONTHS,
        "x: period, color: {by}",
        "{metric} by {by} and month",
        "{by}별, 월별 {metric}",
        "one row per month and {by}",
        "period, {by}",
        ("window: 12 months",),
    ),
    "stacked": Shape(
        PARTS,
        "x: {by}, color: score, y: answers",
        "{metric}: scores by {by}",
        "{by}별 {metric} 점수 구성",
        "one row per {by} and score",
        "{by}, score",
    ),
    "change": Shape(
        BEFORE, "x: {by}", "Change of {metric} by {by}", "{by}별 {metric} 변화", extra=("finding: change",)
    ),
    "waterfall": Shape(
        BEFORE,
        "x: {by}",
        "What moved {metric}: by {by}",
        "{metric} 변화를 만든 것: {by}별",
        extra=("analysis: contributions", "finding: explained"),
    ),
    "funnel": Shape(
        ROWS,
        "x: {by}, label: {by}",
        "{metric} by {by}, within what chance does",
        "{by}별 {metric}: 우연의 범위",
        extra=("analysis: ranking", "finding: outliers"),
    ),
}
"""The kinds of chart that a question can begin with; the first two need nothing but a column."""
OVER_TIME = Shape(
    WHOLE,
    "x: period",
    "{metric} by month",
    "월별 {metric}",
    "one row per month",
    "period",
    ("window: 12 months",),
)


@dataclass(frozen=True)
class Known:
    """What is known about a company when a file is written for it."""

    data: Path
    files: Catalog
    settings: Settings
    held: Snapshot | None = None

    def answered(self) -> list[Metric]:
        """The metrics that something was published for, all where nothing was."""
        metrics = list(self.files.metrics().values())
        held = self.held
        if held is None:
            return metrics
        asked = held.values.get("metric", ())
        found = [one for one in metrics if held.has(one.table) and (one.table != "responses" or one.answers in asked)]
        return found or metrics

    def dimensions(self, metric: Metric) -> list[str]:
        """The columns that split a metric's answers and hold more than nothing, few values first named."""
        held = self.held
        if held is None:
            return ["channel"]
        own = {
            "responses": scope.RESPONSE_DIMENSIONS,
            "reviews": (*(() if self.settings.brand else ("brand",)), *scope.REVIEW_DIMENSIONS),
            "invitations": scope.INVITATION_DIMENSIONS,
        }[metric.table]
        also = () if metric.table == "reviews" else held.segments.get("customers", {})
        every = dict.fromkeys((*own, *held.segments.get(metric.table, {}), *also))
        filled = [column for column in every if held.values.get(column)]
        return sorted(filled, key=lambda column: not 2 <= len(held.values[column]) <= scope.MOST_CROSSED)

    def label(self, column: str, language: str) -> str:
        """What a column is called in a title."""
        named = self.settings.column_labels.get(column, {}).get(language)
        return named or words.column_label(column, "ko" if language == "ko" else "en")


def new(kind: str, name: str, options: Mapping[str, str], files: Sequence[Path], known: Known) -> list[Path]:
    """Write a working file of a kind into the data folder's own `queries/` and return what was written.

    `options` may hold `by`, `metric` and `chart`. Nothing is ever overwritten or shadowed.
    """
    room = ROOMS[kind]
    parts = name.removesuffix(".sql").removeprefix(f"{room}/").split("/")
    if not all(part.isidentifier() for part in parts) or len(parts) > (2 if kind == "question" else 1):
        raise QueryError(f"“{name}” cannot be the name of a {kind}.", "Use letters, digits and _, such as late_orders.")
    if files and kind != "source":
        raise QueryError(f"A {kind} takes no file: {files[0]}.", "Leave it out; only a source looks at files.")
    unused = [key for key, value in options.items() if value and key not in TAKES[kind]]
    if unused:
        raise QueryError(f"A {kind} has no --{unused[0]}.", "Leave it out.")
    folder = known.data / "queries" / room
    title = _title(parts[-1])
    if kind == "metric":
        written = {"/".join(parts): metric_text(parts[-1], options.get("metric", ""), known)}
    elif kind == "source":
        written = {"/".join(parts): source_text(files, known.data, known.settings, known.files.metrics())}
    elif kind == "question":
        written = {"/".join(parts): question_text(options, known)[1]}
    else:
        by, text = question_text(options, known)
        written = {f"{parts[0]}/{'by_' + by if by else 'by_month'}": text}
    paths = {folder / f"{part}.sql": text for part, text in written.items()}
    if kind == "page":
        last = max((page.order for page in known.files.folders_of_own() if page.order < 99), default=0)
        page = f"title: {{en: {yaml_text(title)}, ko: {yaml_text(title)}}}\norder: {last + 1:g}\n"
        paths = {folder / parts[0] / "page.yaml": page} | paths
        if (folder / parts[0]).exists() or any(page.name == parts[0] for page in known.files.folders_of_own()):
            raise QueryError(f"There is a page {parts[0]} already.", "Choose another name; nothing was written.")
    for part, text in written.items():
        _refuse_existing(f"{room}/{part}", known.files)
        _judge(kind, f"{room}/{part}", text, folder / f"{part}.sql")
    return _write(paths)


def previewed(path: Path, files: Sequence[Path], known: Known) -> str:
    """What publishing would make of the files of a source that was just written, as lines of text."""
    text = path.read_text("utf-8")
    seen = told(preview(text, path.stem, files, known.data, known.settings, known.files.metrics()))
    given = {file.resolve() for file in files}
    beside = {
        other
        for one in given
        for other in one.parent.glob(f"*{one.suffix}")
        if other not in given and not ignored(other)
    }
    if not beside:
        return seen
    many = counted(len(beside), "more file lies", "more files lie")
    return (
        f"{seen}\n{many} beside, such as {min(beside).name}, not looked at: where they are of one kind give all, "
        "since headers that differ and numbers that begin anew in each file are seen only side by side."
    )


# --- Sources of files that are not in the data folder yet --------------------------------------------


def proposed(name: str, given: Mapping[str, bytes], known: Known, text: str = "") -> tuple[str, Preview]:
    """A source for files that somebody holds out, and what publishing would make of them; nothing stays written.

    With a `text`, that is looked at instead of a proposal.
    """
    with TemporaryDirectory() as staging:
        data = Path(staging).resolve()
        files = _staged(name, given, data)
        metrics = known.files.metrics()
        text = text or source_text(files, data, known.settings, metrics)
        return text, preview(text, name, files, data, known.settings, metrics)


def taken(name: str, text: str, given: Mapping[str, bytes], known: Known) -> list[Path]:
    """Write files that somebody held out and their source into the data folder; nothing is ever overwritten."""
    _refuse_name(name)
    _refuse_existing(f"sources/{name}", known.files)
    path = known.data / "queries" / "sources" / f"{name}.sql"
    _judge("source", f"sources/{name}", text, path)
    if (known.data / name).exists():
        raise QueryError(f"There is a folder {name}/ already.", "Choose another name; nothing was written.")
    # The files first: a source without files would be told as one whose glob finds nothing.
    return [*_staged(name, given, known.data), *_write({path: text})]


def _refuse_name(name: str) -> None:
    if not name.isidentifier() or name in (*contract.TABLES, "queries"):
        raise QueryError(f"“{name}” cannot be the name of a source.", "Use letters, digits and _, such as shop_survey.")


def _staged(name: str, given: Mapping[str, bytes], folder: Path) -> list[Path]:
    """Files written into a folder of their own; a name from a browser is only ever the last part of a path."""
    _refuse_name(name)
    written = {}
    for full, content in given.items():
        path = folder / name / unicodedata.normalize("NFC", Path(full.replace("\\", "/")).name)
        if ignored(path) or path in written:
            raise QueryError(f"“{full}” cannot be the name of an export.", "Rename the file and choose it again.")
        kind_of(path)
        written[path] = content
    (folder / name).mkdir(parents=True)
    for path, content in written.items():
        path.write_bytes(content)
    return sorted(written)


def _refuse_existing(name: str, files: Catalog) -> None:
    if name in files.entries or name in files.problems:
        raise QueryError(f"There is a file {name}.sql already.", "Choose another name; nothing was written.")


def _judge(kind: str, name: str, text: str, path: Path) -> None:
    """Refuse a text that the catalog would not take, before anything is written."""
    if kind == "metric":
        catalog.metric(path.stem, text, path.name)
    elif kind == "source":
        catalog.source(path.stem, text, path.name)
    else:
        catalog.question(name, path, text, path.name)


def _write(texts: Mapping[Path, str]) -> list[Path]:
    for path, text in texts.items():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8") as stream:
                stream.write(text)
        except FileExistsError as error:
            raise QueryError(
                f"There is a file {path.name} already.", "Choose another name; nothing was written."
            ) from error
        except OSError as error:
            raise QueryError(
                f"{path} cannot be written: {error.strerror}.", "Choose a shorter name, or correct the folder's rights."
            ) from error
    return list(texts)


def question_text(options: Mapping[str, str], known: Known) -> tuple[str, str]:
    """The dimension and the text of a first question; what was not asked for is chosen by what there is."""
    metrics = known.files.metrics()
    asked = options.get("metric", "")
    if asked and asked not in metrics:
        raise QueryError(f"There is no metric “{asked}”.", nearest(asked, metrics))
    if not metrics:
        raise QueryError("There is no metric to ask for.", "Write one first: `python -m cx new metric NAME`.")
    metric = metrics[asked] if asked else known.answered()[0]
    possible = known.dimensions(metric)
    by = options.get("by", "")
    if by and by not in possible:
        raise QueryError(f"There is no segment “{by}” of {metric.name}.", nearest(by, possible))
    by = by or ("channel" if "channel" in possible else next(iter(possible), ""))
    kind = options.get("chart") or ("bar" if by else "line")
    if not by and kind != "line":
        raise QueryError(f"Nothing splits the answers of {metric.name}.", "Leave --chart out, or write --chart line.")
    shape = SHAPES[kind] if by else OVER_TIME
    filled = {
        "by": sql_name(by),
        "metric": literal(metric.name),
        "table": "ratings" if metric.table == "reviews" and not known.settings.brand else "scores",
    }
    titles = {
        language: getattr(shape, language).format(metric=metric.label[language], by=_inner(known.label(by, language)))
        for language in ("en", "ko")
    }
    lines = [
        f"title: {{en: {yaml_text(titles['en'])}, ko: {yaml_text(titles['ko'])}}}",
        f"grain: {shape.grain.format(by=by)}",
        f"chart: {{{', '.join(filter(None, (f'kind: {kind}', shape.chart.format(by=by))))}}}",
        *shape.extra,
        "tests:",
        f"  - unique: [{shape.unique.format(by=by)}]",
    ]
    return by, "".join(f"-- {line}\n" for line in lines) + shape.body.format(**filled)


def _title(name: str) -> str:
    return name.replace("_", " ").strip().capitalize()


def _inner(label: str) -> str:
    """A label within a sentence: a capital letter stays where more than one is meant."""
    return label[:1].lower() + label[1:] if label[1:2].islower() else label


# --- Metrics -----------------------------------------------------------------------------------------


def metric_text(name: str, base: str, known: Known) -> str:
    """The text of a first metric over the answers of another one, or over those that carry its name already.

    The scale is that of the answers themselves: publishing sets aside what lies outside, for every metric over them.
    """
    metrics = known.files.metrics()
    if base and base not in metrics:
        raise QueryError(f"There is no metric “{base}”.", nearest(base, metrics))
    unknown = known.held is not None and name in known.held.values.get("metric", ())
    like = metrics.get(base) or (None if unknown else next((one for one in known.answered()), None))
    if like and like.table == "invitations":
        raise QueryError(f"{like.name} is made of invitations, which have no score.", "Name another with --metric.")
    title = yaml_text(_title(name))
    lines = [f"label: {{en: {title}, ko: {title}}}"]
    share = ["factor: 100", "range: [0, 100]", 'unit: "%"', 'change_unit: {en: "pp", ko: "%p"}', "interval: share"]
    scale = like.scale if like else None
    if like and like.table == "reviews":
        lines += ['variant: {en: "four and five stars of 5", ko: "5점 만점에 별점 4점 이상"}', "table: reviews", *share]
        x = "case when score * 5 / rating_max >= 4 then 1 else 0 end"
    elif like and scale and 2 <= scale[1] - scale[0] <= 10:
        low, high = (f"{bound:g}" for bound in scale)
        lines += [f'variant: {{en: "top two of {low}–{high}", ko: "{low}–{high}점 척도의 상위 두 칸"}}']
        lines += [f"answers: {yaml_plain(like.answers)}", f"scale: [{low}, {high}]", *share]
        x = f"case when score >= {scale[1] - 1:g} then 1 else 0 end"
    else:
        lines += ['variant: {en: "mean of the answers", ko: "응답의 평균"}']
        lines += [f"answers: {yaml_plain(like.answers if like else name)}"]
        lines += [f"scale: [{scale[0]:g}, {scale[1]:g}]"] if scale else []
        lines += ["interval: mean"]
        x = "score"
    body = f"select\n    *,\n    {x} as x,\nfrom answers\n"
    return "".join(f"-- {line}\n" for line in [*lines, "position: 50"]) + body
