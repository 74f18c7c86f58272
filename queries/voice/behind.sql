-- title: {en: "The answers behind a figure", ko: "수치 뒤의 응답"}
-- description:
--   en: "Answers drawn by lot in proportion to the scores given, or the newest, or the lowest; the same ones each time."
--   ko: "점수 비율에 맞춰 무작위로 뽑은 응답이나 최근 응답, 낮은 점수 응답입니다. 다시 열어도 같은 응답이 나옵니다."
-- note:
--   en: "Where there are very many answers, the lot falls first on days, then on the answers of those days."
--   ko: "응답이 매우 많으면 먼저 날짜를 무작위로 고르고, 그 날짜의 응답에서 뽑습니다."
-- grain: one row per answer, or one without an answer where there is none
-- chart: {kind: table}
-- params:
--   metric: {default: nps, label: {en: Metric, ko: 지표}}
--   score_from: {type: number, default: -1000000000, label: {en: Score from, ko: 최저 점수}}
--   score_to: {type: number, default: 1000000000, label: {en: Score to, ko: 최고 점수}}
--   order: {choices: [random, newest, lowest], default: random, label: {en: Order, ko: 순서}}
--   commented: {type: boolean, default: "false", label: {en: With a comment, ko: 의견 있는 응답만}}
--   words: {default: "", label: {en: Words in the comment, ko: 의견에 있는 말}}
--   take: {type: integer, default: 10, min: 1, label: {en: How many, ko: 개수}}
--   pool: {type: integer, default: 100000, min: 1, label: {en: Answers drawn from, ko: 뽑을 대상 응답 수}}
-- tests:
--   - unique: [answer_id]
with reviewed as (
    select
        day,
        score,
        sum(n) as n,
    from ratings
    where metric = $metric and score >= $score_from and score <= $score_to
    group by all
),

answered as (
    select
        day,
        score,
        sum(n) as n,
    from scores
    where metric = $metric and score >= $score_from and score <= $score_to
    group by all
),

counted as (
    select * from reviewed
    union all by name
    select * from answered
    where not exists (select 1 from reviewed)
),

whole as (
    select sum(n)::bigint as base from counted
),

asked as (
    select * from single_answers
    where metric = $metric
),

placed as (
    select
        day,
        score,
        n,
        case $order
            when 'lowest' then 1000000 * score - date_diff('day', date '1970-01-01', day)
            when 'newest' then -date_diff('day', date '1970-01-01', day)
            else hash(day) % 1000003
        end as place,
    from counted
),

reached as (
    select
        place,
        sum(sum(n)) over (order by place) - sum(n) as before,
    from placed
    group by place
),

pool as (
    select
        placed.day,
        placed.score,
    from placed
    inner join reached on placed.place = reached.place
    where reached.before < $pool
),

pool_days as (
    select distinct day from pool
    limit 2000
),

found as (
    select
        asked.answer_id,
        asked.answered_at,
        asked.day,
        asked.score,
        hash(asked.answer_id) as lot,
    from asked
    inner join pool on asked.day = pool.day and asked.score = pool.score
    where
        asked.day in (select pool_days.day from pool_days)
        and (not $commented or asked.comment is not null)
        and ($words = '' or contains(lower(asked.comment), lower(nfc_normalize($words))))
),

drawn as (
    select
        *,
        (row_number() over (partition by score order by lot, answer_id) - 0.5) / count(*) over (partition by score) as turn,
    from found
),

picked as (
    select
        answer_id,
        day,
        count(*) over () as found,
        row_number() over (
            order by
                case when $order = 'random' then turn end asc,
                case when $order = 'lowest' then score end asc,
                case when $order <> 'random' then answered_at end desc,
                lot asc,
                answer_id asc
        ) as position,
    from drawn
    qualify position <= $take
    -- Says that these are few, so that they are looked up among the others and not the other way round.
    limit 5000
),

shown as (
    select
        picked.found,
        picked.position,
        asked.* exclude (comment, w, x),
        asked.w as weight,
        asked.x as counts_as,
        left(asked.comment, 4000) as comment,
    from picked
    inner join asked on picked.day = asked.day and picked.answer_id = asked.answer_id
)

select
    whole.base,
    shown.*,
from whole
left join shown on true
order by shown.position
