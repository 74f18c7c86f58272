-- title: {en: "Late orders", ko: "지연 배송"}
-- description: Share of orders finished after they were promised, per week.
-- grain: one row per week
-- chart: {kind: line, x: week, y: late_share, unit: "%"}
-- window: 26 weeks
-- tests:
--   - unique: [week]
--   - range: {column: late_share, min: 0, max: 100}
select
    date_trunc('week', day) as week,
    count(*) as orders,
    100 * count(*) filter (where finished_at > promised_at) / count(*) as late_share,
from events
where promised_at is not null and finished_at is not null
group by week
order by week
