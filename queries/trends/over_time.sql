-- title: {en: "Over time", ko: "기간별 추이"}
-- description: {en: "A metric at any grain, split by a segment when one is chosen: its hundred values with the most answers.", ko: "원하는 단위로 보는 지표 추이이며 세그먼트를 고르면 응답이 많은 값 100개까지 나누어 봅니다."}
-- grain: one row per metric, period and segment
-- chart: {kind: line, x: period, color: segment}
-- by: none
-- params:
--   grain: {choices: [day, week, month, quarter, year], default: month, label: {en: Grain, ko: 단위}}
-- analysis: unusual
-- finding: trend
-- tests:
--   - unique: [metric, period, segment]
with every as (
    select
        metric,
        date_trunc($grain, day) as period,
        segment,
        tally(n, w, w2, wx, wx2) as figure,
        sum(sum(n)) over (partition by metric, segment) as of_segment,
    from scores
    group by metric, date_trunc($grain, day), segment
)

select
    metric,
    period,
    segment,
    figure,
from every
-- Of thousands of values no chart shows more, and the answers of the others would push out metrics.
qualify dense_rank() over (partition by metric order by of_segment desc, segment asc) <= 100
order by metric, period, segment
