-- label: {en: "Public rating", ko: "공개 평점"}
-- description:
--   en: "Mean of the stars in public reviews, on a scale to 5."
--   ko: "공개 리뷰 별점의 평균이며 5점 만점으로 환산합니다."
-- variant: {en: "mean stars of 5", ko: "별점 평균, 5점 만점"}
-- table: reviews
-- range: [0, 5]
-- unit: {en: "stars", ko: "점"}
-- change_unit: {en: "", ko: "점"}
-- decimals: 2
-- direction: higher
-- interval: mean
-- position: 4
select
    *,
    score * 5 / rating_max as x,
from answers
