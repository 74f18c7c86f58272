-- title: {en: "Figures of a closed month", ko: "마감한 달의 지표"}
-- description:
--   en: "Every metric over the days of the month; kept as reported when the month is closed."
--   ko: "한 달 전체의 지표별 값입니다. 마감할 때 보고한 값으로 남습니다."
-- grain: one row per metric
-- chart: {kind: table}
-- tests:
--   - unique: [metric]
select
    metric,
    tally(n, w, w2, wx, wx2) as figure,
from scores
group by metric
order by metric
