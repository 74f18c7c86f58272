-- table: reviews
-- files: nsmc/raw/*.json
-- zone: Asia/Seoul
-- description: {en: "Korean reviews of 300 films, 1–10, one JSON file a film.", ko: "영화 300편의 한국어 리뷰와 1–10점 평점이며 영화마다 JSON 파일 하나입니다."}

-- Days have years of two digits: 15.08.25 is 25 August 2015. Ratings are written as text and go to 10.
select
    review_id,
    try_strptime(date, '%y.%m.%d') as reviewed_at,
    movie_id as brand,
    rating,
    10 as rating_max,
    review as body,
    'ko' as language,
from raw
