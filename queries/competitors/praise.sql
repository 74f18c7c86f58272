-- title: {en: "What each brand is praised for", ko: "브랜드별로 칭찬받는 주제"}
-- description:
--   en: "Of each brand's public reviews in the window that all share, the share that praises a theme; letters name the brands that a cell truly exceeds."
--   ko: "모든 브랜드의 공통 기간 공개 리뷰 가운데 주제를 칭찬한 글의 비율입니다. 글자는 그 칸이 실제로 앞서는 브랜드입니다."
-- grain: one row per theme and brand
-- chart: {kind: crosstab, x: theme, color: brand, limit: 20}
-- uses: [competitors/shared_window]
-- metric: praise
-- tests:
--   - unique: [theme, brand]
with heard as (
    select
        comments.brand,
        comments.day,
        comments.own,
        comments.w,
    from comments
    cross join shared_window
    where
        comments.origin = 'reviews'
        and comments.brand is not null
        and comments.day >= shared_window.first_day
        and comments.day <= shared_window.last_day
),

bases as (
    select
        brand,
        min(day) as first_day,
        max(day) as last_day,
        count(*) as n,
        sum(w) as w,
        sum(w * w) as w2,
        bool_or(own) as own,
    from heard
    group by brand
    -- Where there are many brands, a handful of reviews takes no column from those that can be compared.
    qualify
        count(*) over () <= 8
        or count(*) >= 30
        or row_number() over (order by bool_or(own) desc, count(*) desc, brand asc) <= 4
    order by own desc, n desc, brand asc
    limit 8
),

said as (
    select
        mentions.theme,
        mentions.brand,
        sum(mentions.w) as judged,
    from mentions
    cross join shared_window
    where
        mentions.origin = 'reviews'
        and mentions.brand is not null
        and mentions.sentiment >= 0.25
        and mentions.day >= shared_window.first_day
        and mentions.day <= shared_window.last_day
    group by all
),

-- What one brand alone is told must not be lost among what all are told.
ranked as (
    select
        said.theme,
        max(said.judged / bases.w) as judged,
    from said
    inner join bases on said.brand = bases.brand
    group by said.theme
    order by judged desc, said.theme asc
    limit 15
)

select
    ranked.theme,
    bases.brand,
    tally(bases.n, bases.w, bases.w2, coalesce(said.judged, 0), coalesce(said.judged, 0)) as figure,
    any_value(ranked.judged) as total,
    any_value(bases.first_day) as first_day,
    any_value(bases.last_day) as last_day,
from ranked
cross join bases
left join said on ranked.theme = said.theme and bases.brand = said.brand
group by ranked.theme, bases.brand
order by total desc, ranked.theme asc, any_value(bases.own) desc, bases.brand asc
