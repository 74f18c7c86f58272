-- title: {en: "What matters most", ko: "가장 중요한 단계"}
-- description:
--   en: "How much of the difference between customers in the outcome goes with each step's score (Shapley share of R²)."
--   ko: "고객마다 다른 결과 지표가 단계별 점수와 얼마나 함께 움직이는지 봅니다(R²의 섀플리 몫)."
-- note:
--   en: "Association, not cause. Pairs of steps use every customer who rated both; grey steps are not beyond noise."
--   ko: "함께 움직이는 정도이며 원인은 아닙니다. 두 단계를 모두 평가한 고객을 짝마다 모두 쓰고, 회색 단계는 오차 범위 안입니다."
-- grain: one row per touchpoint
-- chart: {kind: priority, x: performance, y: importance, label: touchpoint, unit: "%", decimals: 0}
-- params:
--   metric: {default: csat, label: {en: Step score, ko: 단계 점수}}
--   outcome: {default: nps, label: {en: Outcome, ko: 결과 지표}}
-- metric: $metric
-- analysis: drivers
-- finding: drivers
-- tests:
--   - unique: [touchpoint]
with rated as (
    select
        customer_id,
        touchpoint,
        avg(score) as x,
    from panel
    where
        metric = $metric
        and score is not null
        and customer_id is not null
        and touchpoint is not null
    group by all
),

outcomes as (
    select
        customer_id,
        '*' as touchpoint,
        avg(score) as x,
    from panel
    where
        metric = $outcome
        and score is not null
        and customer_id is not null
    group by all
),

items as (
    select * from rated
    union all by name
    select * from outcomes
),

pair_sums as (
    select
        items.touchpoint,
        others.touchpoint as other,
        hash(items.customer_id) % 40 as fold,
        count(*) as n,
        sum(items.x) as x,
        sum(others.x) as y,
        sum(items.x * items.x) as xx,
        sum(others.x * others.x) as yy,
        sum(items.x * others.x) as xy,
    from items
    inner join items as others on items.customer_id = others.customer_id and items.touchpoint <= others.touchpoint
    group by all
),

pairs as (
    select
        touchpoint,
        other,
        list(struct_pack(fold := fold, n := n, x := x, y := y, xx := xx, yy := yy, xy := xy)) as folds,
    from pair_sums
    group by touchpoint, other
),

step_scores as (
    select
        touchpoint,
        tally(n, w, w2, wx, wx2) as figure,
    from scores
    where metric = $metric and touchpoint is not null
    group by touchpoint
)

select
    pairs.touchpoint,
    pairs.other,
    pairs.folds,
    step_scores.figure,
from pairs
left join step_scores on pairs.touchpoint = pairs.other and pairs.touchpoint = step_scores.touchpoint
order by pairs.touchpoint, pairs.other
