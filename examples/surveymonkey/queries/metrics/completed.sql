-- label: {en: "Completed", ko: "응답 완료율"}
-- description: {en: "Share of respondents who answered to the end.", ko: "끝까지 답한 응답자의 비율입니다."}
-- variant: {en: "share of respondents", ko: "응답자 기준"}
-- scale: [0, 1]
-- factor: 100
-- range: [0, 100]
-- unit: "%"
-- change_unit: {en: "pp", ko: "%p"}
-- interval: share
-- position: 1
select
    *,
    score as x,
from answers
