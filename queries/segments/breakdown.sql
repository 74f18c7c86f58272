-- title: {en: "By segment", ko: "세그먼트별"}
-- description: {en: "Each value of a dimension: figure, answers and change.", ko: "차원의 값마다 점수, 응답 수, 변화를 보여 줍니다."}
-- grain: one row per metric and segment
-- chart: {kind: bar, x: segment, limit: 12}
-- by: channel
-- analysis: rest
-- finding: different
-- tests:
--   - unique: [metric, segment]
with current_period as (
    select
        metric,
        segment,
        tally(n, w, w2, wx, wx2) as figure,
    from scores
    group by all
),

comparison_period as (
    select
        metric,
        segment,
        tally(n, w, w2, wx, wx2) as figure,
    from scores_before
    group by all
)

select
    current_period.metric,
    current_period.segment,
    current_period.figure,
    comparison_period.figure as figure_before,
from current_period
left join comparison_period
    on
        current_period.metric = comparison_period.metric
        and current_period.segment is not distinct from comparison_period.segment
order by current_period.metric, current_period.segment
