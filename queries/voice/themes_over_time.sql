-- title: {en: "Complaints by theme over time", ko: "주제별 불만 추이"}
-- description:
--   en: "Share of our own comments that complain about each theme, period by period."
--   ko: "우리에 대한 글 가운데 주제마다 불만을 말한 글의 비율을 기간별로 봅니다."
-- grain: one row per period and theme
-- chart: {kind: heatmap, x: period, color: theme, limit: 15, sort: own}
-- params:
--   grain: {choices: [week, month, quarter, year], default: month, label: {en: Grain, ko: 단위}}
-- window: 8 months
-- metric: complaints
-- tests:
--   - unique: [period, theme]
with bases as (
    select
        date_trunc($grain, day) as period,
        count(*) as n,
        sum(w) as w,
        sum(w * w) as w2,
    from comments
    where own
    group by all
),

said as (
    select
        date_trunc($grain, day) as period,
        theme,
        coalesce(sum(w) filter (where sentiment <= -0.25), 0) as complained,
    from mentions
    where own
    group by all
),

ranked as (
    select
        theme,
        sum(complained) as complained,
    from said
    group by theme
),

every as (
    select
        bases.period,
        bases.n,
        bases.w,
        bases.w2,
        ranked.theme,
        ranked.complained as total,
    from bases
    cross join ranked
)

select
    every.period,
    every.theme,
    tally(every.n, every.w, every.w2, coalesce(said.complained, 0), coalesce(said.complained, 0)) as figure,
    any_value(every.total) as total,
from every
left join said on every.period = said.period and every.theme = said.theme
group by every.period, every.theme
order by total desc, every.theme asc, every.period asc
