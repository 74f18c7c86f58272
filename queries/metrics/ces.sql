-- label: {en: "Effort CES", ko: "고객 노력 CES"}
-- description:
--   en: "Mean answer to “it was easy”, from 1 (not at all) to 7 (very). Higher means less effort."
--   ko: "‘쉬웠다’는 문장에 대한 1–7점 동의 평균입니다. 높을수록 고객의 노력이 적습니다."
-- variant: {en: "mean of 1–7, 7 = very easy", ko: "1–7점 평균, 7점 = 매우 쉬움"}
-- scale: [1, 7]
-- range: [1, 7]
-- unit: {en: "of 7", ko: "점"}
-- change_unit: {en: "", ko: "점"}
-- decimals: 2
-- direction: higher
-- interval: mean
-- position: 3
-- groups:
--   - {name: hard, to: 3, ko: 어려움, en: hard}
--   - {name: neutral, to: 4, ko: 보통, en: neutral}
--   - {name: easy, to: 7, ko: 쉬움, en: easy}
select
    *,
    score as x,
from answers
