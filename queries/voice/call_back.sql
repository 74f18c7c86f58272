-- title: {en: "To call back", ko: "다시 연락할 고객"}
-- description:
--   en: "Customers who gave a low score on the last day, the lowest first, with what they said."
--   ko: "마지막 날 낮은 점수를 준 고객을 낮은 점수부터 보여 줍니다. 무엇을 말했는지도 함께 봅니다."
-- grain: one row per answer
-- chart: {kind: table}
-- params:
--   metric: {default: nps, label: {en: Metric, ko: 지표}}
--   score_to: {type: number, default: 6, label: {en: Scores up to, ko: 이 점수까지}}
--   days: {type: integer, default: 1, min: 1, max: 31, label: {en: Days, ko: 일수}}
-- tests:
--   - unique: [answer_id]
with last_day as (
    select max(day) as day,
    from scores
    where metric = $metric
)

select
    single_answers.answer_id,
    single_answers.answered_at,
    single_answers.customer_id,
    single_answers.score,
    single_answers.touchpoint,
    single_answers.channel,
    left(single_answers.comment, 4000) as comment,
    count(*) over ()::bigint as base,
from single_answers
inner join last_day on single_answers.day > last_day.day - $days
where single_answers.metric = $metric and single_answers.score <= $score_to
order by single_answers.score asc, single_answers.answered_at desc
