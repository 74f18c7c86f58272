-- title: {en: "Who comes back", ko: "재구매 코호트"}
-- description: {en: "Customers by the month of their first purchase, and how many of them bought in each later month.", ko: "첫 구매 월별 고객과 이후 달마다 다시 구매한 고객 수입니다."}
-- note: {en: "The last month of the file is not a whole one.", ko: "파일의 마지막 달은 온전한 한 달이 아닙니다."}
-- grain: one row per cohort and month
-- chart: {kind: table}
-- tests:
--   - unique: [cohort, month]
with bought as (
    select distinct
        customer_id,
        date_trunc('month', day) as month,
    from events
    where kind = 'purchase'
),

first_months as (
    select
        customer_id,
        min(month) as cohort,
    from bought
    group by customer_id
)

select
    first_months.cohort,
    bought.month,
    count(*) as customers,
from bought
inner join first_months on bought.customer_id = first_months.customer_id
group by first_months.cohort, bought.month
order by first_months.cohort, bought.month
