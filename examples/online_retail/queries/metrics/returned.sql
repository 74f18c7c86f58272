-- label: {en: "Lines sent back", ko: "반품률"}
-- description: {en: "Share of order lines with a negative quantity.", ko: "수량이 음수인 주문 줄의 비율입니다."}
-- variant: {en: "share of order lines", ko: "주문 줄 기준"}
-- scale: [0, 1]
-- factor: 100
-- range: [0, 100]
-- unit: "%"
-- change_unit: {en: "pp", ko: "%p"}
-- direction: lower
-- interval: share
-- position: 1
select
    *,
    score as x,
from answers
