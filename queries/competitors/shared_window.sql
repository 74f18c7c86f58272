-- title: {en: "Window that all brands share", ko: "모든 브랜드의 공통 기간"}
-- description:
--   en: "First and last day on which every brand with at least 30 reviews has some; gaps of two weeks at the ends do not count."
--   ko: "리뷰가 30건 이상인 모든 브랜드에 리뷰가 있는 첫날과 마지막 날입니다. 양 끝의 2주 이내 빈틈은 세지 않습니다."
-- grain: one row per asked period
-- chart: {kind: table}
-- tests:
--   - rows: {min: 1, max: 1}
with brand_days as (
    select
        brand,
        min(day) as first_day,
        max(day) as last_day,
    from ratings
    where metric = 'rating'
    group by brand
    having sum(n) >= 30
),

ends as (
    select
        max(first_day) as first_day,
        min(last_day) as last_day,
    from brand_days
)

select
    case when first_day <= last_day and first_day > cast($period_from as date) + 14 then first_day else cast($period_from as date) end as first_day,
    case when first_day <= last_day and last_day < cast($period_to as date) - 15 then last_day else cast($period_to as date) - 1 end as last_day,
from ends
