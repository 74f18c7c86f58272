-- title: {en: "Complaints that grew or shrank, by brand", ko: "브랜드별로 늘거나 줄어든 불만"}
-- description:
--   en: "Of each brand's public reviews, the share that complains about a theme, now and in the comparison window. Brands with 30 reviews in both."
--   ko: "브랜드마다 공개 리뷰 가운데 주제에 불만을 말한 글의 비율을 비교 기간과 견줍니다. 두 기간에 모두 리뷰가 30건 이상인 브랜드만 봅니다."
-- grain: one row per brand and theme
-- chart: {kind: table, x: theme, columns: [brand, theme, change, verdict, value]}
-- metric: complaints
-- finding: change
-- tests:
--   - unique: [brand, theme]
with base as (
    select
        brand,
        count(*) as n,
        sum(w) as w,
        sum(w * w) as w2,
    from comments
    where origin = 'reviews' and brand is not null
    group by brand
    having count(*) >= 30
),

base_before as (
    select
        brand,
        count(*) as n,
        sum(w) as w,
        sum(w * w) as w2,
    from comments_before
    where origin = 'reviews' and brand is not null
    group by brand
    having count(*) >= 30
),

said as (
    select
        brand,
        theme,
        sum(w) as judged,
    from mentions
    where origin = 'reviews' and brand is not null and sentiment <= -0.25
    group by all
),

said_before as (
    select
        brand,
        theme,
        sum(w) as judged,
    from mentions_before
    where origin = 'reviews' and brand is not null and sentiment <= -0.25
    group by all
),

both_periods as (
    select
        coalesce(said.brand, said_before.brand) as brand,
        coalesce(said.theme, said_before.theme) as theme,
        coalesce(said.judged, 0) as judged,
        coalesce(said_before.judged, 0) as judged_before,
    from said
    full join said_before on said.brand = said_before.brand and said.theme = said_before.theme
)

select
    both_periods.brand,
    both_periods.theme,
    tally(base.n, base.w, base.w2, both_periods.judged, both_periods.judged) as figure,
    tally(base_before.n, base_before.w, base_before.w2, both_periods.judged_before, both_periods.judged_before) as figure_before,
from both_periods
inner join base on both_periods.brand = base.brand
inner join base_before on both_periods.brand = base_before.brand
group by both_periods.brand, both_periods.theme
order by
    max(abs(both_periods.judged / base.w - both_periods.judged_before / base_before.w)) desc,
    both_periods.brand asc,
    both_periods.theme asc
