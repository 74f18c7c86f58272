"""The gate: what a SQL text under `queries/` may consist of, judged on DuckDB's own parse tree.

Everything is an allow-list: statement, node kinds, expression kinds, functions and tables. What the
lists do not name is refused, so a construct that a later DuckDB adds is refused until someone has
looked at it. The engine's wrapper, read-only transaction and locked database stand behind this.
"""

import json
import re
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import duckdb

from cx.errors import QueryFileError, mistyped, nearest, pointed_at

STRUCTURES = frozenset(
    """
    SELECT_NODE SET_OPERATION_NODE RECURSIVE_CTE_NODE CTE_NODE BASE_TABLE JOIN SUBQUERY EMPTY
    EXPRESSION_LIST TABLE_FUNCTION PIVOT ORDER_MODIFIER LIMIT_MODIFIER DISTINCT_MODIFIER ORDER_DEFAULT
    ASCENDING DESCENDING ORDER_ASC ORDER_DESC
    """.split()
)

EXPRESSIONS = frozenset(
    """
    COLUMN_REF CONSTANT FUNCTION COMPARISON CONJUNCTION OPERATOR CASE CAST BETWEEN SUBQUERY WINDOW
    LAMBDA STAR PARAMETER COLLATE TYPE
    """.split()
)

CLOCK_WORDS = frozenset("current_date current_time current_timestamp localtime localtimestamp".split())
"""What reads the clock and is parsed as a column."""
CLOCK = CLOCK_WORDS | frozenset("now today get_current_time get_current_timestamp transaction_timestamp".split())
"""What gives another answer on another day."""
TODAY = "The same question has to give the same answer: use `$period_to`, the day after the period's last."
TODAY_OF_ROWS = "The same exports have to give the same rows: take the day from a column."
"""The same in a source or a metric, which know no period."""
ROWS_ALONE = frozenset(("raw", "answers"))
"""What a source and a metric read."""
FUNCTIONS = frozenset(
    """
    + - * / // % ** ^ || && @ ! ~~ !~~ ~~* !~~* <@ @> = <> < > <= >= ^@ is_distinct_from
    abs ceil ceiling floor round trunc sign sqrt cbrt exp ln log log2 log10 pow power pi greatest least
    mod even gcd lcm isfinite isinf isnan radians degrees sin cos tan asin acos atan atan2
    coalesce nullif ifnull if constant_or_null
    sum count count_star avg mean min max any_value first last arg_min arg_max min_by max_by
    argmin argmax list array_agg string_agg group_concat listagg bool_and bool_or product
    median mode quantile quantile_cont quantile_disc mad stddev stddev_pop stddev_samp variance var_pop
    var_samp corr covar_pop covar_samp regr_slope regr_intercept regr_r2 regr_count regr_avgx regr_avgy
    skewness kurtosis entropy approx_count_distinct approx_quantile histogram count_if countif fsum sumkahan
    kahan_sum sum_no_overflow favg grouping grouping_id tally
    row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value last_value nth_value fill
    date_trunc datetrunc date_part datepart date_diff datediff date_sub datesub date_add make_date
    make_timestamp make_timestamptz strftime strptime try_strptime extract year month day dayofmonth dayofweek
    dayofyear isodow isoyear week weekofyear weekday yearweek quarter hour minute second epoch epoch_ms
    last_day dayname monthname century decade to_years to_months to_weeks to_days to_hours to_minutes
    to_seconds to_timestamp time_bucket age timezone julian era
    length len char_length character_length strlen lower upper lcase ucase trim ltrim rtrim left right
    substring substr substring_grapheme replace translate concat concat_ws contains starts_with prefix
    ends_with suffix split_part string_split str_split split string_to_array regexp_matches
    regexp_full_match regexp_extract regexp_extract_all regexp_replace regexp_split_to_array position strpos
    instr lpad rpad reverse strip_accents nfc_normalize unicode ord chr ascii format printf like_escape
    ilike_escape not_like_escape not_ilike_escape like ilike not_like not_ilike regexp_escape levenshtein
    jaro_winkler_similarity jaccard damerau_levenshtein hamming
    list_value list_pack row struct_pack struct_extract array_extract list_extract list_element list_contains
    list_has list_filter list_transform list_apply list_sum list_avg list_min list_max list_count list_sort
    list_distinct list_unique list_concat list_position list_slice array_slice list_aggregate list_zip
    list_has_any array_length cardinality flatten unnest range generate_series map map_from_entries map_keys map_values
    element_at map_extract map_extract_value array_contains array_has list_reduce list_any_value list_reverse
    hash md5 typeof equi_width_bins try_cast
    """.split()
)

TABLE_FUNCTIONS = frozenset(("range", "generate_series", "unnest"))

OF_OTHERS = {
    **dict.fromkeys(("nvl", "isnull", "zeroifnull"), "`coalesce(…, 0)`"),
    **dict.fromkeys(("iff", "decode", "choose", "switch"), "`case when … then … else … end`"),
    **dict.fromkeys(("date_format", "to_char", "format_date"), "`strftime(day, '%Y-%m')`"),
    **dict.fromkeys(("to_date", "str_to_date", "parse_date"), "`strptime(text, '%Y-%m-%d')::date`"),
    **dict.fromkeys(("dateadd", "adddate", "timestampadd", "add_months"), "`day + to_days(7)`, `to_months(1)`"),
    **dict.fromkeys(("timestampdiff", "months_between", "datetime_diff"), "`date_diff('day', earlier, later)`"),
    **dict.fromkeys(("percentile", "percentile_approx", "approx_percentile"), "`quantile_cont(…, 0.9)`"),
    **dict.fromkeys(("countd", "count_distinct", "approx_distinct", "uniq"), "`count(distinct …)`"),
    **dict.fromkeys(("to_number", "convert", "val", "safe_cast"), "`try_cast(… as double)`"),
    **dict.fromkeys(("charindex", "locate", "find"), "`position('…' in text)`"),
    **dict.fromkeys(("stdev", "std"), "`stddev(…)`"),
    "safe_divide": "`a / nullif(b, 0)`",
    "substring_index": "`split_part(text, '-', 1)`",
    "from_unixtime": "`to_timestamp(…)`",
}
"""What functions of other databases are called here."""
SUMS = ("n", "w", "w2", "wx", "wx2")

OF_DATE_PARTS = frozenset("date_trunc datetrunc date_part datepart date_diff datediff date_sub datesub".split())
DATE_PARTS = frozenset(
    """
    century centuries cent c day days d dayofmonth dayofweek dow weekday dayofyear doy decade decades dec decs epoch era
    hour hours hr hrs h isodow isoyear julian microsecond microseconds us usec usecs usecond useconds millennium
    millennia mil mils millisecond milliseconds ms msec msecs minute minutes min mins m month months mon mons quarter
    quarters second seconds sec secs s timezone timezone_hour timezone_minute week weeks w weekofyear year years y yr
    yrs yearweek
    """.split()
)
"""What DuckDB knows as a part of a date; it names no place where it does not know one."""

_parser = duckdb.connect(":memory:", config={"threads": 1})
_parsing = threading.Lock()


@dataclass(frozen=True)
class Provenance:
    """A column of an outside table that an output column shows.

    `made` says how: empty as it is, `count` where it counts answers, else the unit of a `date_trunc` (a text, or a
    `$parameter`).
    """

    table: str
    column: str
    made: str = ""


