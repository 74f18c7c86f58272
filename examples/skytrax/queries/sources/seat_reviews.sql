-- table: reviews
-- files: skytrax_reviews/seat.csv
-- description: {en: "Skytrax reviews of airline seats, to 2015.", ko: "2015년까지의 스카이트랙스 항공기 좌석 리뷰입니다."}

-- All seat ratings are out of 10. 26 rows are dated 1970-01-01, which stands for “unknown”: publishing sets them aside.
select
    'seat-' || row_number as review_id,
    date as reviewed_at,
    airline_name as brand,
    airline_name as airline,
    'seat' as source,
    upper(aircraft) as product,
    title,
    content as body,
    'en' as language,
    author_country as country,
    overall_rating as rating,
    10 as rating_max,
    replace(type_traveller, 'FamilyLeisure', 'Family Leisure') as traveller,
from raw
