-- table: responses
-- files: skytrax_reviews/seat.csv
-- description:
--   en: "What reviewers of airline seats rated from 1 to 5, and whether they recommend the seat."
--   ko: "항공사 좌석 리뷰의 항목별 1–5점 평가와 추천 여부입니다."

-- Left out in plain sight: 0 (not rated) and blanks of the touchpoint ratings. A 0 of `recommended` is an answer: no.
-- 26 reviews are dated 1970-01-01, which stands for “unknown”: publishing sets their answers aside.
with long as (
    unpivot raw on
        seat_legroom_rating as seat_legroom,
        seat_recline_rating as seat_recline,
        seat_width_rating as seat_width,
        aisle_space_rating as seat_aisle,
        viewing_tv_rating as seat_screen,
        power_supply_rating as seat_power,
        seat_storage_rating as seat_storage,
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
    'seat-' || row_number || '-' || item as response_id,
    date as responded_at,
    case when item = 'recommended' then 'recommend' else 'csat' end as metric,
    score,
    nullif(item, 'recommended') as touchpoint,
    airline_name as airline,
    'seat' as source,
    author_country as country,
    replace(type_traveller, 'FamilyLeisure', 'Family Leisure') as traveller,
from answers
where item = 'recommended' or score > 0
