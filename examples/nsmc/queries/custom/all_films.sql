-- title: {en: "All films by year", ko: "전체 영화의 연도별 평점"}
-- description: {en: "Mean rating of the reviews of all films, per year.", ko: "모든 영화 리뷰의 연도별 평균 평점입니다."}
-- grain: one row per year
-- chart: {kind: line, x: year}
-- metric: rating
-- tests:
--   - unique: [year]
select
    date_trunc('year', day) as year,
    tally(n, w, w2, wx, wx2) as figure,
from ratings
where metric = 'rating'
group by year
order by year
