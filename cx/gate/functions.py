"""The functions that a SQL text may call, and what is known of them: allow-lists, as all of the gate."""

CLOCK_WORDS = frozenset("current_date current_time current_timestamp localtime localtimestamp".split())
"""What reads the clock and is parsed as a column."""
CLOCK = CLOCK_WORDS | frozenset("now today get_current_time get_current_timestamp transaction_timestamp".split())
"""What gives another answer on another day."""
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
SHOWN_BY = frozenset(("any_value", "first", "last", "arg_max", "arg_min"))
"""Aggregates that return a value of their first argument."""
LIKENESSES = frozenset("~~ ~~* ^@ starts_with prefix ends_with suffix contains regexp_matches".split())
"""Functions that say whether a text is like another."""
