-- table: reviews
-- files: app_store/*.json
-- reader: json
-- records: data
-- description: {en: "Customer reviews of the App Store Connect API.", ko: "앱스토어 커넥트 API의 고객 리뷰입니다."}

-- A template that has not met a real file. Fields as Apple documents them for GET /v1/apps/{id}/customerReviews, each page of the answer
-- saved as a file. The answer does not name the app: save each app's pages in a folder of its own, which becomes the brand.
select
    id as review_id,
    "attributes.createdDate" as reviewed_at,
    regexp_extract(filename, '([^/]+)/[^/]+$', 1) as brand,
    "attributes.rating" as rating,
    'appstore' as source,
    "attributes.title" as title,
    "attributes.body" as body,
    "attributes.territory" as country,
from raw
