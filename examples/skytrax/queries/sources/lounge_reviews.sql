-- table: reviews
-- files: skytrax_reviews/lounge.csv
-- description: {en: "Skytrax reviews of airline lounges, 2006–2015.", ko: "2006–2015년 스카이트랙스 항공사 라운지 리뷰입니다."}

-- 67 of the ratings are above 5: they were given out of 10 among others out of 5. Rows of 5 and less cannot be told apart, so
-- the rating stays as stored; rating_max only says what such a row was given out of. Five reviews have no rating but a text.
select
    'lounge-' || row_number as review_id,
    date as reviewed_at,
    airline_name as brand,
    airline_name as airline,
    'lounge' as source,
    airport as product,
    title,
    content as body,
    'en' as language,
    author_country as country,
    overall_rating as rating,
    case when try_cast(overall_rating as double) > 5 then 10 else 5 end as rating_max,
    replace(type_traveller, 'FamilyLeisure', 'Family Leisure') as traveller,
from raw
