-- title: {en: "Figures of a closed month, by segment", ko: "마감한 달의 세그먼트별 지표"}
-- description:
--   en: "Every value of every segment and touchpoint; kept as reported when the month is closed."
--   ko: "세그먼트와 접점의 값마다 지표를 봅니다. 마감할 때 보고한 값으로 남습니다."
-- grain: one row per metric, dimension and value
-- chart: {kind: table}
-- tests:
--   - unique: [metric, dimension, segment]
select
    metric,
    dimension,
    value as segment,
    tally(n, w, w2, wx, wx2) as figure,
from segments
group by all
order by metric, dimension, segment
