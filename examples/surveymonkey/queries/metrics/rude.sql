-- label: {en: "Find it rude", ko: "무례하다는 응답"}
-- description: {en: "Share of answers “somewhat rude” and “very rude”.", ko: "‘다소 무례하다’와 ‘매우 무례하다’는 응답의 비율입니다."}
-- variant: {en: "share of yes", ko: "‘예’의 비율"}
-- scale: [0, 1]
-- factor: 100
-- range: [0, 100]
-- unit: "%"
-- change_unit: {en: "pp", ko: "%p"}
-- interval: share
-- direction: lower
-- position: 2
select
    *,
    score as x,
from answers
