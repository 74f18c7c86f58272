-- table: customers
-- files: online_retail/*.parquet
-- zone: Europe/London
-- description: {en: "Customers who bought something, with their first purchase.", ko: "구매한 적이 있는 고객과 첫 구매 시각입니다."}

select
    CustomerID::bigint::varchar as customer_id,
    min(InvoiceDate) as joined_at,
    arg_min(Country, InvoiceDate) as country,
from raw
where CustomerID is not null and Quantity > 0
group by CustomerID
