-- title: {en: "Replies to reviews", ko: "리뷰 답변"}
-- description:
--   en: "How many reviews each brand answered, of all and of one and two stars, and how long that took."
--   ko: "브랜드마다 전체 리뷰와 별점 1–2점 리뷰에 답한 비율, 답하기까지 걸린 시간입니다."
-- note:
--   en: "Half of the replies came within the hours given, nine of ten within the longer time. Recent reviews may still be answered."
--   ko: "답변의 절반은 적힌 시간 안에, 열에 아홉은 더 긴 시간 안에 나왔습니다. 최근 리뷰에는 앞으로 답할 수 있습니다."
-- grain: one row per brand
-- chart: {kind: table, decimals: 1}
-- tests:
--   - unique: [brand]
--   - range: {column: replied_share, min: 0, max: 100}
with timed as (
    select
        brand,
        rating <= 0.4 * coalesce(rating_max, 5) as is_low,
        replied_at is not null as is_replied,
        date_diff('minute', reviewed_at, replied_at) / 60 as hours,
    from reviews
)

select
    brand,
    count(*)::bigint as n,
    round(100 * count(*) filter (where is_replied) / count(*), 1) as replied_share,
    round(100 * count(*) filter (where is_replied and is_low) / nullif(count(*) filter (where is_low), 0), 1) as replied_share_low,
    round(median(hours) filter (where hours >= 0), 1) as hours_half,
    round(quantile_cont(hours, 0.9) filter (where hours >= 0), 1) as hours_most,
from timed
group by brand
-- Where nobody ever replied, the export does not say who did.
qualify bool_or(bool_or(is_replied)) over ()
order by replied_share desc, brand asc
