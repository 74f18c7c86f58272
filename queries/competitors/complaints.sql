-- title: {en: "What each brand is blamed for", ko: "브랜드별로 불만을 듣는 주제"}
-- description:
--   en: "Of each brand's public reviews in the window that all share, the share that complains about a theme; letters name the brands that a cell truly exceeds."
--   ko: "모든 브랜드의 공통 기간 공개 리뷰 가운데 브랜드마다 주제에 불만을 말한 글의 비율입니다. 글자는 그 칸이 실제로 앞서는 브랜드입니다."
-- grain: one row per theme and brand
-- chart: {kind: crosstab, x: theme, color: brand, limit: 20}
-- uses: [competitors/shared_window, competitors/compared_brands]
-- metric: complaints
-- tests:
--   - unique: [theme, brand]
with said as (
    select
        mentions.theme,
        mentions.brand,
        sum(mentions.w) as judged,
    from mentions
    cross join shared_window
    where
        mentions.origin = 'reviews'
        and mentions.brand is not null
        and mentions.sentiment <= -0.25
        and mentions.day >= shared_window.first_day
        and mentions.day <= shared_window.last_day
    group by all
),

-- What one brand alone is told must not be lost among what all are told.
ranked as (
    select
        said.theme,
        max(said.judged / compared_brands.weight) as judged,
    from said
    inner join compared_brands on said.brand = compared_brands.brand
    group by said.theme
    order by judged desc, said.theme asc
    limit 15
)

select
    ranked.theme,
    compared_brands.brand,
    tally(compared_brands.n, compared_brands.weight, compared_brands.squared_weight, coalesce(said.judged, 0), coalesce(said.judged, 0)) as figure,
    any_value(ranked.judged) as total,
    any_value(compared_brands.first_day) as first_day,
    any_value(compared_brands.last_day) as last_day,
from ranked
cross join compared_brands
left join said on ranked.theme = said.theme and compared_brands.brand = said.brand
group by ranked.theme, compared_brands.brand
order by total desc, ranked.theme asc, any_value(compared_brands.own) desc, compared_brands.brand asc
