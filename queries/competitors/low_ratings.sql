-- title: {en: "Volume and low ratings", ko: "리뷰 수와 낮은 평점"}
-- description: {en: "Reviews and the share of one and two stars (at most two fifths of the scale).", ko: "리뷰 수와 별점 1–2점(척도의 2/5 이하) 비율입니다."}
-- grain: one row per brand
-- chart: {kind: bar, x: brand, y: low_share, unit: "%", decimals: 1}
-- tests:
--   - unique: [brand]
select
    brand,
    count(*)::bigint as n,
    100 * count(*) filter (where rating <= 0.4 * coalesce(rating_max, 5)) / count(*) as low_share,
from reviews
where rating is not null
group by brand
order by low_share desc
