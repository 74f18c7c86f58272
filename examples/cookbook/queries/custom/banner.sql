-- title: {en: "Effort by step and tier", ko: "단계와 등급별 노력"}
-- grain: one row per touchpoint and tier
-- chart: {kind: crosstab, x: touchpoint, color: tier}
-- tests:
--   - unique: [touchpoint, tier]
select
    touchpoint,
    tier,
    tally(n, w, w2, wx, wx2) as figure,
from scores
where metric = 'ces' and touchpoint is not null and tier is not null
group by touchpoint, tier
order by touchpoint, tier
