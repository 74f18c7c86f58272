-- title: {en: "With and without rewarded reviews and bursts", ko: "보상 리뷰와 몰린 날을 뺀 평점"}
-- description:
--   en: "Each brand's rating of all reviews, and without rewarded ones and days on which far more came than usual."
--   ko: "브랜드마다 모든 리뷰의 평점과, 보상받은 리뷰와 유난히 많이 몰린 날을 뺀 평점을 나란히 봅니다."
-- note:
--   en: "A burst is a day with at least ten reviews and more than three standard deviations above the brand's usual number."
--   ko: "몰린 날은 리뷰가 열 건 이상이고 그 브랜드의 평소보다 표준편차 세 배 넘게 많은 날입니다."
-- grain: one row per brand
-- chart: {kind: table}
-- metric: rating
-- tests:
--   - unique: [brand]
with daily as (
    select
        brand,
        day,
        coalesce(incentivised, false) as rewarded,
        count(*) as reviews,
        sum(5 * rating / coalesce(rating_max, 5)) as x,
        sum(pow(5 * rating / coalesce(rating_max, 5), 2)) as x_squared,
    from reviews
    where rating is not null
    group by all
),

counted as (
    select
        brand,
        day,
        sum(reviews) as reviews,
    from daily
    group by brand, day
),

usual as (
    select
        brand,
        sum(reviews) / (date_diff('day', min(day), max(day)) + 1) as per_day,
    from counted
    group by brand
),

bursts as (
    select
        counted.brand,
        counted.day,
    from counted
    inner join usual on counted.brand = usual.brand
    where counted.reviews >= 10 and counted.reviews > usual.per_day + 3 * sqrt(usual.per_day)
),

marked as (
    select
        daily.*,
        bursts.day is not null as in_burst,
    from daily
    left join bursts on daily.brand = bursts.brand and daily.day = bursts.day
),

everything as (
    select
        brand,
        tally(reviews, reviews, reviews, x, x_squared) as figure,
        coalesce(sum(reviews) filter (where rewarded), 0)::bigint as rewarded_reviews,
        coalesce(sum(reviews) filter (where in_burst), 0)::bigint as burst_reviews,
    from marked
    group by brand
),

plain as (
    select
        brand,
        tally(reviews, reviews, reviews, x, x_squared) as figure,
    from marked
    where not rewarded and not in_burst
    group by brand
)

select
    everything.brand,
    everything.figure,
    plain.figure as plain,
    everything.rewarded_reviews,
    everything.burst_reviews,
from everything
left join plain on everything.brand = plain.brand
order by everything.brand
