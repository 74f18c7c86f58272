-- title: {en: "How answers are spread", ko: "응답 분포"}
-- description: {en: "Answers per score: the shape behind the figure.", ko: "점수별 응답 수이며 지표 뒤의 모양을 보여 줍니다."}
-- grain: one row per metric and score
-- chart: {kind: stacked, x: metric, color: score, y: answers, sort: own}
-- tests:
--   - unique: [metric, score]
select
    metric,
    score,
    sum(n)::bigint as answers,
    sum(n) / sum(sum(n)) over (partition by metric) as share,
from scores
group by metric, score
order by metric, score
