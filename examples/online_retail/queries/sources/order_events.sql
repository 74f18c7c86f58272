-- table: events
-- files: online_retail/*.parquet
-- zone: Europe/London
-- description: {en: "Order lines of known customers: purchases and returns.", ko: "고객을 아는 주문 줄의 구매와 반품입니다."}

-- A negative quantity is a return. 135,080 lines have no customer: an event without one is nobody's, so they are left out.
-- The file has no number of the order, only of the line.
select
    'line-' || row_number as event_id,
    CustomerID::bigint::varchar as customer_id,
    InvoiceDate as occurred_at,
    case when Quantity < 0 then 'return' else 'purchase' end as kind,
    'web' as channel,
    Quantity * UnitPrice as amount,
    Country as country,
from raw
where CustomerID is not null
