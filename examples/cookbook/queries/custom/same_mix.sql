-- title: {en: "With the mix of before", ko: "이전 구성으로 본 값"}
-- description: The mean now, the mean before, and the mean now if the groups were answered as often as before. Multiply by the metric's factor (100 for NPS and CSAT).
-- grain: one row
-- chart: {kind: table}
-- by: tier
-- params:
--   metric: {default: nps, label: {en: Metric, ko: 지표}}
-- tests:
--   - rows: {max: 1}
with present as (
    select
        segment,
        sum(w) as weight,
        sum(wx) as total,
    from scores
    where metric = $metric
    group by segment
),

earlier as (
    select
        segment,
        sum(w) as weight,
        sum(wx) as total,
    from scores_before
    where metric = $metric
    group by segment
)

select
    sum(present.total) / sum(present.weight) as mean_now,
    sum(earlier.total) / sum(earlier.weight) as mean_before,
    sum(earlier.weight * present.total / present.weight) / sum(earlier.weight) as mean_with_old_mix,
from present
inner join earlier on present.segment is not distinct from earlier.segment
having sum(present.weight) > 0
