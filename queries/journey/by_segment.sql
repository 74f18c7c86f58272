-- title: {en: "Steps, split", ko: "나누어 본 단계별 점수"}
-- description: {en: "Each step per channel, department or another dimension: is the experience consistent?", ko: "채널이나 부서 등 차원별 단계 점수이며 경험이 고른지 보여 줍니다."}
-- grain: one row per touchpoint and segment
-- chart: {kind: heatmap, x: segment, color: touchpoint, sort: own, limit: 40}
-- by: channel
-- params:
--   metric: {default: csat, label: {en: Metric, ko: 지표}}
-- tests:
--   - unique: [touchpoint, segment]
select
    scores.touchpoint,
    any_value(touchpoints.position) as position,
    segment,
    tally(scores.n, scores.w, scores.w2, scores.wx, scores.wx2) as figure,
from scores
left join touchpoints on scores.touchpoint = touchpoints.touchpoint
where
    scores.metric = $metric
    and scores.touchpoint is not null
    and segment is not null
group by scores.touchpoint, segment
order by position nulls last, scores.touchpoint, segment
