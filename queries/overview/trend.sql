-- title: {en: "Month by month", ko: "월별 추이"}
-- description: {en: "One metric over the last 18 months.", ko: "최근 18개월의 지표 한 가지입니다."}
-- grain: one row per month
-- chart: {kind: line, x: period}
-- params:
--   metric: {default: nps, label: {en: Metric, ko: 지표}}
-- window: 18 months
-- analysis: unusual
-- finding: trend
-- tests:
--   - unique: [period]
with monthly as (
    select
        date_trunc('month', day) as period,
        tally(n, w, w2, wx, wx2) as figure,
    from scores
    where metric = $metric
    group by all
),

year_ago as (
    select
        date_trunc('month', day) + interval 1 year as period,
        tally(n, w, w2, wx, wx2) as figure,
    from scores_year
    where metric = $metric
    group by all
)

select
    monthly.period,
    monthly.figure,
    year_ago.figure as figure_year,
from monthly
left join year_ago on monthly.period = year_ago.period
order by monthly.period
