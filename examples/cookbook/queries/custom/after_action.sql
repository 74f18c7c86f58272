-- title: {en: "Before and after an action", ko: "조치 전후"}
-- description: A metric at the action's own step, in the weeks before and after it started.
-- note: Other things may have changed in the same weeks.
-- grain: one row per action and side
-- chart: {kind: table}
-- params:
--   metric: {default: csat, label: {en: Metric, ko: 지표}}
--   weeks: {type: integer, default: 8, min: 2, max: 26, label: {en: Weeks on each side, ko: 앞뒤 주 수}}
-- window: 12 months
-- tests:
--   - unique: [title, side]
--   - accepted: {column: side, values: [1 before, 2 after]}
with started as (
    select
        title,
        touchpoint,
        cast(started_at as date) as first_day,
    from actions
    where metric is not null and touchpoint is not null
)

select
    started.title,
    started.first_day,
    case when scores.day < started.first_day then '1 before' else '2 after' end as side,
    tally(scores.n, scores.w, scores.w2, scores.wx, scores.wx2) as figure,
from started
inner join scores
    on
        started.touchpoint = scores.touchpoint
        and scores.day >= started.first_day - to_weeks($weeks)
        and scores.day < started.first_day + to_weeks($weeks)
where
    scores.metric = $metric
    and started.first_day >= $period_from + to_weeks($weeks)
group by all
order by started.first_day, started.title, side
