-- title: {en: "Rating over time", ko: "평점 추이"}
-- description: {en: "Each brand's rating over the window that all brands share.", ko: "모든 브랜드에 리뷰가 있는 공통 기간의 평점 추이입니다."}
-- grain: one row per period and brand
-- chart: {kind: line, x: period, color: brand}
-- params:
--   grain: {choices: [day, week, month, quarter, year], default: month, label: {en: Grain, ko: 단위}}
-- finding: leader
-- tests:
--   - unique: [period, brand]
with brand_days as (
    select
        brand,
        min(day) as first_day,
        max(day) as last_day,
    from ratings
    where metric = 'rating'
    group by brand
),

shared_window as (
    select
        max(first_day) as first_day,
        min(last_day) as last_day,
    from brand_days
),

shared_periods as (
    select
        date_trunc($grain, case when first_day <= last_day then first_day else $period_from end) as first_period,
        case when first_day <= last_day then last_day else $period_to end as last_day,
    from shared_window
)

select
    date_trunc($grain, ratings.day) as period,
    ratings.brand,
    tally(ratings.n, ratings.w, ratings.w2, ratings.wx, ratings.wx2) as figure,
from ratings
cross join shared_periods
where
    ratings.metric = 'rating'
    and ratings.day >= shared_periods.first_period
    and ratings.day <= shared_periods.last_day
group by all
order by period, brand
