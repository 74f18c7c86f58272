-- title: {en: "Did it work?", ko: "조치는 효과가 있었나"}
-- description:
--   en: "The change at the step where something was done, less the change at all other steps: 13 weeks after against 13 weeks of baseline."
--   ko: "조치한 단계의 변화에서 다른 모든 단계의 변화를 뺀 값입니다. 시작 후 13주를 기준 기간 13주와 견줍니다."
-- note:
--   en: "The 13 weeks before an action was raised are left out: what was picked for being bad gets better by itself."
--   ko: "조치가 제기되기 전 13주는 기준에서 뺍니다. 나빠서 고른 곳은 가만두어도 나아지기 때문입니다."
-- grain: one row per action
-- chart: {kind: table}
-- window: 24 months
-- analysis: effect
-- tests:
--   - unique: [action_id]
with done as (
    select
        action_id,
        title,
        title_en,
        touchpoint,
        metric,
        cast(started_at as date) as started,
        cast(coalesce(raised_at, started_at) as date) as raised,
    from actions
    where touchpoint is not null and metric is not null
),

phases as (
    select
        done.action_id,
        scores.touchpoint = done.touchpoint as there,
        scores.day >= done.started as later,
        tally(scores.n, scores.w, scores.w2, scores.wx, scores.wx2) as figure,
    from done
    inner join scores on done.metric = scores.metric
    where
        scores.touchpoint is not null
        and (
            (scores.day >= done.started and scores.day < done.started + 91)
            or (scores.day >= done.raised - 182 and scores.day < done.raised - 91)
        )
    group by all
)

select
    done.action_id,
    done.title,
    done.title_en,
    done.touchpoint,
    done.metric,
    done.started,
    done.started as first_day,
    cast(done.started + 90 as date) as last_day,
    any_value(phases.figure) filter (where phases.there and phases.later) as figure,
    any_value(phases.figure) filter (where phases.there and not phases.later) as figure_baseline,
    any_value(phases.figure) filter (where not phases.there and phases.later) as figure_rest,
    any_value(phases.figure) filter (where not phases.there and not phases.later) as figure_rest_baseline,
from done
inner join phases on done.action_id = phases.action_id
group by done.action_id, done.title, done.title_en, done.touchpoint, done.metric, done.started
order by done.started desc
