-- label: {en: "CSAT", ko: "만족도 CSAT"}
-- description:
--   en: "Share of answers 4 and 5 out of 5."
--   ko: "5점 만점에 4점과 5점 응답의 비율입니다."
-- variant: {en: "top two of 1–5", ko: "5점 척도 상위 두 칸"}
-- scale: [1, 5]
-- factor: 100
-- range: [0, 100]
-- unit: {en: "%", ko: "%"}
-- change_unit: {en: "pp", ko: "%p"}
-- decimals: 1
-- direction: higher
-- interval: share
-- position: 2
-- groups:
--   - {name: dissatisfied, to: 2, ko: 불만족, en: dissatisfied}
--   - {name: neutral, to: 3, ko: 보통, en: neutral}
--   - {name: satisfied, to: 5, ko: 만족, en: satisfied}
select
    *,
    case when score >= 4 then 1 else 0 end as x,
from answers
