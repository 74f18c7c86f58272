-- title: {en: "Along the journey", ko: "여정별 점수"}
-- description: {en: "Each step in journey order, with last period and owner.", ko: "여정 순서대로 단계마다 점수와 이전 값, 담당을 보여 줍니다."}
-- note:
--   en: "Steps are different questions asked of different people: the line is a profile, not a course."
--   ko: "단계마다 다른 사람에게 다른 것을 물었습니다. 선은 흐름이 아니라 모습을 견주는 것입니다."
-- grain: one row per touchpoint
-- chart: {kind: journey, x: touchpoint, sort: own, limit: 40}
-- params:
--   metric: {default: csat, label: {en: Metric, ko: 지표}}
-- finding: weakest
-- tests:
--   - unique: [touchpoint]
with current_period as (
    select
        touchpoint,
        tally(n, w, w2, wx, wx2) as figure,
    from scores
    where metric = $metric and touchpoint is not null
    group by all
),

comparison_period as (
    select
        touchpoint,
        tally(n, w, w2, wx, wx2) as figure,
    from scores_before
    where metric = $metric and touchpoint is not null
    group by all
)

select
    current_period.touchpoint,
    touchpoints.position,
    touchpoints.stage,
    touchpoints.owner,
    current_period.figure,
    comparison_period.figure as figure_before,
from current_period
left join touchpoints on current_period.touchpoint = touchpoints.touchpoint
left join comparison_period on current_period.touchpoint = comparison_period.touchpoint
order by touchpoints.position nulls last, current_period.touchpoint
