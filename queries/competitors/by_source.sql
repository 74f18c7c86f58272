-- title: {en: "Brand ratings, split", ko: "나누어 본 브랜드별 평점"}
-- description: {en: "Rating of each brand per source, country or another column of the reviews.", ko: "리뷰의 출처나 국가 등 차원별 브랜드 평점입니다."}
-- grain: one row per brand and segment
-- chart: {kind: heatmap, x: segment, color: brand}
-- by: source
-- tests:
--   - unique: [brand, segment]
select
    brand,
    segment,
    tally(n, w, w2, wx, wx2) as figure,
from ratings
where metric = 'rating' and segment is not null
group by all
order by brand, segment
