-- title: {en: "What is new", ko: "새로 떠오른 말"}
-- description:
--   en: "Words, and pairs of words that follow each other, that one period holds more often than all others of the last 13 months, brand by brand. No list of themes is needed."
--   ko: "지난 13개월 가운데 한 기간에 유난히 늘어난 단어와 이어진 두 단어를 브랜드별로 찾습니다. 주제 목록이 없어도 됩니다."
-- note:
--   en: "Each word stands in the period in which it rose most; all words of all periods are corrected together."
--   ko: "단어마다 가장 많이 늘어난 기간을 보이며, 모든 기간의 모든 단어를 함께 보정합니다."
-- grain: one row per brand and word
-- chart: {kind: table}
-- params:
--   grain: {choices: [day, week, month, quarter, year], default: month, label: {en: Grain, ko: 단위}}
-- window: 13 months
-- metric: mentions
-- analysis: emerging
-- finding: emerging
-- tests:
--   - unique: [brand, word]
with lengths as (
    -- What a month says now and then is new too, though no week of it stands out.
    select unnest(list_distinct([$grain, case when $grain in ('day', 'week') then 'month' else $grain end])) as unit
),

texts as (
    select
        coalesce(comments.brand, '') as brand,
        lengths.unit,
        date_trunc(lengths.unit, comments.day) as period,
        comments.day,
        string_split(comments.words, ' ') as stems,
    from comments
    cross join lengths
    where comments.words <> ''
),

bases as (
    select
        brand,
        unit,
        period,
        min(day) as first_day,
        max(day) as last_day,
        count(*) as base,
    from texts
    group by all
),

totals as (
    select
        brand,
        unit,
        sum(base) as base,
        count(*) as periods,
    from bases
    group by all
),

words as (
    select
        brand,
        unit,
        period,
        unnest(list_distinct(list_concat(
            stems,
            list_transform(range(1, len(stems)), lambda place: stems[place] || ' ' || stems[place + 1])
        ))) as word,
    from texts
),

counted as (
    select
        brand,
        unit,
        word,
        period,
        count(*) as said,
    from words
    where length(word) > 1 and word not in ('하다', '되다', '있다', '받다', '주다', '보다', '가다', '오다', '같다', '어떻다', '그렇다', '이렇다', '너무', '정말', '진짜')
    group by all
),

everywhere as (
    select
        brand,
        unit,
        word,
        sum(said) as said,
    from counted
    group by all
),

looked_at as (
    select count(*) as tested from counted
),

against as (
    select
        counted.brand,
        counted.unit,
        counted.word,
        counted.period,
        counted.said,
        bases.base,
        bases.first_day,
        bases.last_day,
        everywhere.said - counted.said as said_before,
        totals.base - bases.base as base_before,
        looked_at.tested,
    from counted
    cross join looked_at
    inner join bases on counted.brand = bases.brand and counted.unit = bases.unit and counted.period = bases.period
    inner join everywhere on counted.brand = everywhere.brand and counted.unit = everywhere.unit and counted.word = everywhere.word
    inner join totals on counted.brand = totals.brand and counted.unit = totals.unit
    where counted.said >= 5 and totals.periods > 1
),

strongest as (
    select
        *,
        said * ln(said / (base * (said + said_before) / (base + base_before)))
        + case
            when said_before > 0 then said_before * ln(said_before / (base_before * (said + said_before) / (base + base_before)))
            else 0
        end as strength,
    from against
    where said / base > said_before / base_before
),

chosen as (
    select * from strongest
    qualify row_number() over (partition by brand, word order by strength desc, period asc, unit asc) = 1
)

select
    brand,
    period,
    unit,
    word,
    any_value(said) as said,
    tally(base, base, base, said, said) as figure,
    tally(base_before, base_before, base_before, said_before, said_before) as figure_before,
    any_value(tested) as tested,
    any_value(strength) as strength,
    any_value(first_day) as first_day,
    any_value(last_day) as last_day,
from chosen
group by brand, period, unit, word
order by strength desc, brand asc, word asc
limit 200
