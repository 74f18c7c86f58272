-- title: {en: "Rating by brand", ko: "브랜드별 평점"}
-- description: {en: "Mean public rating of each brand, now and in the comparison window.", ko: "브랜드마다 현재와 비교 기간의 평균 평점입니다."}
-- grain: one row per brand
-- chart: {kind: bar, x: brand, columns: [adjusted]}
-- analysis: bayesian_average
-- finding: leader
-- tests:
--   - unique: [brand]
with current_period as (
    select
        brand,
        tally(n, w, w2, wx, wx2) as figure,
    from ratings
    where metric = 'rating'
    group by all
),

comparison_period as (
    select
        brand,
        tally(n, w, w2, wx, wx2) as figure,
    from ratings_before
    where metric = 'rating'
    group by all
)

select
    current_period.brand,
    current_period.figure,
    comparison_period.figure as figure_before,
from current_period
left join comparison_period on current_period.brand = comparison_period.brand
order by current_period.brand
