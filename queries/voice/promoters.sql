-- title: {en: "What promoters praise", ko: "추천 고객이 칭찬하는 주제"}
-- description:
--   en: "Of the comments of those who gave the best scores, the share that praises each theme: what not to lose."
--   ko: "가장 높은 점수를 준 고객의 글 가운데 주제마다 칭찬한 글의 비율입니다. 잃지 말아야 할 것입니다."
-- grain: one row per theme
-- chart: {kind: bar, x: theme, limit: 12, decimals: 0}
-- params:
--   metric: {default: nps, label: {en: Score, ko: 점수}}
--   score_from: {type: number, default: 9, label: {en: Scores from, ko: 이 점수부터}}
-- metric: praise
-- tests:
--   - unique: [theme]
with base as (
    select
        count(*) as n,
        sum(w) as w,
        sum(w * w) as w2,
    from comments
    where own and metric = $metric and score * if(origin = 'reviews', 5 / coalesce(rating_max, 5), 1) >= $score_from
),

said as (
    select
        theme,
        sum(w) as praised,
    from mentions
    where own and metric = $metric and score * if(origin = 'reviews', 5 / coalesce(rating_max, 5), 1) >= $score_from and sentiment >= 0.25
    group by theme
)

select
    said.theme,
    tally(base.n, base.w, base.w2, said.praised, said.praised) as figure,
from said
cross join base
group by said.theme
order by said.theme
