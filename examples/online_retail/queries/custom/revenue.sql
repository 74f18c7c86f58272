-- title: {en: "Revenue by month", ko: "월 매출"}
-- description: {en: "Purchases of known customers, before returns.", ko: "고객을 아는 구매 금액이며 반품을 빼기 전입니다."}
-- grain: one row per month
-- chart: {kind: bar, x: month, y: revenue}
-- tests:
--   - unique: [month]
select
    date_trunc('month', day) as month,
    sum(amount) as revenue,
    count(distinct customer_id) as customers,
from events
where kind = 'purchase'
group by month
order by month