@dataclass(frozen=True)
class Comparison:
    """A condition on one column of an outside table and on texts written out, wherever in the SQL it stands."""

    table: str
    column: str
    texts: tuple[str, ...]
    plain: bool
    """Whether it wants the column to be one of the texts, and nothing is made of either."""
    line: int
    place: int
    """The 1-based place in that line."""
    condition: str
    """The condition on a column `value`, as DuckDB serialises it."""


@dataclass(frozen=True)
class Reading:
    """What a SQL text refers to.

    `tables` are the outside tables it names, `columns` every column name that occurs anywhere,
    `everything` the outside tables of which all columns are wanted (a star, NATURAL, PIVOT …),
    `parameters` the names bound with `$`, `functions` all functions called, `metrics` the values
    (constants or `$parameters`) to which a condition that must hold keeps the column `metric`.
    """

    tables: frozenset[str]
    columns: frozenset[str]
    everything: frozenset[str]
    parameters: frozenset[str]
    functions: frozenset[str]
    metrics: frozenset[str]
    outputs: tuple[str, ...]
    """Names of the outermost select list, empty text for an unnamed expression or a star."""
    lines: Mapping[str, int] = field(default_factory=dict)
    """The line where each column is first named: DuckDB often leaves it out of its messages."""
    kept: Mapping[str, Mapping[str, frozenset[tuple[str, str]]]] = field(default_factory=dict)
    """Per outside table and column, the only values that a WHERE lets through wherever the table is read, each as
    (`value`, text) or (`parameter`, name): rows of other values cannot change the answer."""
    filled: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Per outside table, the columns that must have a value wherever the table is read."""
    provenance: Mapping[str, tuple[Provenance, ...]] = field(default_factory=dict)
    """Per output column, the columns of outside tables whose values it shows; none where it is computed otherwise."""
    made: Mapping[str, int] = field(default_factory=dict)
    """The line where each output column is written."""
    star: bool = False
    """Whether the outermost select list passes every column on."""
    fewer: bool = False
    """Whether the outermost SELECT makes one row of all, or leaves some out by LIMIT."""
    combines: bool = False
    """Whether rows of several tables come together, by a join or a union, so that an answer may come several times."""
    outer: bool = False
    """Whether a join keeps rows for which it finds nothing."""
    ordered: bool = False
    """Whether the outermost SELECT says in which order its rows come."""
    limited: int = 0
    """The line of the outermost LIMIT where no ORDER BY stands before it, so that it keeps any rows; else 0."""
    comparisons: tuple[Comparison, ...] = ()
    """The conditions that a column is, or is like, some text."""
    counts: tuple[tuple[str, str, int, int], ...] = ()
    """The calls in select lists that count rows of a summed table: function, table, line and place in it."""


PER_ROW = frozenset(
    """
    avg mean favg median mode mad quantile quantile_cont quantile_disc approx_quantile stddev stddev_samp stddev_pop
    variance var_samp var_pop skewness kurtosis corr covar_pop covar_samp regr_slope regr_intercept regr_r2 regr_count
    regr_avgx regr_avgy histogram
    """.split()
)
"""Aggregates that take every row as one answer, which a row of a summed table is not."""

ADDING = frozenset("sum fsum kahan_sum sumkahan sum_no_overflow".split())
COUNTING = frozenset("count count_star count_if countif".split())
AGGREGATES = (
    PER_ROW
    | ADDING
    | COUNTING
    | frozenset(
        """
    min max any_value first last arg_min arg_max min_by max_by argmin argmax list array_agg string_agg group_concat
    listagg bool_and bool_or product approx_count_distinct entropy tally
    """.split()
    )
)
"""Aggregates make one row of many; a query without any, and without GROUP BY, returns the rows it reads."""
AROUND = frozenset("nullif coalesce ifnull greatest least".split())
"""Functions around a divisor that leave what it counts."""


@lru_cache(maxsize=1024)
def read(text: str, tables: frozenset[str], *, file: str = "", summed: frozenset[str] = frozenset()) -> Reading:
    """Judge one SQL text and say what it refers to.

    `tables` are the outside tables it may name, `summed` those of them whose rows are combinations with sums
    rather than single answers. Raises QueryFileError with the line in `text`.
    """
    parameters = _one_select(text, file)
    judge = _Judge(text, tables, file, summed)
    try:
        tree = _tree(text, file)
        judge.walk(tree, frozenset())
        judge.answers_not_rows(tree)
        judge.one_metric_a_figure(tree)
        lineage = _Lineage(frozenset())
        provenance = {name: lineage.shown(tree, name) for name in _outputs(tree) if name}
        comparisons = tuple(_Comparing(text).of_all(tree, {}))
    except RecursionError as error:
        raise QueryFileError(
            "The SQL is nested too deeply.", "Write its inner parts as steps: `with name as (…)`.", file=file
        ) from error
    return Reading(
        tables=frozenset(judge.tables),
        columns=frozenset(judge.columns),
        everything=frozenset(judge.everything),
        parameters=parameters,
        functions=frozenset(judge.functions),
        metrics=frozenset(judge.metrics),
        outputs=_outputs(tree),
        lines=judge.lines,
        kept=judge.kept(),
        filled=judge.filled(),
        provenance=provenance,
        made=_lines_of_outputs(tree, text),
        star=any(_has_star(item) for item in _select_list(tree)),
        fewer=_returns_fewer(tree),
        combines=judge.combines,
        outer=judge.outer,
        ordered=_is_ordered(tree),
        limited=_limited(tree, text),
        comparisons=comparisons,
        counts=tuple(judge.counts),
    )


def fitting(comparison: Comparison, values: Iterable[str]) -> bool:
    """Whether the condition of a comparison is true of any of the values; so it is where that cannot be told."""
    template = {"text": "select 1 from (select unnest($values) as value) where true"}
    try:
        with _parsing:
            (serialised,) = _parser.execute("select json_serialize_sql($text)", template).fetchone() or ("",)
            whole = json.loads(serialised)
            whole["statements"][0]["node"]["where_clause"] = json.loads(comparison.condition)
            (statement,) = _parser.execute(
                "select json_deserialize_sql($whole::json)", {"whole": json.dumps(whole)}
            ).fetchone() or ("",)
            return _parser.execute(statement, {"values": [*values]}).fetchone() is not None
    except duckdb.Error:
        return True


def unended(text: str) -> str:
    """A judged text without the semicolon that ends it, so that it fits between brackets."""
    raw = text.encode()
    for place in _semicolons(text):
        raw = raw[:place] + b" " + raw[place + 1 :]
    return raw.decode()


def _semicolons(text: str) -> Iterator[int]:
    """The byte positions of the semicolons that end statements, not of those in texts and comments."""
    raw = text.encode()
    for place, kind in duckdb.tokenize(text):
        if kind == duckdb.token_type.operator and raw[place : place + 1] == b";":
            yield place


def _one_select(text: str, file: str) -> frozenset[str]:
    """The parameters of the text, once it is known to be exactly one SELECT."""
    if len(text) > 100_000:
        raise QueryFileError("The file is longer than 100,000 characters.", "Split the question.", file=file)
    if "\x00" in text:
        raise QueryFileError("The file holds a NUL character.", "Save it as plain UTF-8 text.", file=file)
    try:
        with _parsing:
            statements = _parser.extract_statements(text)
    except (duckdb.Error, UnicodeError, RecursionError) as error:
        raise syntax_error(str(error), text, file) from error
    if not statements:
        raise QueryFileError("The file holds no SQL.", "Write one SELECT below the header lines.", file=file, line=1)
    if len(statements) > 1:
        several = QueryFileError(
            f"The file holds {len(statements)} statements.",
            "Keep one SELECT; use `with name as (…)` for steps before it.",
            file=file,
        )
        several.line, several.column = _place(text, next(_semicolons(text)))
        raise several
    if statements[0].type != duckdb.StatementType.SELECT:
        raise QueryFileError(
            f"The statement is {statements[0].type.name}, not a SELECT.",
            "A file only reads: write one SELECT.",
            file=file,
            line=1,
        )
    return frozenset(statements[0].named_parameters)


def _tree(text: str, file: str) -> Any:
    try:
        with _parsing:
            row = _parser.execute("select json_serialize_sql($text)", {"text": text}).fetchone()
    except duckdb.Error as error:
        raise syntax_error(str(error), text, file) from error
    parsed: Any = json.loads(row[0]) if row else {"error": True, "error_message": "nothing was parsed"}
    if parsed["error"]:
        raise QueryFileError(
            f"DuckDB cannot read this: {parsed['error_message']}.",
            "Write one plain SELECT; a PIVOT needs its IN list.",
            file=file,
            line=_place(text, int(parsed.get("position") or 0))[0],
        )
    return parsed["statements"][0]["node"]


def syntax_error(driver: str, text: str, file: str) -> QueryFileError:
    """DuckDB's parser message as one of ours, with the line it points at."""
    first = driver.split("\n", 1)[0].replace("Parser Error: ", "")
    marker = driver.find("LINE ")
    line = 0
    if marker >= 0:
        digits = driver[marker + 5 : driver.find(":", marker)]
        line = int(digits) if digits.isdigit() else 0
    lines = text.splitlines()
    hint = mistyped(lines[line - 1]) if 0 < line <= len(lines) else ""
    near = re.search(r'at or near "(.+)"', first)
    hint = hint or (_blank_in_name(lines[line - 1], near[1]) if near and 0 < line <= len(lines) else "")
    hint = hint or "Look just before the place named."
    error = QueryFileError(f"The SQL is not well formed: {first}.", hint, file=file, line=line)
    error.column = pointed_at(driver, text, line)
    return error


