-- title: {en: "Two dimensions crossed", ko: "두 차원 교차"}
-- description: {en: "A figure for each pair of values.", ko: "두 차원의 값 조합마다 점수를 보여 줍니다."}
-- grain: one row per pair of segments
-- chart: {kind: heatmap, x: segment_2, color: segment}
-- by: channel
-- by_2: touchpoint
-- params:
--   metric: {default: nps, label: {en: Metric, ko: 지표}}
-- finding: weakest
-- tests:
--   - unique: [segment, segment_2]
select
    segment,
    segment_2,
    tally(n, w, w2, wx, wx2) as figure,
from scores
where
    metric = $metric
    and segment is not null
    and segment_2 is not null
group by all
order by segment, segment_2
