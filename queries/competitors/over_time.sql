-- title: {en: "Rating over time", ko: "평점 추이"}
-- description: {en: "Each brand's rating over the window that all brands share.", ko: "모든 브랜드에 리뷰가 있는 공통 기간의 평점 추이입니다."}
-- grain: one row per period and brand
-- chart: {kind: line, x: period, color: brand}
-- params:
--   grain: {choices: [day, week, month, quarter, year], default: month, label: {en: Grain, ko: 단위}}
-- uses: [competitors/shared_window]
-- finding: leader
-- tests:
--   - unique: [period, brand]
select
    date_trunc($grain, ratings.day) as period,
    ratings.brand,
    min(ratings.day) as first_day,
    max(ratings.day) as last_day,
    tally(ratings.n, ratings.w, ratings.w2, ratings.wx, ratings.wx2) as figure,
from ratings
cross join shared_window
where
    ratings.metric = 'rating'
    and ratings.day >= shared_window.first_day
    and ratings.day <= shared_window.last_day
group by all
order by period, brand