def _blank_in_name(line: str, near: str) -> str:
    """A remedy where two words stand as one name: Korean columns often have a blank, and no word of SQL is Korean."""
    words = r"(\w+)\s+(\w+)\s+as\b" if near.lower() == "as" else rf"\bas\s+(\w+)\s+({re.escape(near)})"
    names = (f"{found[1]} {found[2]}" for found in re.finditer(words, line, re.IGNORECASE))
    name = next((name for name in names if not name.isascii()), "")
    return f'A name with a blank stands in double quotes: "{name}".' if name else ""


def _place(text: str, position: int) -> tuple[int, int]:
    """The 1-based line and column of a byte position in the text."""
    before = text.encode()[: max(position, 0)].decode(errors="ignore")
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def _outermost(tree: Any) -> Any:
    """The outermost SELECT; the first part of a union."""
    node = tree
    while node.get("type") in ("SET_OPERATION_NODE", "CTE_NODE", "RECURSIVE_CTE_NODE"):
        node = node.get("left") or (node.get("children") or [None])[0] or node.get("child")
        if node is None:
            return {}
    return node


def _select_list(tree: Any) -> list[Any]:
    """The outermost select list; that of the first part of a union."""
    return list(_outermost(tree).get("select_list", ()))


def _returns_fewer(tree: Any) -> bool:
    """Whether the outermost SELECT makes one row of all that it reads, or leaves some out by LIMIT."""
    select = _outermost(tree)
    modifiers = {one.get("type") for one in (*tree.get("modifiers", ()), *select.get("modifiers", ()))}
    return bool({"LIMIT_MODIFIER", "LIMIT_PERCENT_MODIFIER"} & modifiers) or (
        not _groups(select) and _aggregates(select)
    )


def _is_ordered(node: Any) -> bool:
    """Whether a query says in which order its rows come."""
    return any(one.get("type") == "ORDER_MODIFIER" for one in node.get("modifiers") or ())


def _limited(node: Any, text: str) -> int:
    """The line of a LIMIT on rows that come in no order, or 0; one row of all needs none."""
    limit = next((one for one in node.get("modifiers") or () if one.get("type") == "LIMIT_MODIFIER"), None)
    inner = ((node.get("from_table") or {}).get("subquery") or {}).get("node") or {}
    single = node["type"] == "SELECT_NODE" and not _groups(node) and _aggregates(node)
    if not limit or not limit.get("limit") or _is_ordered(node) or _is_ordered(inner) or single:
        return 0
    return _place(text, min(_locations(limit), default=0))[0]


def _outputs(tree: Any) -> tuple[str, ...]:
    names = []
    for item in _select_list(tree):
        name = item.get("alias") or (item["column_names"][-1] if item.get("class") == "COLUMN_REF" else "")
        names.append(name.lower())
    return tuple(names)


def _lines_of_outputs(tree: Any, text: str) -> dict[str, int]:
    """The line of each named output column: that of the first place in it which the parser keeps."""
    found: dict[str, int] = {}
    for item, name in zip(_select_list(tree), _outputs(tree), strict=True):
        places = [place for place in _locations(item) if place < len(text.encode())]
        if name and places:
            found.setdefault(name, _place(text, min(places))[0])
    return found


def _locations(node: Any) -> Iterator[int]:
    if isinstance(node, dict) and isinstance(node.get("query_location"), int):
        yield node["query_location"]
    for child in _children(node):
        yield from _locations(child)


CONTAINERS = (dict, list)


def _children(node: Any) -> list[Any]:
    """The parts of a node that have parts of their own."""
    parts = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    return [part for part in parts if part and isinstance(part, CONTAINERS)]


