-- title: {en: "All metrics on one scale", ko: "지표 공통 척도 비교"}
-- description:
--   en: "Each step's mean answer per metric as a share of its scale: 0 is the worst possible answer, 100 the best."
--   ko: "지표마다 평균 응답을 척도에 대한 비율로 바꾸었습니다. 0은 가장 나쁜 응답, 100은 가장 좋은 응답입니다."
-- note:
--   en: "Different scales are made comparable: (mean answer − lowest) ÷ (highest − lowest) × 100. This is not NPS or CSAT itself."
--   ko: "척도가 다른 지표를 견줄 수 있도록 (평균 응답 − 최저) ÷ (최고 − 최저) × 100으로 환산했습니다. NPS나 CSAT 값 자체가 아닙니다."
-- grain: one row per touchpoint and metric
-- chart: {kind: heatmap, x: metric, color: touchpoint, y: comparable, sort: own, limit: 40, decimals: 0}
-- tests:
--   - unique: [touchpoint, metric]
--   - range: {column: comparable, min: 0, max: 100}
select
    scores.touchpoint,
    scores.metric,
    any_value(touchpoints.position) as position,
    sum(scores.n)::bigint as n,
    100 * (
        sum(scores.w * case when metrics.direction = 'higher' then scores.score else metrics.scale_low + metrics.scale_high - scores.score end)
        / sum(scores.w) - any_value(metrics.scale_low)
    ) / (any_value(metrics.scale_high) - any_value(metrics.scale_low)) as comparable,
from scores
inner join metrics on scores.metric = metrics.metric
left join touchpoints on scores.touchpoint = touchpoints.touchpoint
where scores.touchpoint is not null and metrics.scale_high is not null
group by scores.touchpoint, scores.metric
order by position nulls last, scores.touchpoint, scores.metric
