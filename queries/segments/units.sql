-- title: {en: "Branches", ko: "지점"}
-- description:
--   en: "Every unit under its parent, over the last 13 weeks, so that a branch has enough answers."
--   ko: "최근 13주 동안의 지점별 점수를 본부 아래에 보여 줍니다. 지점마다 응답이 충분하도록 기간을 길게 잡았습니다."
-- grain: one row per unit
-- chart: {kind: table}
-- params:
--   metric: {default: nps, label: {en: Metric, ko: 지표}}
-- window: 3
-- tests:
--   - unique: [unit_id]
with latest_place as (
    select
        unit_id,
        arg_max(parent_id, coalesce(valid_from, date '1900-01-01')) as parent_id,
        arg_max(valid_to, coalesce(valid_from, date '1900-01-01')) as closed_on,
    from units
    group by unit_id
),

answers as (
    select
        unit_id,
        tally(n, w, w2, wx, wx2) as figure,
    from scores
    where metric = $metric and unit_id is not null
    group by all
),

answers_year as (
    select
        unit_id,
        tally(n, w, w2, wx, wx2) as figure,
    from scores_year
    where metric = $metric and unit_id is not null
    group by all
)

select
    latest_place.parent_id,
    answers.unit_id,
    answers.figure as figure,
    answers_year.figure as figure_before,
    latest_place.closed_on,
from answers
left join latest_place on answers.unit_id = latest_place.unit_id
left join answers_year on answers.unit_id = answers_year.unit_id
order by latest_place.parent_id, answers.unit_id
