-- title: {en: "Who buys again", ko: "재구매"}
-- description: Share of people with a purchase within 60 days after their answer, by what they answered.
-- note: People who answered less than 60 days ago have had less time.
-- grain: one row per group
-- chart: {kind: bar, x: answered, y: bought_share, unit: "%", sort: own}
-- window: 12 months
-- tests:
--   - unique: [answered]
with people as (
    select
        response_id,
        customer_id,
        day,
        case when score >= 9 then '3 promoter' when score <= 6 then '1 detractor' else '2 passive' end as answered,
    from responses
    where metric = 'nps' and score is not null and customer_id is not null
),

buyers as (
    select distinct people.response_id,
    from people
    inner join events
        on
            people.customer_id = events.customer_id
            and events.kind = 'purchase'
            and people.day < events.day
            and people.day + to_days(60) >= events.day
)

select
    people.answered,
    count(*) as answers,
    100 * count(buyers.response_id) / count(*) as bought_share,
from people
left join buyers on people.response_id = buyers.response_id
group by people.answered
order by people.answered
