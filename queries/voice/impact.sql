-- title: {en: "What each theme costs", ko: "주제가 깎는 점수"}
-- description:
--   en: "A backlog: the score of all answers without those that name a theme, less the score of all; how many name it, and whether more do than before."
--   ko: "개선 과제 목록입니다. 주제를 언급한 응답을 뺀 점수에서 전체 점수를 빼 주제가 깎는 점수를 구하고, 언급 비율과 추세를 함께 봅니다."
-- note:
--   en: "Priority = impact × share × trend. Those who write are compared with all who answered, and impacts do not add up: one answer may name several themes."
--   ko: "우선순위 = 점수 영향 × 언급 비율 × 추세. 글을 쓴 사람을 응답자 전체와 견주며, 한 응답에 여러 주제가 있을 수 있어 영향을 더할 수 없습니다."
-- grain: one row per theme
-- chart: {kind: table}
-- params:
--   metric: {default: nps, label: {en: Metric, ko: 지표}}
-- analysis: impact
-- tests:
--   - unique: [theme]
--   - range: {column: reach, min: 0, max: 100}
with every as (
    select
        sum(n) as n,
        sum(w) as w,
        sum(w2) as w2,
        sum(wx) as wx,
        sum(wx2) as wx2,
    from scores
    where metric = $metric
),

every_before as (
    select
        sum(n) as n,
        sum(w) as w,
        sum(w2) as w2,
        sum(wx) as wx,
        sum(wx2) as wx2,
    from scores_before
    where metric = $metric
),

themed as (
    select
        theme,
        count(*) as n,
        sum(w) as w,
        sum(w * w) as w2,
        sum(w * x) as wx,
        sum(w * x * x) as wx2,
    from mentions
    where metric = $metric and own and x is not null
    group by theme
),

themed_before as (
    select
        theme,
        count(*) as n,
        sum(w) as w,
        sum(w * w) as w2,
        sum(w * x) as wx,
        sum(w * x * x) as wx2,
    from mentions_before
    where metric = $metric and own and x is not null
    group by theme
)

select
    themed.theme,
    tally(themed.n, themed.w, themed.w2, themed.wx, themed.wx2) as figure,
    tally(
        every.n - themed.n,
        every.w - themed.w,
        every.w2 - themed.w2,
        every.wx - themed.wx,
        every.wx2 - themed.wx2
    ) as figure_rest,
    tally(
        coalesce(themed_before.n, 0),
        coalesce(themed_before.w, 0),
        coalesce(themed_before.w2, 0),
        coalesce(themed_before.wx, 0),
        coalesce(themed_before.wx2, 0)
    ) as figure_earlier,
    tally(
        every_before.n - coalesce(themed_before.n, 0),
        every_before.w - coalesce(themed_before.w, 0),
        every_before.w2 - coalesce(themed_before.w2, 0),
        every_before.wx - coalesce(themed_before.wx, 0),
        every_before.wx2 - coalesce(themed_before.wx2, 0)
    ) as figure_rest_earlier,
from themed
cross join every
cross join every_before
left join themed_before on themed.theme = themed_before.theme
group by themed.theme
order by themed.theme
