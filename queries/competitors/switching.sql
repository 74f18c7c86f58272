-- title: {en: "From whom to whom", ko: "어디에서 어디로 옮겼나"}
-- description:
--   en: "Customers who write that they went from one brand to another, with the theme that they complain about most and the one they praise most."
--   ko: "한 브랜드에서 다른 브랜드로 옮겼다고 쓴 고객의 수와, 그 글에서 가장 많이 불만을 말한 주제와 칭찬한 주제입니다."
-- note:
--   en: "Read from what is written about each brand: phrases such as “switched from … to …”. Brands merely compared are not counted."
--   ko: "브랜드마다의 글에서 ‘…에서 …로 갈아탔다’ 같은 표현을 읽은 것입니다. 견주기만 한 글은 세지 않습니다."
-- grain: one row per brand left and brand gone to
-- chart: {kind: table}
-- uses: [competitors/named]
-- tests:
--   - unique: [from_brand, to_brand]
with moves as (
    select
        comment_id,
        case direction when 'left' then brand else named end as from_brand,
        case direction when 'left' then named else brand end as to_brand,
    from named
    where direction in ('left', 'came')
),

reasons as (
    select
        moves.from_brand,
        moves.to_brand,
        mentions.theme,
        count(*) filter (where mentions.sentiment <= -0.25) as complaints,
        count(*) filter (where mentions.sentiment >= 0.25) as praises,
    from moves
    inner join mentions on moves.comment_id = mentions.comment_id
    group by all
),

strongest as (
    select
        from_brand,
        to_brand,
        arg_max(theme, complaints) filter (where complaints > 0) as complaint_theme,
        arg_max(theme, praises) filter (where praises > 0) as praise_theme,
    from reasons
    group by all
)

select
    moves.from_brand,
    moves.to_brand,
    count(distinct moves.comment_id)::bigint as n,
    any_value(strongest.complaint_theme) as complaint_theme,
    any_value(strongest.praise_theme) as praise_theme,
from moves
left join strongest on moves.from_brand = strongest.from_brand and moves.to_brand = strongest.to_brand
group by moves.from_brand, moves.to_brand
order by n desc, moves.from_brand asc, moves.to_brand asc