class _Judge:
    """One walk over a parse tree: refuses what the lists do not name, notes what is referred to."""

    def __init__(self, text: str, tables: frozenset[str], file: str, summed: frozenset[str]) -> None:
        self.text = text
        self.allowed = tables
        self.file = file
        self.tables: set[str] = set()
        self.columns: set[str] = set()
        self.everything: set[str] = set()
        self.functions: set[str] = set()
        self.metrics: set[str] = set()
        self.lines: dict[str, int] = {}
        self.summed = summed
        self.times_read: Counter[str] = Counter()
        self.conditions: dict[str, list[dict[str, frozenset[tuple[str, str]]]]] = {}
        self.present: dict[str, list[set[str]]] = {}
        self.combines = False
        self.outer = False
        self.counts: list[tuple[str, str, int, int]] = []

    def refuse(self, node: Any, message: str, hint: str) -> QueryFileError:
        position = node.get("query_location") if isinstance(node, dict) else None
        error = QueryFileError(message, hint, file=self.file)
        if isinstance(position, int) and position < 2**60:
            error.line, error.column = _place(self.text, position)
        return error

    def walk(self, node: Any, steps: frozenset[str]) -> None:
        """Check `node` and all below it; `steps` are the `with` names that are visible here."""
        recurring: frozenset[str] = frozenset()
        if isinstance(node, dict):
            steps = self._steps(node, steps)
            if node.get("cte_name"):
                recurring = frozenset((node["cte_name"].lower(),))
            if "class" in node:
                self._expression(node, steps)
            elif isinstance(node.get("type"), str):
                self._structure(node, steps)
        for name, child in node.items() if isinstance(node, dict) else enumerate(node):
            if child and isinstance(child, CONTAINERS) and name != "cte_map":
                self.walk(child, steps if name == "left" else steps | recurring)

    def _steps(self, node: dict[str, Any], steps: frozenset[str]) -> frozenset[str]:
        """Check the `with` list of a node and return all names visible after it.

        A step sees those before it; itself (unless it recurs) or a later one would be looked up among
        DuckDB's own tables, which no list here names.
        """
        cte_map = node.get("cte_map")
        for entry in cte_map["map"] if isinstance(cte_map, dict) else ():
            name = entry["key"].lower()
            if name in self.allowed:
                raise self.refuse(
                    node,
                    f"A step is named “{name}”, like a table of the product.",
                    "Give the step another name.",
                )
            self.walk(entry["value"], steps)
            steps = steps | {name}
        return steps

    def _expression(self, node: dict[str, Any], steps: frozenset[str]) -> None:
        kind = node["class"]
        if kind not in EXPRESSIONS:
            raise self.refuse(node, f"{kind.replace('_', ' ').capitalize()} is not allowed here.", "Name a column.")
        if kind == "COLUMN_REF":
            if len(node["column_names"]) == 1 and node["column_names"][0].lower() in CLOCK_WORDS:
                raise self.refuse(node, f"{node['column_names'][0]} reads the machine's clock.", self._today())
            for name in node["column_names"]:
                self.columns.add(name.lower())
                position = node.get("query_location")
                if isinstance(position, int) and position < len(self.text) * 4:
                    self.lines.setdefault(name.lower(), _place(self.text, position)[0])
        elif kind in ("FUNCTION", "WINDOW") and node.get("function_name"):
            self._function(node, FUNCTIONS)

    def _today(self) -> str:
        """What to write instead of the clock."""
        return TODAY_OF_ROWS if self.allowed <= ROWS_ALONE else TODAY

    def _function(self, node: dict[str, Any], allowed: frozenset[str]) -> None:
        name = node["function_name"].lower()
        if node.get("schema") or node.get("catalog"):
            raise self.refuse(node, f"The function {name}() is named with a schema.", "Name the function alone.")
        if name in CLOCK or (name == "age" and len(node["arguments"]) == 1):
            raise self.refuse(node, f"The function {name}() reads the machine's clock.", self._today())
        if name not in allowed:
            words = {known for known in allowed if known[0].isalpha()}
            hint = f"Here it is {OF_OTHERS[name]}." if name in OF_OTHERS else nearest(name, words)
            raise self.refuse(node, f"The function {name}() is not allowed in a question.", hint)
        if name == "tally":
            if node["class"] == "WINDOW":
                raise self.refuse(
                    node,
                    "tally() sums rows of a group and takes no window.",
                    "Sum each of the five in a step first, `sum(n) over (…) as n` and so on; then tally these.",
                )
            if node.get("filter") or node.get("distinct"):
                raise self.refuse(
                    node,
                    "tally() takes neither FILTER nor DISTINCT.",
                    "Keep the rows in a step first: `with kept as (select * from … where …)`.",
                )
            self._in_order(node)
        if name in OF_DATE_PARTS and node["arguments"]:
            given = _text_of(node["arguments"][0]["expression"])
            if given and given[0] == "value" and given[1].lower() not in DATE_PARTS:
                raise self.refuse(node, f"{name}() knows no “{given[1]}”.", nearest(given[1], DATE_PARTS))
        self.functions.add(name)

    def _in_order(self, node: dict[str, Any]) -> None:
        """Refuse a tally of the five sums in another order: every number of it would be wrong, and look right."""
        if len(node["arguments"]) != len(SUMS):
            told = f"tally() takes five sums, and is given {len(node['arguments'])}."
            raise self.refuse(node, told, "Write `tally(n, w, w2, wx, wx2)`.")
        given = [
            item["expression"]["column_names"] for item in node["arguments"] if "column_names" in item["expression"]
        ]
        named = tuple(names[-1].lower() for names in given)
        if named != SUMS and sorted(named) == sorted(SUMS):
            wrong = next(place for place, name in enumerate(named) if name != SUMS[place])
            raise self.refuse(
                node,
                f"The sums of this tally are swapped: {named[wrong]} stands where {SUMS[wrong]} belongs.",
                "Write them in this order: `tally(n, w, w2, wx, wx2)`.",
            )

    def _pinned(self, node: Any) -> None:
        """Note which metric a condition keeps; what stands under OR, NOT or CASE keeps none."""
        if not isinstance(node, dict):
            return
        if node.get("type") == "CONJUNCTION_AND":
            for part in node["children"]:
                self._pinned(part)
        if node.get("type") != "COMPARE_EQUAL":
            return
        for column, value in ((node["left"], node["right"]), (node["right"], node["left"])):
            if column.get("class") == "COLUMN_REF" and column["column_names"][-1].lower() == "metric":
                if value.get("class") == "CONSTANT":
                    self.metrics.add(str(value.get("literal", {}).get("text", "")))
                elif value.get("class") == "PARAMETER":
                    self.metrics.add("$" + str(value.get("identifier", "")))

    def _structure(self, node: dict[str, Any], steps: frozenset[str]) -> None:
        kind = node["type"]
        if kind not in STRUCTURES:
            words = kind.replace("_", " ").lower().removesuffix(" node").removesuffix(" ref")
            raise self.refuse(
                node,
                f"“{words}” is not allowed in a question.",
                "A question only reads: write one plain SELECT.",
            )
        if kind == "BASE_TABLE":
            self._table(node, steps)
        elif kind == "TABLE_FUNCTION":
            function = node.get("function", {})
            if str(function.get("function_name", "")).lower() not in TABLE_FUNCTIONS:
                raise self.refuse(
                    node,
                    f"The table function {function.get('function_name', '')}() is not allowed in a question.",
                    "Read one of the tables: " + ", ".join(sorted(self.allowed)) + ".",
                )
        for condition in ("where_clause", "having", "qualify", "condition"):
            self._pinned(node.get(condition))
        self.combines |= kind in ("JOIN", "SET_OPERATION_NODE")
        self.outer |= kind == "JOIN" and node.get("join_type") in ("LEFT", "RIGHT", "OUTER")
        if kind == "JOIN":
            # What USING names stands nowhere else in the tree, and the tables have to bring it.
            self.columns.update(_lower(node.get("using_columns")))
        if kind == "SELECT_NODE":
            self._note_conditions(node, steps)
        if kind in ("SELECT_NODE", "PIVOT", "JOIN"):
            self._wants_everything(node)

    def _table(self, node: dict[str, Any], steps: frozenset[str]) -> None:
        name = node["table_name"].lower()
        if node.get("schema_name") or node.get("catalog_name") or node.get("at_clause"):
            raise self.refuse(node, f"The table “{name}” is named with a schema.", "Name the table alone.")
        if name in steps:
            return
        if name not in self.allowed:
            raise self.refuse(node, f"There is no table “{node['table_name']}”.", nearest(name, self.allowed))
        self.tables.add(name)
        self.times_read[name] += 1
        if node.get("column_name_alias"):
            self.everything.add(name)

    def _note_conditions(self, node: dict[str, Any], steps: frozenset[str]) -> None:
        """Note, for each outside table of a FROM, the values to which the WHERE keeps its columns."""
        for name, alias in _plain_sources(node.get("from_table") or {}):
            if name not in self.allowed or name in steps:
                continue
            alone = node["from_table"]["type"] == "BASE_TABLE"

            def of_this(column: list[str], called: str = alias or name, alone: bool = alone) -> str:
                *qualifier, plain = _lower(column)
                return plain if (qualifier[-1] == called if qualifier else alone) else ""

            found: dict[str, frozenset[tuple[str, str]]] = {}
            for column, values in _equalities(node.get("where_clause")):
                plain = of_this(column)
                if plain:
                    found[plain] = found[plain] & values if plain in found else values
            self.conditions.setdefault(name, []).append(found)
            there = {of_this(column) for column in _filled(node.get("where_clause"))} - {""}
            self.present.setdefault(name, []).append(there)

    def kept(self) -> dict[str, dict[str, frozenset[tuple[str, str]]]]:
        """Per table and column, the values that are kept wherever the table is read."""
        kept: dict[str, dict[str, frozenset[tuple[str, str]]]] = {}
        for name, noted in self.conditions.items():
            if len(noted) == self.times_read[name]:
                everywhere = set(noted[0]).intersection(*noted[1:])
                kept[name] = {column: frozenset().union(*(one[column] for one in noted)) for column in everywhere}
        return kept

    def filled(self) -> dict[str, frozenset[str]]:
        """Per table, the columns that must have a value wherever the table is read."""
        return {
            name: frozenset(noted[0].intersection(*noted[1:]))
            for name, noted in self.present.items()
            if len(noted) == self.times_read[name]
        }

    def answers_not_rows(self, tree: Any) -> None:
        """Refuse what takes the rows of a summed table for answers, in whatever step it stands."""
        weighting = _Weighting(self.summed)
        for wrong, table, kind in weighting.misuses(tree, {}):
            single = {"ratings": "reviews"}.get(table.partition("_")[0], "responses")
            name = _shown(wrong)
            message, hint = {
                "mean": (
                    f"{name} over {table} takes a combination of answers for one answer.",
                    f"Write `tally(n, w, w2, wx, wx2) as figure`; single scores are in `{single}`.",
                ),
                "sum": (
                    f"{name} adds up the column score of {table} once per combination of answers, not once per answer.",
                    "Write `sum(n)` for how many answers, `sum(score * n)` for the sum of their scores, or "
                    "`tally(n, w, w2, wx, wx2) as figure`.",
                ),
                "divisor": (
                    f"{name} counts combinations of {table}, so what is divided by it is no mean and no share.",
                    "Divide by `sum(n)`, the answers, or write `tally(n, w, w2, wx, wx2) as figure`.",
                ),
            }[kind]
            raise self.refuse(wrong, message, hint)
        for call in weighting.returned:
            place = _place(self.text, min(_locations(call), default=0))
            self.counts.append((_shown(call), weighting.counts[id(call)][1], *place))

    def one_metric_a_figure(self, tree: Any) -> None:
        """Refuse a figure whose column `metric` was made up: it would mix metrics under one name."""
        if not ({"tally", "struct_pack"} & self.functions or "figure" in self.columns):
            return
        for wrong in filter(None, _Origin(frozenset(self.metrics)).of_query(tree, "metric", {})):
            raise self.refuse(
                wrong,
                "The column metric is made up, so one figure could mix metrics.",
                "Return the column itself and group by it, or write `where metric = 'nps'`.",
            )

    def _wants_everything(self, node: dict[str, Any]) -> None:
        """Note the tables of which a star, PIVOT, NATURAL join or row value takes every column."""
        source = node.get("from_table", node)
        names: set[str] = set()
        aliases: set[str] = set()
        _direct_tables(source, names, aliases)
        star = node["type"] == "PIVOT" or node.get("ref_type") == "NATURAL"
        if node["type"] == "SELECT_NODE":
            chosen = node.get("select_list", [])
            star = any(_has_star(item) for item in chosen) or any(
                reference in names | aliases for item in chosen for reference in _bare_columns(item)
            )
        if star:
            self.everything |= names & self.allowed


