-- title: {en: "Touchpoints by year", ko: "접점별 연도 추이"}
-- description:
--   en: "Share of 4 and 5 out of 5 per touchpoint in each year's survey."
--   ko: "해마다 접점별로 4–5점을 준 응답의 비율입니다."
-- note:
--   en: "Wi-Fi and overall cleanliness were asked from 2013, the cleanliness of parking until 2012."
--   ko: "와이파이와 공항 전체 청결은 2013년부터, 주차장 청결은 2012년까지 물었습니다."
-- grain: one row per touchpoint and year
-- chart: {kind: heatmap, x: year, color: touchpoint, sort: own}
-- window: 96 months
-- tests:
--   - unique: [touchpoint, year]
select
    scores.touchpoint,
    any_value(touchpoints.position) as position,
    date_trunc('year', scores.day) as year,
    tally(scores.n, scores.w, scores.w2, scores.wx, scores.wx2) as figure,
from scores
left join touchpoints on scores.touchpoint = touchpoints.touchpoint
where scores.metric = 'csat' and scores.touchpoint is not null
group by scores.touchpoint, year
order by position nulls last, scores.touchpoint, year
