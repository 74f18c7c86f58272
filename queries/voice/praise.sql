-- title: {en: "What customers praise", ko: "고객이 칭찬하는 주제"}
-- description:
--   en: "Share of our own comments that praise each theme; beside it how many mention it at all."
--   ko: "우리에 대한 글 가운데 주제마다 칭찬한 글의 비율입니다. 옆의 수는 언급한 글의 비율입니다."
-- grain: one row per theme
-- chart: {kind: bar, x: theme, columns: [mentioned], limit: 15, decimals: 0}
-- metric: praise
-- finding: change
-- tests:
--   - unique: [theme]
with base as (
    select
        count(*) as n,
        sum(w) as w,
        sum(w * w) as w2,
    from comments
    where own
),

base_before as (
    select
        count(*) as n,
        sum(w) as w,
        sum(w * w) as w2,
    from comments_before
    where own
),

said as (
    select
        theme,
        sum(w) as mentioned,
        coalesce(sum(w) filter (where sentiment >= 0.25), 0) as judged,
    from mentions
    where own
    group by theme
),

said_before as (
    select
        theme,
        coalesce(sum(w) filter (where sentiment >= 0.25), 0) as judged,
    from mentions_before
    where own
    group by theme
)

select
    said.theme,
    tally(base.n, base.w, base.w2, said.judged, said.judged) as figure,
    tally(
        base_before.n,
        base_before.w,
        base_before.w2,
        coalesce(said_before.judged, 0),
        coalesce(said_before.judged, 0)
    ) as figure_before,
    any_value(100 * said.mentioned / base.w) as mentioned,
from said
cross join base
cross join base_before
left join said_before on said.theme = said_before.theme
group by said.theme
order by said.theme
