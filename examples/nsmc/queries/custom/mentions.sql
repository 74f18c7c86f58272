-- title: {en: "Reviews that mention acting", ko: "연기를 말한 리뷰"}
-- description: {en: "How many reviews have the word 연기, and how many there are.", ko: "‘연기’라는 말이 나오는 리뷰의 수와 전체 리뷰 수입니다."}
-- grain: one row
-- chart: {kind: table}
-- tests:
--   - rows: {max: 1}
select
    count(*) filter (where contains(body, '연기')) as mentions,
    count(*) as reviews,
from reviews
having count(*) > 0
