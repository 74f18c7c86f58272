-- title: {en: "Effort before and after the new wording", ko: "문항 변경 전후의 노력"}
-- description: A step where one line ends and the other begins is the wording, not the customers.
-- grain: one row per month and wording
-- chart: {kind: line, x: period, color: wording_version}
-- window: 18 months
-- tests:
--   - unique: [period, wording_version]
select
    date_trunc('month', day) as period,
    wording_version,
    tally(n, w, w2, wx, wx2) as figure,
from scores
where metric = 'ces' and wording_version is not null
group by all
order by period, wording_version
