-- title: {en: "What moved where two meet", ko: "두 차원이 만나는 곳의 변화"}
-- description:
--   en: "Every pair of values of every two dimensions: a story such as gold members who pay shows only here."
--   ko: "모든 두 차원의 값 조합을 비교 기간과 견줍니다. 결제하는 골드 회원 같은 이야기는 여기서만 보입니다."
-- note:
--   en: "Pairs of fewer than 100 answers in both windows together are left out: they could show nothing."
--   ko: "두 기간을 합해 응답이 100건보다 적은 조합은 아무것도 보여 줄 수 없어 뺐습니다."
-- grain: one row per pair of values
-- chart: {kind: change, x: segment, color: segment_2, limit: 8}
-- params:
--   metric: {default: nps, label: {en: Metric, ko: 지표}}
-- finding: change
-- tests:
--   - unique: [metric, dimension, dimension_2, segment, segment_2]
with current_period as (
    select
        metric,
        dimension,
        value as segment,
        dimension_2,
        value_2 as segment_2,
        tally(n, w, w2, wx, wx2) as figure,
    from crossings
    where metric = $metric
    group by all
),

comparison_period as (
    select
        metric,
        dimension,
        value as segment,
        dimension_2,
        value_2 as segment_2,
        tally(n, w, w2, wx, wx2) as figure,
    from crossings_before
    where metric = $metric
    group by all
)

select
    current_period.metric,
    current_period.dimension,
    current_period.segment,
    current_period.dimension_2,
    current_period.segment_2,
    current_period.figure,
    comparison_period.figure as figure_before,
from current_period
inner join comparison_period
    on
        current_period.metric = comparison_period.metric
        and current_period.dimension = comparison_period.dimension
        and current_period.segment = comparison_period.segment
        and current_period.dimension_2 = comparison_period.dimension_2
        and current_period.segment_2 = comparison_period.segment_2
where current_period.figure.n + comparison_period.figure.n >= 100
order by
    current_period.metric,
    current_period.dimension,
    current_period.segment,
    current_period.dimension_2,
    current_period.segment_2
