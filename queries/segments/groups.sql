-- title: {en: "Answers by score", ko: "점수 구성"}
-- description: {en: "Share of each score per segment.", ko: "세그먼트마다 점수별 응답 비율입니다."}
-- grain: one row per segment and score
-- chart: {kind: stacked, x: segment, color: score, y: answers}
-- by: channel
-- params:
--   metric: {default: nps, label: {en: Metric, ko: 지표}}
-- tests:
--   - unique: [segment, score]
select
    segment,
    score,
    sum(n)::bigint as answers,
    sum(sum(n)) over (partition by segment)::bigint as base,
from scores
where metric = $metric
group by segment, score
order by segment, score
