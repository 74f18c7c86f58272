-- table: responses
-- files: skytrax_reviews/lounge.csv
-- description:
--   en: "What reviewers of airline lounges rated from 1 to 5, and whether they recommend the lounge."
--   ko: "항공사 라운지 리뷰의 항목별 1–5점 평가와 추천 여부입니다."

-- Left out in plain sight: 0 (not rated) and blanks of the touchpoint ratings. A 0 of `recommended` is an answer: no.
with long as (
    unpivot raw on
        comfort_rating as lounge_comfort,
        cleanliness_rating as lounge_cleanliness,
        bar_beverages_rating as lounge_bar,
        catering_rating as lounge_food,
        washrooms_rating as lounge_washrooms,
        wifi_connectivity_rating as lounge_wifi,
        staff_service_rating as lounge_staff,
        recommended
    into name item value answer
),

answers as (
    select
        *,
        try_cast(answer as double) as score,
    from long
)

select
    'lounge-' || row_number || '-' || item as response_id,
    date as responded_at,
    case when item = 'recommended' then 'recommend' else 'csat' end as metric,
    score,
    nullif(item, 'recommended') as touchpoint,
    airline_name as airline,
    'lounge' as source,
    author_country as country,
    replace(type_traveller, 'FamilyLeisure', 'Family Leisure') as traveller,
from answers
where item = 'recommended' or score > 0
