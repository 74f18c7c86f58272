-- title: {en: "The texts behind a figure", ko: "수치 뒤의 글"}
-- description:
--   en: "What customers wrote, of a theme or a kind where one is asked for: drawn by lot in proportion to the scores, or the newest, or the lowest."
--   ko: "고객이 쓴 글입니다. 주제나 종류로 좁힐 수 있으며, 점수 비율에 맞춰 무작위로 뽑거나 최근 글, 낮은 점수의 글부터 봅니다."
-- grain: one row per comment, or one without a comment where there is none
-- chart: {kind: table}
-- params:
--   theme: {default: "", label: {en: Theme, ko: 주제}}
--   kind: {default: "", label: {en: Kind, ko: 종류}}
--   stem: {default: "", label: {en: Word stem, ko: 단어}}
--   tone: {choices: [any, negative, positive], default: any, label: {en: Judged, ko: 평가}}
--   score_of: {default: "", label: {en: Score, ko: 점수}}
--   origin: {default: "", label: {en: Origin, ko: 출처}}
--   own: {type: boolean, default: "true", label: {en: About us only, ko: 우리에 대한 글만}}
--   counted: {choices: [comments, mentions], default: comments, label: {en: Counted, ko: 세는 것}}
--   score_from: {type: number, default: -1000000000, label: {en: Score from, ko: 최저 점수}}
--   score_to: {type: number, default: 1000000000, label: {en: Score to, ko: 최고 점수}}
--   order: {choices: [random, newest, lowest], default: random, label: {en: Order, ko: 순서}}
--   words: {default: "", label: {en: Words in the comment, ko: 의견에 있는 말}}
--   take: {type: integer, default: 10, min: 1, label: {en: How many, ko: 개수}}
-- tests:
--   - unique: [origin, comment_id, metric]
with heard as (
    select
        comment_id,
        origin,
        metric,
        day,
        score,
        kind,
        sentiment,
        w,
        $stem = '' or contains(' ' || words || ' ', ' ' || $stem || ' ') as has_stem,
        $words = '' or contains(lower(text), lower(nfc_normalize($words))) as holds,
    from comments
    where
        (not $own or own)
        and ($origin = '' or origin = $origin)
        and ($score_of = '' or metric = $score_of)
        and coalesce(score, 0) >= $score_from
        and coalesce(score, 0) <= $score_to
),

named as (
    select
        comment_id,
        origin,
        metric,
        any_value(sentiment) as sentiment,
    from mentions
    where theme = $theme
    group by all
),

judged as (
    select
        heard.*,
        named.comment_id is not null as is_named,
        case when $theme = '' then heard.sentiment else named.sentiment end as judgement,
    from heard
    left join named
        on
            heard.comment_id = named.comment_id
            and heard.origin = named.origin
            and heard.metric is not distinct from named.metric
),

whole as (
    select count(*) filter (where $counted = 'comments' or is_named)::bigint as base
    from judged
),

found as (
    select
        *,
        hash(comment_id) as lot,
    from judged
    where
        holds
        and ($theme = '' or is_named)
        and ($stem = '' or has_stem)
        and ($kind = '' or kind = $kind)
        and case $tone when 'negative' then judgement <= -0.25 when 'positive' then judgement >= 0.25 else true end
),

drawn as (
    select
        *,
        (row_number() over (partition by score order by lot, comment_id) - 0.5) / count(*) over (partition by score) as turn,
    from found
),

picked as (
    select
        comment_id,
        origin,
        metric,
        day,
        count(*) over () as found,
        row_number() over (
            order by
                case when $order = 'random' then turn end asc,
                case when $order = 'lowest' then score end asc nulls last,
                case when $order <> 'random' then day end desc,
                lot asc,
                comment_id asc,
                origin asc
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
        comments.* exclude (text, words, w, x),
        left(comments.text, 4000) as comment,
    from picked
    inner join comments
        on
            picked.day = comments.day
            and picked.comment_id = comments.comment_id
            and picked.origin = comments.origin
            and picked.metric is not distinct from comments.metric
)

select
    whole.base,
    shown.*,
from whole
left join shown on true
order by shown.position
