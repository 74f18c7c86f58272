-- title: {en: "Who complains about what", ko: "누가 무엇에 불만인가"}
-- description:
--   en: "Share of each group's comments that complain about a theme; letters name the groups that a cell truly exceeds, all pairs corrected together."
--   ko: "집단마다 주제에 불만을 말한 글의 비율입니다. 글자는 그 칸이 실제로 앞서는 집단이며 모든 짝을 함께 보정합니다."
-- grain: one row per theme and segment
-- chart: {kind: crosstab, x: theme, color: segment, limit: 20}
-- by: channel
-- metric: complaints
-- tests:
--   - unique: [theme, segment]
with bases as (
    select
        segment,
        count(*) as n,
        sum(w) as w,
        sum(w * w) as w2,
    from comments
    where own and segment is not null
    group by segment
    order by n desc
    limit 8
),

said as (
    select
        theme,
        segment,
        coalesce(sum(w) filter (where sentiment <= -0.25), 0) as complained,
    from mentions
    where own and segment is not null
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
    bases.segment,
    tally(bases.n, bases.w, bases.w2, coalesce(said.complained, 0), coalesce(said.complained, 0)) as figure,
    any_value(ranked.complained) as total,
from ranked
cross join bases
left join said on ranked.theme = said.theme and bases.segment = said.segment
group by ranked.theme, bases.segment
order by total desc, ranked.theme asc, bases.segment asc