@dataclass(frozen=True)
class _Step:
    """A query that others read as a table: its tree, the names given to its columns, the steps it sees itself."""

    node: Any
    names: tuple[str, ...]
    steps: Mapping[str, "_Step"]


class _Origin:
    """Follows an output column down through steps and subqueries to the tables it comes from.

    Each method returns what it finds under a name: nothing where there is no such column, None where it is the
    tables' own or kept to one metric, else the expression that made it up.
    """

    def __init__(self, pinned: frozenset[str]) -> None:
        self.pinned = pinned
        self.known: dict[tuple[int, str], list[Any]] = {}
        """Steps that read the one before them twice would otherwise take twice as long each."""

    def of_query(self, node: Any, column: str, steps: Mapping[str, _Step]) -> list[Any]:
        """What an output column of a query is."""
        key = (id(node), column)
        if key not in self.known:
            for entry in (node.get("cte_map") or {}).get("map", ()):
                value = entry["value"]
                step = _Step(value["query_node"], _lower(value.get("aliases")), steps)
                steps = {**steps, entry["key"].lower(): step}
            self.known[key] = self._of_parts(node, column, steps)
        return self.known[key]

    def _of_parts(self, node: Any, column: str, steps: Mapping[str, _Step]) -> list[Any]:
        if node["type"] == "RECURSIVE_CTE_NODE":
            return self.of_query(node["left"], column, steps)
        if node["type"] != "SET_OPERATION_NODE":
            return self._of_select(node, column, steps)
        first, *others = node["children"]
        names, found = _outputs(first), self.of_query(first, column, steps)
        for part in others:
            inner = _outputs(part)
            by_place = not node["setop_type"].endswith("BY_NAME") and column in names and "" not in (*names, *inner)
            same = inner[names.index(column)] if by_place and column in names[: len(inner)] else column
            found = found + self.of_query(part, same, steps)
        return found

    def _of_select(self, node: Any, column: str, steps: Mapping[str, _Step]) -> list[Any]:
        for item, name in zip(node["select_list"], _outputs(node), strict=True):
            if name == column:
                return self._of_expression(item, node, steps)
        found: list[Any] = []
        for star in (item for item in node["select_list"] if item.get("class") == "STAR"):
            renamed = {pair["value"].lower(): pair["key"]["column"].lower() for pair in star.get("rename_list") or []}
            replaced = [pair["value"] for pair in star.get("replace_list") or [] if pair["key"].lower() == column]
            table = (star.get("relation_name") or "").lower()
            found += [one for value in replaced for one in self._of_expression(value, node, steps)] or _one(
                self._of_source(node["from_table"], renamed.get(column, column), table, steps)
            )
        return found

    def _of_expression(self, item: Any, node: Any, steps: Mapping[str, _Step]) -> list[Any]:
        if item.get("class") == "COLUMN_REF":
            *table, column = _lower(item["column_names"])
            found = self._of_source(node["from_table"], column, table[-1] if table else "", steps)
            if not found and not table:
                others = [other for other in node["select_list"] if other is not item and other.get("alias")]
                for other in others:
                    if other["alias"].lower() == column and other.get("class") != "COLUMN_REF":
                        found = self._of_expression(other, node, steps)
            return [self._named(item, one) for one in _one(found)]
        if item.get("type") == "OPERATOR_COALESCE":
            return [found for part in item["children"] for found in self._of_expression(part, node, steps)]
        value = item["literal"]["text"] if item.get("class") == "CONSTANT" and item.get("literal") else None
        value = f"${item.get('identifier')}" if item.get("class") == "PARAMETER" else value
        return [None if value in self.pinned else item]

    def _of_source(self, node: Any, column: str, table: str, steps: Mapping[str, _Step]) -> list[Any]:
        """What each table of a FROM (or the one named) that has the column says of it."""
        kind = node["type"]
        if kind == "JOIN":
            sides = (node["left"], node["right"])
            return [found for side in sides for found in self._of_source(side, column, table, steps)]
        if kind == "PIVOT":
            made = [name for pivot in node.get("pivots", []) for name in pivot.get("unpivot_names", [])]
            return [node] if column in _lower(made) else self._of_source(node["source"], column, "", steps)
        names = _lower(node.get("column_name_alias"))
        if table and table != (node.get("alias") or node.get("table_name") or "").lower():
            return []
        if kind == "SUBQUERY":
            return self._of_step(_Step(node["subquery"]["node"], names, steps), column, node)
        if kind == "BASE_TABLE" and node["table_name"].lower() in steps:
            step = steps[node["table_name"].lower()]
            return self._of_step(_Step(step.node, names or step.names, step.steps), column, node)
        if kind == "BASE_TABLE" and column not in names:
            return [self._outside(node, column)]
        return [node] if column in names else []

    def _named(self, item: Any, found: Any) -> Any:
        """What a reference to a column that was found is; a problem is told where it is named."""
        return item if found is not None else None

    def _outside(self, node: Any, column: str) -> Any:
        """What a column of an outside table is."""
        return None if column == "metric" else node

    def _of_step(self, step: _Step, column: str, node: Any) -> list[Any]:
        if column in step.names:
            own, place = _outputs(step.node), step.names.index(column)
            if place >= len(own) or "" in own[: place + 1]:
                return [node]
            column = own[place]
        return self.of_query(step.node, column, step.steps)


