-- title: {en: "Complaints by app version", ko: "앱 버전별 불만"}
-- description:
--   en: "Of the reviews of each version of our app, the newest last, the share that complains about each theme."
--   ko: "우리 앱의 버전마다 리뷰 가운데 주제에 불만을 말한 글의 비율입니다. 최근 버전이 마지막입니다."
-- grain: one row per version and theme
-- chart: {kind: heatmap, x: version, color: theme, limit: 12, sort: own, decimals: 0}
-- window: 12 months
-- metric: complaints
-- tests:
--   - unique: [version, theme]
with bases as (
    select
        version,
        min(day) as since,
        count(*) as n,
        sum(w) as w,
        sum(w * w) as w2,
    from comments
    where own and version is not null
    group by version
    having count(*) >= 30
    order by since desc, version asc
    limit 10
),

said as (
    select
        version,
        theme,
        coalesce(sum(w) filter (where sentiment <= -0.25), 0) as complained,
    from mentions
    where own and version is not null
    group by all
),

ranked as (
    select
        theme,
        sum(complained) as complained,
    from said
    group by theme
    order by complained desc, theme asc
    limit 12
)

select
    bases.version,
    ranked.theme,
    tally(bases.n, bases.w, bases.w2, coalesce(said.complained, 0), coalesce(said.complained, 0)) as figure,
    any_value(ranked.complained) as total,
    any_value(bases.since) as since,
from bases
cross join ranked
left join said on bases.version = said.version and ranked.theme = said.theme
group by bases.version, ranked.theme
order by total desc, ranked.theme asc, since asc, bases.version asc
