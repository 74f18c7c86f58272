-- title: {en: "Branches by CSAT", ko: "지점별 CSAT"}
-- grain: one row per unit
-- chart: {kind: funnel, x: unit_id, label: unit_id}
-- window: 26 weeks
-- analysis: ranking
-- finding: outliers
-- tests:
--   - unique: [unit_id]
--   - given: {scores: [{metric: csat, unit_id: a, x: 1}, {metric: csat, unit_id: a, x: 0}, {metric: csat, unit_id: b, x: 1}]}
--     expect: [{unit_id: a, value: 50, n: 2}, {unit_id: b, value: 100, n: 1}]
select
    unit_id,
    tally(n, w, w2, wx, wx2) as figure,
from scores
where metric = 'csat' and unit_id is not null
group by unit_id
order by unit_id
