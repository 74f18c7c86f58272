-- label: {en: "Rating out of 10", ko: "평점(10점 만점)"}
-- description: {en: "Mean rating as given, 1–10.", ko: "1–10점으로 남긴 평점의 평균입니다."}
-- variant: {en: "as given, out of 10", ko: "남긴 그대로, 10점 만점"}
-- table: reviews
-- range: [1, 10]
-- unit: {en: "points", ko: "점"}
-- change_unit: {en: "", ko: "점"}
-- decimals: 2
-- interval: mean
-- position: 1
select
    *,
    score as x,
from answers
