-- title: {en: "What moved the total", ko: "전체를 움직인 것"}
-- description:
--   en: "The change from the comparison window, split exactly into what each value's own change (rate) and its share of answers (mix) did."
--   ko: "비교 기간 대비 변화를 값마다 점수 변화의 몫과 응답 비중 변화(구성)의 몫으로 남김없이 나눕니다."
-- note:
--   en: "The parts sum to the change exactly. Mix is the mix of those who answered, not of all customers."
--   ko: "몫을 모두 더하면 변화와 정확히 같습니다. 구성은 전체 고객이 아니라 응답한 사람의 구성입니다."
-- grain: one row per segment
-- chart: {kind: waterfall, x: segment, limit: 10}
-- by: channel
-- params:
--   metric: {default: nps, label: {en: Metric, ko: 지표}}
-- analysis: contributions
-- finding: explained
-- tests:
--   - unique: [segment]
with current_period as (
    select
        segment,
        tally(n, w, w2, wx, wx2) as figure,
    from scores
    where metric = $metric
    group by all
),

comparison_period as (
    select
        segment,
        tally(n, w, w2, wx, wx2) as figure,
    from scores_before
    where metric = $metric
    group by all
)

select
    coalesce(current_period.segment, comparison_period.segment) as segment,
    current_period.figure,
    comparison_period.figure as figure_before,
from current_period
full join comparison_period on current_period.segment is not distinct from comparison_period.segment
order by segment
