-- label: {en: "NPS", ko: "추천지수 NPS"}
-- description:
--   en: "Share of promoters (9–10) minus share of detractors (0–6)."
--   ko: "추천 고객(9–10점) 비율에서 비추천 고객(0–6점) 비율을 뺀 값입니다."
-- variant: {en: "promoters 9–10, detractors 0–6", ko: "추천 9–10점, 비추천 0–6점"}
-- scale: [0, 10]
-- factor: 100
-- range: [-100, 100]
-- unit: {en: "points", ko: "점"}
-- decimals: 1
-- direction: higher
-- interval: nps
-- position: 1
-- groups:
--   - {name: detractor, to: 6, ko: 비추천, en: detractors}
--   - {name: passive, to: 8, ko: 중립, en: passives}
--   - {name: promoter, to: 10, ko: 추천, en: promoters}
select
    *,
    case when score >= 9 then 1 when score <= 6 then -1 else 0 end as x,
from answers
