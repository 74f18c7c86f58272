-- title: {en: "What those say who name another brand", ko: "다른 브랜드를 말한 고객의 이유"}
-- description:
--   en: "Themes of our own comments that name another brand: how many complain and how many praise, by the brand named."
--   ko: "우리에 대한 글 가운데 다른 브랜드를 말한 글의 주제입니다. 그 브랜드마다 불만과 칭찬을 말한 글의 수를 봅니다."
-- grain: one row per brand named and theme
-- chart: {kind: table}
-- uses: [competitors/named]
-- tests:
--   - unique: [named, theme]
select
    named.named,
    mentions.theme,
    count(distinct mentions.comment_id)::bigint as n,
    count(distinct mentions.comment_id) filter (where mentions.sentiment <= -0.25)::bigint as complaints,
    count(distinct mentions.comment_id) filter (where mentions.sentiment >= 0.25)::bigint as praises,
    count(distinct mentions.comment_id) filter (where named.direction = 'left')::bigint as leavers,
from named
inner join mentions on named.comment_id = mentions.comment_id
where mentions.own
group by named.named, mentions.theme
order by n desc, named.named asc, mentions.theme asc
limit 40
