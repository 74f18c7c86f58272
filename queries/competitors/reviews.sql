-- title: {en: "In the reviewers' own words", ko: "리뷰의 글"}
-- description:
--   en: "Public reviews of the chosen brand, newest first. A search finds a word in all its forms; a review has to hold all words."
--   ko: "고른 브랜드의 공개 리뷰를 새것부터 봅니다. 어떤 꼴로 적어도 단어를 찾으며, 적은 단어가 모두 있는 리뷰만 보입니다."
-- grain: one row per review
-- chart: {kind: table}
-- params:
--   search: {type: words, default: "", label: {en: Search, ko: 찾기}}
--   brand: {type: text, default: "", label: {en: Brand, ko: 브랜드}}
-- tests:
--   - not_null: [brand, text]
with run_together as (
    -- 배송지연 and 배송 지연 are one word, if it is long enough not to arise by chance where two meet; for others nothing is joined.
    select
        *,
        case
            when len(list_filter(cast($search as varchar[]), lambda term: regexp_matches(term, '^[^|]{3,}[가-힣][|]'))) > 0
                then replace(concat_ws('|', words, lower(text)), ' ', '')
        end as together,
    from comments
    where origin = 'reviews' and text is not null and ($brand = '' or brand = $brand)
),

found as (
    select
        brand,
        day,
        kind,
        score,
        text,
        count(*) over () as base,
        len(list_filter(
            cast($search as varchar[]),
            lambda term: not list_has_any(string_split(words, ' '), string_split(term, '|'))
            and not contains(lower(text), split_part(term, '|', -1))
            and not coalesce(length(split_part(term, '|', 1)) > 3 and (
                contains(together, split_part(term, '|', 1)) or contains(together, split_part(term, '|', -1))
            ), false)
        )) = 0 as holds,
    from run_together
)

select
    brand,
    score,
    text,
    kind,
    day,
    base,
from found
where holds
order by day desc, brand asc, text asc
limit 200
