-- label: {en: "Would recommend", ko: "추천 비율"}
-- description: {en: "Share of reviewers who recommend it: yes out of yes and no.", ko: "추천한다고 답한 리뷰어의 비율입니다."}
-- variant: {en: "share of yes among yes and no", ko: "예·아니요 중 예의 비율"}
-- scale: [0, 1]
-- factor: 100
-- range: [0, 100]
-- unit: "%"
-- change_unit: {en: "pp", ko: "%p"}
-- interval: share
-- position: 1
-- groups:
--   - {name: "no", to: 0, ko: 비추천, en: does not recommend}
--   - {name: "yes", to: 1, ko: 추천, en: recommends}
select
    *,
    score as x,
from answers