SHOWN_BY = frozenset(("any_value", "first", "last", "arg_max", "arg_min"))
"""Aggregates that return a value of their first argument."""


class _Lineage(_Origin):
    """Follows an output column down to the columns of outside tables whose values it shows."""

    def __init__(self, pinned: frozenset[str]) -> None:
        super().__init__(pinned)
        self.following: set[int] = set()
        """The expressions on the way: one may have the name of what it is made from."""

    def shown(self, tree: Any, column: str) -> tuple[Provenance, ...]:
        """The columns that an output column shows."""
        return tuple(one for one in self.of_query(tree, column, {}) if isinstance(one, Provenance))

    def _named(self, item: Any, found: Any) -> Any:
        return found

    def _outside(self, node: Any, column: str) -> Any:
        return Provenance(node["table_name"].lower(), column)

    def _of_expression(self, item: Any, node: Any, steps: Mapping[str, _Step]) -> list[Any]:
        if id(item) in self.following:
            return []
        self.following.add(id(item))
        found = self._shown_by(item, node, steps)
        self.following.remove(id(item))
        return [one for one in found if isinstance(one, Provenance)]

    def _shown_by(self, item: Any, node: Any, steps: Mapping[str, _Step]) -> list[Any]:
        """What an expression shows, by its kind."""
        if item.get("class") == "COLUMN_REF":
            return super()._of_expression(item, node, steps)
        if item.get("type") == "OPERATOR_COALESCE":
            return [found for part in item["children"] for found in self._of_expression(part, node, steps)]
        if item.get("class") == "CAST":
            return self._of_expression(item["child"], node, steps)
        if item.get("class") != "FUNCTION":
            return []
        name = item["function_name"].lower()
        given = [argument["expression"] for argument in item.get("arguments", [])]
        if name == "count_star":
            return [Provenance("", "*", "count")]
        if name == "date_trunc" and len(given) == 2:
            unit = _text_of(given[0])
            made = f"${unit[1]}" if unit and unit[0] == "parameter" else unit[1] if unit else ""
            return [replace(one, made=made) for one in self._of_expression(given[1], node, steps) if made]
        if name == "sum" and not item.get("filter"):
            counted = [one for part in given for one in self._of_expression(part, node, steps)]
            return [replace(one, made="count") for one in counted if one.column in ("n", "*")]
        return self._of_expression(given[0], node, steps) if name in SHOWN_BY and given else []


LIKENESSES = frozenset("~~ ~~* ^@ starts_with prefix ends_with suffix contains regexp_matches".split())
"""Functions that say whether a text is like another."""
EQUALITIES = frozenset(("COMPARE_EQUAL", "COMPARE_IN", "COMPARE_NOT_DISTINCT_FROM"))


class _Comparing(_Origin):
    """Finds the conditions on texts that a column of an outside table has to be, or to be like.

    What stands under NOT is none: to leave out a text that is not there is no mistake.
    """

    def __init__(self, text: str) -> None:
        super().__init__(frozenset())
        self.text = text

    def of_all(self, query: Any, steps: Mapping[str, _Step]) -> Iterator[Comparison]:
        """The comparisons of a query and of all within it."""
        for entry in (query.get("cte_map") or {}).get("map", ()):
            value = entry["value"]
            yield from self.of_all(value["query_node"], steps)
            step = _Step(value["query_node"], _lower(value.get("aliases")), steps)
            steps = {**steps, entry["key"].lower(): step}
        if query["type"] == "SELECT_NODE":
            for condition in _conditions([child for name, child in query.items() if name != "cte_map"]):
                yield from self._of_one(condition, query, steps)
        for inner in _queries(query):
            yield from self.of_all(inner, steps)

    def _of_one(self, condition: Any, select: Any, steps: Mapping[str, _Step]) -> Iterator[Comparison]:
        """What a condition compares, where it is about one column and nothing that is bound later."""
        columns = [*_references(condition)]
        texts = [*_texts(condition)]
        if len(columns) != 1 or not texts or any(kind == "parameter" for kind, _ in texts):
            return
        if any(call["class"] == "WINDOW" or call["function_name"].lower() in AGGREGATES for call in _calls(condition)):
            return
        made = self._of_expression(columns[0], select, steps)
        if len(made) != 1 or not isinstance(made[0], Provenance):
            return
        inner = [*_children(condition.get("children") or [condition.get("left"), condition.get("right")])]
        within = len(self.text.encode())
        places = [place for place in _locations(condition) if place < within]
        line, place = _place(self.text, min(places, default=0))
        alone = {**columns[0], "column_names": ["value"]}
        yield Comparison(
            made[0].table,
            made[0].column,
            tuple(dict.fromkeys(text for _, text in texts)),
            condition.get("class") != "FUNCTION"
            and all(part is columns[0] or (part or {}).get("class") == "CONSTANT" for part in inner),
            line,
            place,
            json.dumps(_replaced(condition, columns[0], alone)),
        )

    def _of_parts(self, node: Any, column: str, steps: Mapping[str, _Step]) -> list[Any]:
        found = super()._of_parts(node, column, steps)
        if node["type"] != "SET_OPERATION_NODE":
            return found
        # What one part of a union makes up is in none of its tables.
        same = all(isinstance(one, Provenance) and one == found[0] for one in found)
        return found[:1] if same else [node]

    def _named(self, item: Any, found: Any) -> Any:
        return found

    def _outside(self, node: Any, column: str) -> Any:
        return Provenance(node["table_name"].lower(), column)


