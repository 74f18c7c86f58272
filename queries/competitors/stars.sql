-- title: {en: "Stars given", ko: "별점 분포"}
-- description: {en: "Share of each number of stars per brand.", ko: "브랜드마다 별점별 리뷰 비율입니다."}
-- grain: one row per brand and stars
-- chart: {kind: stacked, x: brand, color: score, y: reviews}
-- tests:
--   - unique: [brand, score]
select
    brand,
    score,
    sum(n)::bigint as reviews,
from ratings
where metric = 'rating'
group by all
order by brand, score
