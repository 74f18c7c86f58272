-- title: {en: "Last twelve months", ko: "최근 12개월"}
-- description: {en: "The small lines on the key figures.", ko: "핵심 지표 카드의 작은 선입니다."}
-- grain: one row per metric and month
-- chart: {kind: line, x: period, color: metric}
-- window: 12 months
-- tests:
--   - unique: [metric, period]
select
    metric,
    date_trunc('month', day) as period,
    tally(n, w, w2, wx, wx2) as figure,
from scores
group by all
order by metric, period