class _Weighting(_Origin):
    """Finds what gives each row of a summed table the weight of one answer.

    A step that only picks rows and columns hands such rows on, so that the next one is judged like the first.
    """

    def __init__(self, summed: frozenset[str]) -> None:
        super().__init__(frozenset())
        self.summed = summed
        self.counts: dict[int, tuple[Any, str]] = {}
        """The calls that count rows of summed tables, by identity, with the table."""
        self.returned: list[Any] = []
        """Those of them that stand in a select list."""
        self.kept: dict[int, set[str]] = {}
        """What each query hands on, so that steps that read the one before them twice take no longer."""

    def misuses(self, query: Any, steps: Mapping[str, _Step]) -> Iterator[tuple[Any, str, str]]:
        """Each wrong call of a query and of all within it, with the table and its kind: mean, sum or divisor."""
        for entry in (query.get("cte_map") or {}).get("map", ()):
            value = entry["value"]
            yield from self.misuses(value["query_node"], steps)
            steps = {
                **steps,
                entry["key"].lower(): _Step(value["query_node"], _lower(value.get("aliases")), steps),
            }
        if query["type"] == "SELECT_NODE":
            yield from self._of_one(query, steps)
        for inner in _queries(query):
            yield from self.misuses(inner, steps)

    def _of_one(self, node: Any, steps: Mapping[str, _Step]) -> Iterator[tuple[Any, str, str]]:
        source = node.get("from_table") or {}
        pivoted = source.get("aggregates", [])
        for item in (*node["select_list"], node.get("having"), node.get("qualify"), node.get("modifiers"), pivoted):
            for called in _calls(item):
                name, given = called["function_name"].lower(), [one["expression"] for one in called["arguments"]]
                rows = self._rows_under(called, node, steps)
                if name in PER_ROW and rows and not self._answers_alone(given, node, steps, source):
                    yield called, rows, "mean"
                elif name in PER_ROW | ADDING and given:
                    table = self._score_alone(given[0], node, steps, rows)
                    if table:
                        yield called, table, "mean" if name in PER_ROW else "sum"
                elif name in COUNTING:
                    self._count(called, node, steps)
                    if id(called) in self.counts and any(item is one for one in node["select_list"]):
                        self.returned.append(called)
                elif name in ("/", "//") and len(given) == 2 and {*_names(given[0])} != {"n"}:
                    for counted in self._divisors(given[1], node, steps):
                        yield *counted, "divisor"

    def _rows_under(self, call: Any, node: Any, steps: Mapping[str, _Step]) -> str:
        """The summed table whose rows a call takes, or an empty text; over groups, a window takes the groups."""
        if call["class"] == "WINDOW" and _grouped(node):
            return ""
        return min(self._rows_of(node.get("from_table") or {}, steps), default="")

    def _answers_alone(self, given: list[Any], node: Any, steps: Mapping[str, _Step], source: Any) -> bool:
        """Whether a step hands on nothing but numbers of answers: where it names the day alone, those are per day."""
        names: set[str] = set()
        _direct_tables(source, names, set())
        leaves = [leaf for item in given for leaf in _references(item)]
        found = [one for leaf in leaves for one in self._of_expression(leaf, node, steps) or [leaf]]
        return not names & self.summed and bool(found) and all(getattr(one, "column", "") == "n" for one in found)

    def _score_alone(self, item: Any, node: Any, steps: Mapping[str, _Step], whole: str) -> str:
        """The summed table whose scores an expression holds without how many gave them, or an empty text.

        Where rows were grouped before, only the score itself is surely wrong: groups may be what is counted.
        """
        plain = item["child"] if item.get("class") == "CAST" else item
        if not whole and plain.get("class") != "COLUMN_REF":
            return ""
        found = [one for leaf in _references(item) for one in self._of_expression(leaf, node, steps) or [leaf]]
        known = [one for one in found if isinstance(one, Provenance) and one.table in self.summed]
        scores = [one.table for one in known if one.column == "score"]
        return scores[0] if scores and len(known) == len(found) and not {one.column for one in known} & {*SUMS} else ""

    def _divisors(self, item: Any, node: Any, steps: Mapping[str, _Step]) -> Iterator[tuple[Any, str]]:
        """The counts of combinations that a divisor is."""
        if item.get("class") == "CAST":
            yield from self._divisors(item["child"], node, steps)
        elif item.get("class") == "COLUMN_REF":
            made = self._of_expression(item, node, steps)
            yield from (self.counts[id(one)] for one in made if id(one) in self.counts)
        elif item.get("type") == "OPERATOR_COALESCE":
            yield from self._divisors(item["children"][0], node, steps)
        elif item.get("class") in ("FUNCTION", "WINDOW"):
            name = item["function_name"].lower()
            if name in COUNTING:
                self._count(item, node, steps)
                yield from [self.counts[id(item)]] if id(item) in self.counts else []
            elif name in AROUND and item["arguments"]:
                yield from self._divisors(item["arguments"][0]["expression"], node, steps)

    def _count(self, call: Any, node: Any, steps: Mapping[str, _Step]) -> None:
        """Note a call that counts rows of a summed table."""
        rows = self._rows_under(call, node, steps)
        if rows and not call.get("distinct"):
            self.counts[id(call)] = call, rows

    def _rows_of(self, source: Any, steps: Mapping[str, _Step]) -> set[str]:
        """The summed tables whose rows a FROM yields."""
        kind = source.get("type")
        if kind == "JOIN":
            return self._rows_of(source["left"], steps) | self._rows_of(source["right"], steps)
        if kind == "PIVOT":
            return self._rows_of(source["source"], steps)
        if kind == "SUBQUERY":
            return self._handed_on(source["subquery"]["node"], steps)
        if kind != "BASE_TABLE":
            return set()
        name = source["table_name"].lower()
        if name in steps:
            return self._handed_on(steps[name].node, steps[name].steps)
        return {name} & self.summed

    def _handed_on(self, query: Any, steps: Mapping[str, _Step]) -> set[str]:
        """The summed tables whose rows a query hands on one by one."""
        if id(query) not in self.kept:
            self.kept[id(query)] = self._passed(query, steps)
        return self.kept[id(query)]

    def _passed(self, query: Any, steps: Mapping[str, _Step]) -> set[str]:
        for entry in (query.get("cte_map") or {}).get("map", ()):
            value = entry["value"]
            step = _Step(value["query_node"], _lower(value.get("aliases")), steps)
            steps = {**steps, entry["key"].lower(): step}
        if query["type"] == "SET_OPERATION_NODE":
            found: set[str] = set()
            return found.union(*(self._handed_on(part, steps) for part in query["children"]))
        distinct = any(one.get("type") == "DISTINCT_MODIFIER" for one in query.get("modifiers") or ())
        if query["type"] != "SELECT_NODE" or distinct or _grouped(query):
            return set()
        return self._rows_of(query.get("from_table") or {}, steps)

    def _named(self, item: Any, found: Any) -> Any:
        return found

    def _outside(self, node: Any, column: str) -> Any:
        return Provenance(node["table_name"].lower(), column)

    def _of_expression(self, item: Any, node: Any, steps: Mapping[str, _Step]) -> list[Any]:
        if item.get("class") == "CAST":
            return self._of_expression(item["child"], node, steps)
        return super()._of_expression(item, node, steps)


