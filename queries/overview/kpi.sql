-- title: {en: "Key figures", ko: "핵심 지표"}
-- description: {en: "Every metric now, in the comparison window and a year ago.", ko: "지표별 현재 값과 비교 기간, 전년 동기 값입니다."}
-- grain: one row per metric
-- chart: {kind: kpi}
-- finding: change
-- tests:
--   - unique: [metric]
with current_period as (
    select
        metric,
        tally(n, w, w2, wx, wx2) as figure,
    from scores
    group by metric
),

comparison_period as (
    select
        metric,
        tally(n, w, w2, wx, wx2) as figure,
    from scores_before
    group by metric
),

year_ago as (
    select
        metric,
        tally(n, w, w2, wx, wx2) as figure,
    from scores_year
    group by metric
)

select
    metrics.metric,
    current_period.figure,
    comparison_period.figure as figure_before,
    year_ago.figure as figure_year,
    metrics.target,
from metrics
inner join current_period on metrics.metric = current_period.metric
left join comparison_period on metrics.metric = comparison_period.metric
left join year_ago on metrics.metric = year_ago.metric
order by metrics.position
