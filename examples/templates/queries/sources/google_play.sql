-- table: reviews
-- files: google_play/*.csv
-- reader: csv
-- encoding: utf-16
-- columns: [App Version Name, Developer Reply Millis Since Epoch]
-- description: {en: "Reviews of Google Play Console, monthly reports.", ko: "구글 플레이 콘솔의 월별 리뷰 보고서입니다."}

-- A template that has not met a real file. Columns as other programs that read these reports name them, not checked against Play Console's own help; UTF-16, a file per app and
-- month (reviews_PACKAGE_YYYYMM.csv). The report has ratings with a text or without one. Language codes are the reviewer's.
-- To correct: the brand, where an app belongs to somebody else than its package's name says.
select
    coalesce("Review Link", "Package Name" || '-' || "Review Submit Millis Since Epoch" || '-' || "Star Rating") as review_id,
    to_timestamp(try_cast("Review Submit Millis Since Epoch" as bigint) / 1000) as reviewed_at,
    "Package Name" as brand,
    "Star Rating" as rating,
    'playstore' as source,
    "Review Title" as title,
    "Review Text" as body,
    "Reviewer Language" as language,
    "App Version Name" as version,
    to_timestamp(try_cast("Developer Reply Millis Since Epoch" as bigint) / 1000) as replied_at,
from raw
