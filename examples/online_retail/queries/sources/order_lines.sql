-- table: responses
-- files: online_retail/*.parquet
-- zone: Europe/London
-- description: {en: "Order lines: whether each was sent back.", ko: "주문 줄마다 반품 여부입니다."}

-- No survey: whether a line came back is what customers said with their feet. Lines without a customer count too.
select
    'line-' || row_number as response_id,
    CustomerID::bigint::varchar as customer_id,
    InvoiceDate as responded_at,
    'returned' as metric,
    case when Quantity < 0 then 1 else 0 end as score,
    Country as country,
from raw
