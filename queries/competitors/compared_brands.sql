-- title: {en: "Brands that can be compared", ko: "견줄 수 있는 브랜드"}
-- description:
--   en: "Up to eight brands by their public reviews in the window that all share, our own first; among many brands those with at least 30 reviews, or the four with most."
--   ko: "공통 기간 공개 리뷰가 많은 브랜드를 여덟 곳까지, 자사를 먼저 봅니다. 브랜드가 많으면 리뷰가 30건 이상이거나 가장 많은 네 곳만 봅니다."
-- grain: one row per brand
-- chart: {kind: table}
-- uses: [competitors/shared_window]
-- tests:
--   - unique: [brand]
--   - rows: {max: 8}
with heard as (
    select
        comments.brand,
        comments.day,
        comments.own,
        comments.w,
    from comments
    cross join shared_window
    where
        comments.origin = 'reviews'
        and comments.brand is not null
        and comments.day >= shared_window.first_day
        and comments.day <= shared_window.last_day
)

select
    brand,
    min(day) as first_day,
    max(day) as last_day,
    count(*) as n,
    sum(w) as weight,
    sum(w * w) as squared_weight,
    bool_or(own) as own,
from heard
group by brand
-- Where there are many brands, a handful of reviews takes no column from those that can be compared.
qualify
    count(*) over () <= 8
    or count(*) >= 30
    or row_number() over (order by bool_or(own) desc, count(*) desc, brand asc) <= 4
order by own desc, n desc, brand asc
limit 8
