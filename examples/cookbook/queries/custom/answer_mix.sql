-- title: {en: "Who answers", ko: "응답자 구성"}
-- description: Share of each group among the answers, in the period and in the comparison window.
-- grain: one row per segment
-- chart: {kind: bar, x: segment, y: share, unit: "%", sort: own}
-- by: tier
-- params:
--   metric: {default: nps, label: {en: Metric, ko: 지표}}
-- tests:
--   - unique: [segment]
--   - range: {column: share, min: 0, max: 100}
with answered as (
    select
        segment,
        sum(n)::bigint as answers,
    from scores
    where metric = $metric
    group by segment
),

answered_before as (
    select
        segment,
        sum(n)::bigint as answers,
    from scores_before
    where metric = $metric
    group by segment
)

select
    answered.segment,
    answered.answers,
    100 * answered.answers / sum(answered.answers) over () as share,
    100 * answered_before.answers / sum(answered_before.answers) over () as share_before,
from answered
left join answered_before on answered.segment is not distinct from answered_before.segment
order by answered.segment
