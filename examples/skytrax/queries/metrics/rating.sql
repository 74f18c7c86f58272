-- label: {en: "Skytrax rating", ko: "스카이트랙스 평점"}
-- description:
--   en: "Mean rating. Lounge ratings as stored (out of 5, 67 of them out of 10); seat ratings, out of 10, are halved."
--   ko: "평점의 평균입니다. 라운지는 저장된 값 그대로(5점 만점, 67건은 10점 만점)이며 10점 만점인 좌석 평점은 절반으로 셉니다."
-- variant: {en: "lounges as stored, seats halved to 5", ko: "라운지는 저장된 값, 좌석은 5점 환산"}
-- table: reviews
-- range: [0, 10]
-- unit: {en: "stars", ko: "점"}
-- change_unit: {en: "", ko: "점"}
-- decimals: 2
-- interval: mean
-- position: 2
select
    *,
    case when source = 'seat' then score / 2 else score end as x,
from answers