def _shown(call: Any) -> str:
    """A function as its author writes it."""
    return {"count_star": "count(*)"}.get(call["function_name"], f"{call['function_name']}()")


def _queries(node: Any) -> Iterator[Any]:
    """The queries directly inside of one, but for the steps of its `with`."""
    for name, child in node.items() if isinstance(node, dict) else enumerate(node):
        if not child or name == "cte_map" or not isinstance(child, CONTAINERS):
            continue
        if isinstance(child, dict) and str(child.get("type", "")).endswith("_NODE") and "cte_map" in child:
            yield child
        else:
            yield from _queries(child)


def _grouped(select: Any) -> bool:
    """Whether a SELECT makes one row of many."""
    return _groups(select) or _aggregates(select)


def _groups(select: Any) -> bool:
    """Whether a SELECT has a GROUP BY."""
    return bool(select.get("group_sets")) or select.get("aggregate_handling", "") == "FORCE_AGGREGATES"


def _aggregates(select: Any) -> bool:
    """Whether the select list of a SELECT calls an aggregate."""
    calls = [call for item in select.get("select_list", ()) for call in _calls(item)]
    return any(call["class"] == "FUNCTION" and call["function_name"].lower() in AGGREGATES for call in calls)


def _conditions(node: Any) -> Iterator[Any]:
    """The comparisons below a node that may be true of some text, not those under NOT or of queries within it."""
    if isinstance(node, dict):
        if "cte_map" in node or node.get("type") == "OPERATOR_NOT":
            return
        called = str(node.get("function_name")).lower() if node.get("class") == "FUNCTION" else ""
        if called in LIKENESSES or node.get("type") in EQUALITIES:
            yield node
    for child in _children(node):
        yield from _conditions(child)


def _texts(node: Any) -> Iterator[tuple[str, str]]:
    """The texts and parameters of an expression."""
    found = _text_of(node) if isinstance(node, dict) else None
    if found:
        yield found
    for child in _children(node):
        yield from _texts(child)


def _replaced(node: Any, old: Any, new: Any) -> Any:
    """A tree with another part in place of one of its own."""
    if node is old:
        return new
    if isinstance(node, dict):
        return {name: _replaced(child, old, new) for name, child in node.items()}
    return [_replaced(child, old, new) for child in node] if isinstance(node, list) else node


def _names(item: Any) -> Iterator[str]:
    """The last parts of the columns that an expression names."""
    return (reference["column_names"][-1].lower() for reference in _references(item))


def _references(node: Any) -> Iterator[Any]:
    """The columns that an expression names."""
    if isinstance(node, dict) and node.get("class") == "COLUMN_REF":
        yield node
    for child in _children(node):
        yield from _references(child)


def _one(found: list[Any]) -> list[Any]:
    """Columns of one name in joined tables: with USING they are one, and the tables' own vouches for the other."""
    return [None] if None in found else found[:1]


def _lower(names: Any) -> tuple[str, ...]:
    return tuple(name.lower() for name in names or ())


def _calls(node: Any) -> Iterator[Any]:
    """The function calls of an expression, not those of a subquery in it."""
    if isinstance(node, dict):
        if node.get("class") == "SUBQUERY":
            return
        if node.get("class") in ("FUNCTION", "WINDOW") and node.get("function_name"):
            yield node
    for child in _children(node):
        yield from _calls(child)


def _plain_sources(node: Any) -> Iterator[tuple[str, str]]:
    """The tables of a FROM with their aliases, as long as only joins that keep a WHERE's meaning stand between them.

    A positional or as-of join pairs rows by what stands beside them: leaving some out would pair others.
    """
    if node.get("sample"):
        return
    if node.get("type") == "BASE_TABLE" and not node.get("column_name_alias"):
        yield node["table_name"].lower(), (node.get("alias") or "").lower()
    if node.get("type") == "JOIN" and node.get("ref_type") in ("REGULAR", "CROSS"):
        for side in (node["left"], node["right"]):
            yield from _plain_sources(side)


def _equalities(node: Any) -> Iterator[tuple[list[str], frozenset[tuple[str, str]]]]:
    """Columns that a condition keeps to texts, with these; what stands under OR, NOT or CASE keeps nothing."""
    if not isinstance(node, dict):
        return
    if node.get("type") == "CONJUNCTION_AND":
        for part in node["children"]:
            yield from _equalities(part)
    pairs: list[tuple[Any, list[Any]]] = []
    if node.get("type") == "COMPARE_EQUAL":
        pairs = [(node["left"], [node["right"]]), (node["right"], [node["left"]])]
    elif node.get("type") == "COMPARE_IN":
        pairs = [(node["children"][0], node["children"][1:])]
    for column, values in pairs:
        texts = [_text_of(value) for value in values]
        if column.get("class") == "COLUMN_REF" and None not in texts:
            yield column["column_names"], frozenset(text for text in texts if text is not None)


def _filled(node: Any) -> Iterator[list[str]]:
    """Columns that a condition keeps to rows with a value; what stands under OR, NOT or CASE keeps nothing."""
    if isinstance(node, dict) and node.get("type") == "CONJUNCTION_AND":
        for part in node["children"]:
            yield from _filled(part)
    elif isinstance(node, dict) and node.get("class") == "COLUMN_REF":
        # A column that is a condition by itself is true.
        yield node["column_names"]
    if isinstance(node, dict) and node.get("type") == "OPERATOR_IS_NOT_NULL":
        yield from (part["column_names"] for part in node["children"] if part.get("class") == "COLUMN_REF")


def _text_of(node: Any) -> tuple[str, str] | None:
    """A constant text or a parameter, or None for anything else."""
    if node.get("class") == "CONSTANT" and (node.get("literal") or {}).get("kind") == "STRING":
        return ("value", str(node["literal"]["text"]))
    return ("parameter", str(node["identifier"])) if node.get("class") == "PARAMETER" else None


def _direct_tables(node: Any, names: set[str], aliases: set[str]) -> None:
    if isinstance(node, dict):
        if node.get("type") == "BASE_TABLE":
            names.add(node["table_name"].lower())
            aliases.add((node.get("alias") or "").lower())
            return
        if node.get("type") in ("SUBQUERY", "SELECT_NODE"):
            return
    for child in _children(node):
        _direct_tables(child, names, aliases)


def _has_star(node: Any) -> bool:
    """A star among the wanted columns; the star that `count(*)` parses to is a function of its own."""
    if isinstance(node, dict):
        if node.get("class") == "STAR":
            return True
        if node.get("class") == "SUBQUERY":
            return False
    return any(_has_star(child) for child in _children(node))


def _bare_columns(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if node.get("class") == "COLUMN_REF" and len(node["column_names"]) == 1:
            yield node["column_names"][0].lower()
        if node.get("class") == "SUBQUERY":
            return
    for child in _children(node):
        yield from _bare_columns(child)
