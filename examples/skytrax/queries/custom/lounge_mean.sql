-- title: {en: "Lounges of all airlines", ko: "전체 항공사 라운지 평점"}
-- description: {en: "Mean lounge rating of all airlines as stored: what one airline's rating is to be read against.", ko: "모든 항공사 라운지의 저장된 평점 평균이며 한 항공사의 평점을 견줄 기준입니다."}
-- note: {en: "67 ratings given out of 10 stand among ratings out of 5, as the files have them.", ko: "10점 만점인 평점 67건이 5점 만점 평점 사이에 그대로 있습니다."}
-- grain: one row
-- chart: {kind: table}
-- metric: rating
-- tests:
--   - rows: {max: 1}
select
    count(distinct brand) as airlines,
    tally(n, w, w2, wx, wx2) as figure,
from ratings
where metric = 'rating' and source = 'lounge'
having count(*) > 0
