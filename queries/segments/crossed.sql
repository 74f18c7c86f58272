-- title: {en: "Two dimensions crossed", ko: "두 차원 교차"}
-- description: {en: "A figure for each pair of values, and how it changed.", ko: "두 차원의 값 조합마다 점수와 변화를 보여 줍니다."}
-- grain: one row per pair of segments
-- chart: {kind: heatmap, x: segment_2, color: segment}
-- by: channel
-- by_2: touchpoint
-- params:
--   metric: {default: nps, label: {en: Metric, ko: 지표}}
-- finding: change
-- tests:
--   - unique: [segment, segment_2]
with current_period as (
    select
        segment,
        segment_2,
        tally(n, w, w2, wx, wx2) as figure,
    from scores
    where
        metric = $metric
        and segment is not null
        and segment_2 is not null
    group by all
),

comparison_period as (
    select
        segment,
        segment_2,
        tally(n, w, w2, wx, wx2) as figure,
    from scores_before
    where
        metric = $metric
        and segment is not null
        and segment_2 is not null
    group by all
)

select
    current_period.segment,
    current_period.segment_2,
    current_period.figure,
    comparison_period.figure as figure_before,
from current_period
left join comparison_period
    on
        current_period.segment = comparison_period.segment
        and current_period.segment_2 = comparison_period.segment_2
order by current_period.segment, current_period.segment_2
