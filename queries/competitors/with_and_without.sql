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
with counted as (
    select
        brand,
        day,
        count(*) as reviews,
    from reviews
    where rating is not null
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

rated as (
    select
        reviews.brand,
        5 * reviews.rating / coalesce(reviews.rating_max, 5) as x,
        coalesce(reviews.incentivised, false) as rewarded,
        bursts.day is not null as in_burst,
    from reviews
    left join bursts on reviews.brand = bursts.brand and reviews.day = bursts.day
    where reviews.rating is not null
),

everything as (
    select
        brand,
        tally(1, 1, 1, x, x * x) as figure,
        count(*) filter (where rewarded) as rewarded_reviews,
        count(*) filter (where in_burst) as burst_reviews,
    from rated
    group by brand
),

plain as (
    select
        brand,
        tally(1, 1, 1, x, x * x) as figure,
    from rated
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
