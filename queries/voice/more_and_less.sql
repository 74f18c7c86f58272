-- title: {en: "Said more, said less", ko: "더 자주, 덜 말하는 것"}
-- description:
--   en: "Words of our own comments whose share moved most against the comparison period; all words are corrected together."
--   ko: "우리에 대한 글에서 비교 기간보다 가장 많이 늘거나 준 단어입니다. 모든 단어를 함께 보정합니다."
-- grain: one row per word
-- chart: {kind: change, x: word, limit: 16}
-- metric: mentions
-- analysis: emerging
-- tests:
--   - unique: [word]
with base as (
    select count(*) as base from comments
    where own and words <> ''
),

base_before as (
    select count(*) as base from comments_before
    where own and words <> ''
),

texts as (
    -- The same words are taken apart once; whole numbers of any size would be added more slowly.
    select
        words,
        count(*)::double as n,
    from comments
    where own and words <> ''
    group by words
),

texts_before as (
    select
        words,
        count(*)::double as n,
    from comments_before
    where own and words <> ''
    group by words
),

words as (
    select
        n,
        unnest(list_distinct(string_split(words, ' '))) as word,
    from texts
),

words_before as (
    select
        n,
        unnest(list_distinct(string_split(words, ' '))) as word,
    from texts_before
),

said as (
    select
        word,
        sum(n) as said,
    from words
    where length(word) > 1
    group by word
),

said_before as (
    select
        word,
        sum(n) as said,
    from words_before
    where length(word) > 1
    group by word
),

both_periods as (
    select
        coalesce(said.word, said_before.word) as word,
        coalesce(said.said, 0) as said,
        coalesce(said_before.said, 0) as said_before,
        base.base,
        base_before.base as base_before,
        count(*) over () as tested,
    from said
    full join said_before on said.word = said_before.word
    cross join base
    cross join base_before
    where coalesce(said.said, 0) + coalesce(said_before.said, 0) >= 10 and base.base > 0 and base_before.base > 0
),

ranked as (
    select
        *,
        case when said > 0 then said * ln(said / (base * (said + said_before) / (base + base_before))) else 0 end
        + case
            when said_before > 0 then said_before * ln(said_before / (base_before * (said + said_before) / (base + base_before)))
            else 0
        end as strength,
    from both_periods
    order by strength desc, word asc
    limit 50
)

select
    word,
    tally(base, base, base, said, said) as figure,
    tally(base_before, base_before, base_before, said_before, said_before) as figure_before,
    any_value(tested) as tested,
    any_value(strength) as strength,
from ranked
group by word
order by strength desc, word asc
