-- table: responses
-- files: zendesk/*.json
-- reader: json
-- records: satisfaction_ratings
-- columns: [comment, requester_id, group_id, reason]
-- description: {en: "Satisfaction ratings of Zendesk tickets.", ko: "젠데스크 문의의 만족도입니다."}

-- A template that has not met a real file. Fields as Zendesk documents them for GET /api/v2/satisfaction_ratings (the legacy CSAT), each
-- page of the answer saved as a file. “good” and “bad” are all there is: they count as 5 and 1, so that CSAT is the share of good.
-- “offered” and “unoffered” are no answers and are left out.
select
    'zendesk-' || id as response_id,
    created_at as responded_at,
    'csat' as metric,
    case when score like 'good%' then 5 else 1 end as score,
    requester_id as customer_id,
    'support' as touchpoint,
    comment,
    group_id as support_group,
    reason as bad_reason,
from raw
where score like 'good%' or score like 'bad%'
