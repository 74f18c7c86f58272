-- title: {en: "What explains the change", ko: "변화를 설명하는 차원"}
-- description:
--   en: "Which dimension explains how each metric moved: by different changes of its values, or by a shifted mix of who answered."
--   ko: "지표의 변화를 어느 차원이 설명하는지 가립니다. 값마다 달리 움직였는지, 응답자 구성이 바뀌었는지 봅니다."
-- note:
--   en: "A dimension is named only where its values moved more differently, or its mix shifted more, than chance allows."
--   ko: "값들이 우연보다 크게 달리 움직였거나 구성이 우연보다 크게 바뀐 차원만 이름을 올립니다."
-- grain: one row per metric and dimension
-- chart: {kind: table}
-- analysis: explanations
-- tests:
--   - unique: [metric, dimension]
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
