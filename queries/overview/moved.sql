-- title: {en: "What moved", ko: "움직인 곳"}
-- description:
--   en: "Every value of every segment, now against the comparison window; the findings come from here."
--   ko: "모든 세그먼트의 모든 값을 비교 기간과 견줍니다. 주요 발견이 여기서 나옵니다."
-- grain: one row per metric, dimension and value
-- chart: {kind: change, x: value, limit: 8}
-- finding: change
-- tests:
--   - unique: [metric, dimension, segment]
with current_period as (
    select
        metric,
        dimension,
        value as segment,
        tally(n, w, w2, wx, wx2) as figure,
    from segments
    group by all
),

comparison_period as (
    select
        metric,
        dimension,
        value as segment,
        tally(n, w, w2, wx, wx2) as figure,
    from segments_before
    group by all
)

select
    coalesce(current_period.metric, comparison_period.metric) as metric,
    coalesce(current_period.dimension, comparison_period.dimension) as dimension,
    coalesce(current_period.segment, comparison_period.segment) as segment,
    current_period.figure,
    comparison_period.figure as figure_before,
from current_period
full join comparison_period
    on
        current_period.metric = comparison_period.metric
        and current_period.dimension = comparison_period.dimension
        and current_period.segment = comparison_period.segment
order by metric, dimension, segment
