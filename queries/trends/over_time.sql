-- title: {en: "Over time", ko: "기간별 추이"}
-- description: {en: "A metric at any grain, split by a segment when one is chosen.", ko: "원하는 단위로 보는 지표 추이이며 세그먼트별로 나눌 수 있습니다."}
-- grain: one row per metric, period and segment
-- chart: {kind: line, x: period, color: segment}
-- by: none
-- params:
--   grain: {choices: [day, week, month, quarter, year], default: month, label: {en: Grain, ko: 단위}}
-- analysis: unusual
-- finding: trend
-- tests:
--   - unique: [metric, period, segment]
select
    metric,
    date_trunc($grain, day) as period,
    segment,
    tally(n, w, w2, wx, wx2) as figure,
from scores
group by all
order by metric, period, segment
