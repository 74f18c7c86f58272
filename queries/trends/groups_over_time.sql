-- title: {en: "Answers by score over time", ko: "기간별 점수 구성"}
-- description: {en: "Share of each score in every period.", ko: "기간마다 점수별 응답 비율입니다."}
-- grain: one row per period and score
-- chart: {kind: stacked, x: period, color: score, y: answers, sort: own, limit: 24}
-- params:
--   metric: {default: nps, label: {en: Metric, ko: 지표}}
--   grain: {choices: [day, week, month, quarter, year], default: month, label: {en: Grain, ko: 단위}}
-- tests:
--   - unique: [period, score]
select
    date_trunc($grain, day) as period,
    score,
    sum(n)::bigint as answers,
    sum(sum(n)) over (partition by date_trunc($grain, day))::bigint as base,
from scores
where metric = $metric
group by date_trunc($grain, day), score
order by period, score
