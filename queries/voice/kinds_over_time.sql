-- title: {en: "Complaints, praise, wishes, questions", ko: "불만·칭찬·바람·문의"}
-- description:
--   en: "Share of our own comments and reviews that complain, praise, wish or ask, over time."
--   ko: "우리에 대한 글 가운데 불만, 칭찬, 바람, 문의의 비율이 기간마다 어떻게 달라지는지 봅니다."
-- grain: one row per period and kind
-- chart: {kind: line, x: period, color: kind}
-- params:
--   grain: {choices: [day, week, month, quarter, year], default: month, label: {en: Grain, ko: 단위}}
-- metric: mentions
-- tests:
--   - unique: [period, kind]
with daily as (
    -- Texts are many and days few: a day's period is told once, and one reading serves all kinds and their base.
    select
        day,
        kind,
        count(*) as n,
        sum(w) as w,
        sum(w * w) as w2,
    from comments
    where own
    group by all
),

kinds as (
    select
        date_trunc($grain, day) as period,
        kind,
        sum(n) as n,
        sum(w) as w,
        sum(w2) as w2,
    from daily
    group by all
),

bases as (
    select
        period,
        sum(n)::bigint as n,
        sum(w) as w,
        sum(w2) as w2,
    from kinds
    group by period
)

select
    kinds.period,
    kinds.kind,
    tally(bases.n, bases.w, bases.w2, kinds.w, kinds.w) as figure,
from kinds
inner join bases on kinds.period = bases.period
where kinds.kind in ('complaint', 'praise', 'wish', 'question')
group by all
order by kinds.period, kinds.kind
