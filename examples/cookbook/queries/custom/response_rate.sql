-- title: {en: "Response rate by step", ko: "단계별 응답률"}
-- description: How many of the surveys sent came back, per step of the journey.
-- grain: one row per touchpoint
-- chart: {kind: bar, x: touchpoint, y: rate, unit: "%"}
-- tests:
--   - unique: [touchpoint]
--   - range: {column: rate, min: 0, max: 100}
select
    touchpoint,
    count(*) as sent,
    count(response_id) as answered,
    100 * count(response_id) / count(*) as rate,
from invitations
group by touchpoint
order by touchpoint
