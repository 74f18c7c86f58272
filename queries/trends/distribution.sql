-- title: {en: "How answers are spread", ko: "응답 분포"}
-- description: {en: "Share of each answer: the shape behind the figure.", ko: "점수별 응답 비율이며 지표 뒤의 모양을 보여 줍니다."}
-- grain: one row per metric and score
-- chart: {kind: bar, x: score, y: share, sort: own, unit: "%", decimals: 1}
-- tests:
--   - unique: [metric, score]
--   - range: {column: share, min: 0, max: 100}
select
    metric,
    score,
    sum(n)::bigint as answers,
    sum(sum(n)) over (partition by metric)::bigint as base,
    100 * sum(n) / sum(sum(n)) over (partition by metric) as share,
from scores
group by metric, score
order by metric asc, score desc
