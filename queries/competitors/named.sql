-- title: {en: "Brands named where another is written about", ko: "다른 브랜드 글에 나온 브랜드"}
-- description: {en: "What is written about one brand and names another, and which way customers say they went.", ko: "한 브랜드에 대한 글에 다른 브랜드가 나온 경우와, 고객이 어느 쪽으로 옮겼다고 했는지입니다."}
-- grain: one row per comment and brand named in it
-- chart: {kind: table}
-- tests:
--   - unique: [comment_id, named]
with spelled as (
    select
        brand,
        lower(nfc_normalize(alias)) as alias,
        regexp_escape(lower(nfc_normalize(alias))) as pattern,
        regexp_matches(alias, '[a-zA-Z0-9]') as latin,
    from aliases
    where length(alias) >= 2
),

written as (
    select
        comment_id,
        brand,
        day,
        lower(text) as text,
    from comments
    where brand is not null and text is not null
),

found as (
    select
        written.comment_id,
        written.brand,
        written.day,
        written.text,
        spelled.brand as named,
        spelled.pattern,
    from written
    inner join spelled on written.brand <> spelled.brand and contains(written.text, spelled.alias)
    where not spelled.latin or regexp_matches(written.text, '(^|[^a-z0-9])' || spelled.pattern || '([^a-z0-9]|$)')
),

judged as (
    select
        comment_id,
        brand,
        day,
        text,
        named,
        regexp_matches(
            text,
            pattern || '\s?(으로\s?|로\s?|에\s)(\S+\s+){0,2}(갈아|옮|바꾸|바꿨|바꿀|넘어가|넘어갔|넘어갈|이동|이사|갈게|갈래|간다|갑니다|갔)'
            || '|(switch|mov|chang|go|gone|went|return)[a-z]*\s+(\S+\s+){0,3}(to|with)\s+(the\s+)?' || pattern
            || '|(left|leave|leaving|drop|ditch)[a-z]*\s+(\S+\s+){0,3}for\s+(the\s+)?' || pattern
        ) as leaves,
        regexp_matches(
            text,
            pattern || '\s?(에서|쓰다가?|이용하다가?|사용하다가?|보다가|만 쓰다가?)\s?(\S+\s+){0,3}(갈아|옮|바꾸|바꿨|넘어오|넘어왔|이동|이사|왔|오게|정착)'
            || '|(switch|mov|chang|came|come|coming|convert)[a-z]*\s+(\S+\s+){0,3}from\s+(the\s+)?' || pattern
            || '|(used to|previously|before)\s+(\S+\s+){0,3}(us|shop|order|fl|trad|bank|bought|buy)[a-z]*\s+(\S+\s+){0,2}' || pattern
            || '|(left|leave|ditch|drop)[a-z]*\s+(the\s+)?' || pattern || '\s+for'
        ) as arrives,
    from found
)

select
    comment_id,
    day,
    brand,
    named,
    case
        when bool_or(leaves) and not bool_or(arrives) then 'left'
        when bool_or(arrives) and not bool_or(leaves) then 'came'
        else 'compared'
    end as direction,
    any_value(left(judged.text, 1000)) as text,
    count(*) over (partition by brand, named)::bigint as n,
from judged
group by comment_id, day, brand, named
order by day desc, comment_id, named
