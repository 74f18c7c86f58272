-- title: {en: "How each theme is judged, by brand", ko: "브랜드별 주제 평가"}
-- description:
--   en: "Of each brand's public reviews in the window that all share: how those that name a theme judge it, from -100 to 100."
--   ko: "모든 브랜드의 공통 기간 공개 리뷰에서 주제를 언급한 글이 그 주제를 어떻게 평가하는지 −100부터 100까지로 봅니다."
-- grain: one row per theme and brand
-- chart: {kind: heatmap, x: brand, color: theme, limit: 15, sort: own, decimals: 0}
-- uses: [competitors/shared_window, competitors/compared_brands]
-- metric: sentiment
-- tests:
--   - unique: [theme, brand]
with judged as (
    select
        mentions.theme,
        mentions.brand,
        min(mentions.day) as first_day,
        max(mentions.day) as last_day,
        count(*) as n,
        sum(mentions.w) as w,
        sum(mentions.w * mentions.w) as w2,
        sum(mentions.w * mentions.sentiment) as wx,
        sum(mentions.w * mentions.sentiment * mentions.sentiment) as wx2,
    from mentions
    inner join compared_brands on mentions.brand = compared_brands.brand
    cross join shared_window
    where
        mentions.origin = 'reviews'
        and mentions.brand is not null
        and mentions.sentiment is not null
        and mentions.day >= shared_window.first_day
        and mentions.day <= shared_window.last_day
    group by all
),

ranked as (
    select
        theme,
        sum(n) as total,
    from judged
    group by theme
    order by total desc, theme asc
    limit 15
)

select
    judged.theme,
    judged.brand,
    tally(judged.n, judged.w, judged.w2, judged.wx, judged.wx2) as figure,
    any_value(ranked.total) as total,
    any_value(judged.first_day) as first_day,
    any_value(judged.last_day) as last_day,
from judged
inner join ranked on judged.theme = ranked.theme
group by judged.theme, judged.brand
order by total desc, judged.theme asc, judged.brand asc
