-- title: {en: "Contacts settled at once", ko: "한 번에 해결된 문의"}
-- description: Share of contacts resolved without passing the customer on, and the median wait in seconds.
-- grain: one row per department
-- chart: {kind: bar, x: department, y: settled, unit: "%"}
-- tests:
--   - unique: [department]
--   - range: {column: settled, min: 0, max: 100}
select
    department,
    count(*) as contacts,
    100 * count(*) filter (where resolved and not coalesce(transferred, false)) / count(*) as settled,
    median(wait_seconds) as median_wait,
from events
where kind = 'contact' and department is not null
group by department
order by department
