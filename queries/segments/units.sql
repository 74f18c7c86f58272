-- title: {en: "Units and branches", ko: "본부와 지점"}
-- description:
--   en: "Every unit under its parent, over the last 13 weeks so that a branch has enough answers, against the same weeks a year ago."
--   ko: "본부 아래에 지점별 점수를 보여 줍니다. 지점마다 응답이 충분하도록 최근 13주를 전년 같은 기간과 견줍니다."
-- note:
--   en: "The last 13 weeks against the same weeks a year ago. Small branches move by chance: read the verdict first."
--   ko: "최근 13주를 전년 같은 기간과 비교합니다. 작은 지점은 우연으로도 움직이므로 판정을 먼저 봅니다."
-- grain: one row per unit, each parent before its branches
-- chart: {kind: table}
-- params:
--   metric: {default: nps, label: {en: Metric, ko: 지표}}
--   parent: {default: "", label: {en: Parent unit, ko: 본부}}
-- window: 13 weeks
-- tests:
--   - unique: [unit_id]
with places as (
    select
        unit_id,
        arg_max(parent_id, coalesce(valid_from, date '1900-01-01')) as parent_id,
        nullif(
            arg_max(coalesce(valid_to, date '9999-12-31'), coalesce(valid_from, date '1900-01-01')), date '9999-12-31'
        ) as closed_on,
    from units
    group by unit_id
),

branch_answers as (
    select
        coalesce(places.parent_id, scores.unit_id) as parent_id,
        scores.unit_id,
        scores.n,
        scores.w,
        scores.w2,
        scores.wx,
        scores.wx2,
    from scores
    left join places on scores.unit_id = places.unit_id
    where scores.metric = $metric and scores.unit_id is not null
),

branch_answers_before as (
    select
        coalesce(places.parent_id, scores_year.unit_id) as parent_id,
        scores_year.unit_id,
        scores_year.n,
        scores_year.w,
        scores_year.w2,
        scores_year.wx,
        scores_year.wx2,
    from scores_year
    left join places on scores_year.unit_id = places.unit_id
    where scores_year.metric = $metric and scores_year.unit_id is not null
),

figures as (
    select
        parent_id,
        coalesce(unit_id, parent_id) as unit_id,
        grouping(unit_id) as is_parent,
        tally(n, w, w2, wx, wx2) as figure,
    from branch_answers
    group by grouping sets ((parent_id), (parent_id, unit_id))
    having grouping(unit_id) = 1 or unit_id <> parent_id
),

figures_before as (
    select
        coalesce(unit_id, parent_id) as unit_id,
        tally(n, w, w2, wx, wx2) as figure,
    from branch_answers_before
    group by grouping sets ((parent_id), (parent_id, unit_id))
    having grouping(unit_id) = 1 or unit_id <> parent_id
)

select
    figures.unit_id,
    2 - figures.is_parent as depth,
    figures.figure,
    figures_before.figure as figure_before,
    places.closed_on,
from figures
left join figures_before on figures.unit_id = figures_before.unit_id
left join places on figures.unit_id = places.unit_id
where $parent = '' or figures.parent_id = $parent
order by figures.parent_id asc, figures.is_parent desc, figures.unit_id asc
