-- title: {en: "Themes by brand", ko: "브랜드별 주제"}
-- description:
--   en: "Share of each brand's public reviews that complain about a theme; letters name the brands that a cell truly exceeds."
--   ko: "브랜드마다 공개 리뷰 가운데 주제에 불만을 말한 글의 비율입니다. 글자는 그 칸이 실제로 앞서는 브랜드입니다."
-- grain: one row per theme and brand
-- chart: {kind: crosstab, x: theme, color: brand, limit: 20}
-- metric: complaints
-- tests:
--   - unique: [theme, brand]
with bases as (
    select
        brand,
        count(*) as n,
        sum(w) as w,
        sum(w * w) as w2,
    from comments
    where origin = 'reviews' and brand is not null
    group by brand
    order by n desc
    limit 8
),

said as (
    select
        theme,
        brand,
        coalesce(sum(w) filter (where sentiment <= -0.25), 0) as complained,
    from mentions
    where origin = 'reviews' and brand is not null
    group by all
),

ranked as (
    select
        theme,
        sum(complained) as complained,
    from said
    group by theme
    order by complained desc
    limit 15
)

select
    ranked.theme,
    bases.brand,
    tally(bases.n, bases.w, bases.w2, coalesce(said.complained, 0), coalesce(said.complained, 0)) as figure,
    any_value(ranked.complained) as total,
from ranked
cross join bases
left join said on ranked.theme = said.theme and bases.brand = said.brand
group by ranked.theme, bases.brand
order by total desc, ranked.theme, bases.brand
