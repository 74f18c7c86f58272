-- title: {en: "Every step by month", ko: "단계별 월 추이"}
-- grain: one row per touchpoint and month
-- chart: {kind: line, x: period, facets: touchpoint, reference: [{value: 70, label: Industry}]}
-- window: 12 months
-- analysis: unusual
-- tests:
--   - unique: [touchpoint, period]
select
    touchpoint,
    date_trunc('month', day) as period,
    tally(n, w, w2, wx, wx2) as figure,
from scores
where metric = 'csat' and touchpoint is not null
group by all
order by touchpoint, period
