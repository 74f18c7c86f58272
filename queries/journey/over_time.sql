-- title: {en: "Step by period", ko: "단계별 기간 추이"}
-- description: {en: "Each step in each period: where it began to slide.", ko: "단계마다 기간별 점수이며 언제부터 달라졌는지 보여 줍니다."}
-- grain: one row per touchpoint and period
-- chart: {kind: heatmap, x: period, color: touchpoint, sort: own, limit: 40}
-- params:
--   metric: {default: csat, label: {en: Metric, ko: 지표}}
-- window: 8 months
-- tests:
--   - unique: [touchpoint, period]
select
    scores.touchpoint,
    any_value(touchpoints.position) as position,
    date_trunc('month', scores.day) as period,
    tally(scores.n, scores.w, scores.w2, scores.wx, scores.wx2) as figure,
from scores
left join touchpoints on scores.touchpoint = touchpoints.touchpoint
where scores.metric = $metric and scores.touchpoint is not null
group by scores.touchpoint, period
order by position nulls last, scores.touchpoint, period
