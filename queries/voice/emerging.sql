-- title: {en: "What is new", ko: "새로 떠오른 말"}
-- description:
--   en: "Topics that one period holds more often than all others of the last 13 months, brand by brand: words, pairs of words and themes that rose in the same texts are one topic. No list of themes is needed."
--   ko: "지난 13개월 가운데 한 기간에 유난히 늘어난 이야기를 브랜드별로 찾습니다. 같은 글에서 함께 늘어난 단어와 주제는 하나로 묶으며, 주제 목록에 없어도 찾습니다."
-- note:
--   en: "Each topic stands in the period in which it rose most; all words of all periods are corrected together, and what is said about leaked data apart from them. Of more than half a million texts a part is read, drawn by lot. Complaints about one brand come first, what rose at other brands too last."
--   ko: "가장 많이 늘어난 기간에 보이며, 모든 기간의 모든 단어를 함께 보정하고, 개인정보·보안은 따로 보정합니다. 글이 50만 건을 넘으면 그 일부를 무작위로 골라 읽습니다. 한 브랜드만의 불만이 먼저이고, 다른 브랜드에서도 함께 늘어난 말은 마지막입니다."
-- grain: one row per brand and topic
-- chart: {kind: table, columns: [brand, period, word, related, said, times, complaining, comment, elsewhere]}
-- params:
--   brand: {type: text, default: "", label: {en: Brand, ko: 브랜드}}
-- window: 13 months
-- metric: mentions
-- analysis: emerging
-- finding: emerging
-- tests:
--   - unique: [brand, theme, word]
--   - range: {column: complaining, min: 0, max: 100}
with lengths as (
    -- A new complaint is seen in its week; what a month says now and then is new too, though no week of it stands out.
    select unnest(['week', 'month']) as unit
),

rates as (
    -- Of very many texts a part drawn by lot tells what is new; each brand has its own share, so that a small one is read whole.
    select
        coalesce(brand, '') as brand,
        ceil(count(*) / greatest(500000 / count(*) over (), 20000))::ubigint as every,
    from comments
    where words <> ''
    group by all
),

heard as (
    select
        rates.brand,
        comments.day,
        -- No piece lies in two weeks or in two months.
        greatest(date_trunc('week', comments.day), date_trunc('month', comments.day)) as piece,
        comments.origin,
        comments.metric,
        comments.comment_id,
        comments.sentiment,
        comments.words,
    from comments
    inner join rates on coalesce(comments.brand, '') = rates.brand
    where comments.words <> '' and hash(comments.comment_id) % rates.every = 0
),

themed as (
    select
        rates.brand,
        mentions.day,
        mentions.origin,
        mentions.metric,
        mentions.comment_id,
        mentions.sentiment,
        mentions.theme,
    from mentions
    inner join rates on coalesce(mentions.brand, '') = rates.brand
    where hash(mentions.comment_id) % rates.every = 0
),

toned as (
    -- A blank before a theme's name stands for the complaints about it: one key more would slow down the words.
    select
        * exclude (theme),
        unnest(case when sentiment <= -0.25 then [theme, ' ' || theme] else [theme] end) as theme,
    from themed
),

bases as (
    select
        heard.brand,
        lengths.unit,
        date_trunc(lengths.unit, heard.piece) as period,
        min(heard.day) as first_day,
        max(heard.day) as last_day,
        count(*)::double as base,
    from heard
    cross join lengths
    group by all
),

totals as (
    select
        brand,
        unit,
        sum(base) as base,
        count(*) as periods,
    from bases
    group by all
),

texts as (
    -- The same words of the same time are taken apart once.
    select
        brand,
        piece,
        string_split(words, ' ') as stems,
        -- Whole numbers of any size would be added much more slowly.
        count(*)::double as n,
    from heard
    group by brand, piece, words
),

words as (
    select
        brand,
        piece,
        n,
        unnest(list_distinct(list_concat(
            stems,
            list_transform(range(1, len(stems)), lambda place: stems[place] || ' ' || stems[place + 1])
        ))) as word,
    from texts
),

pieces as (
    select
        brand,
        '' as theme,
        word,
        piece,
        sum(n) as said,
    from words
    where length(word) > 1
    group by all
    union all by name
    -- A theme gathers what its words say each too seldom, and its complaints what praise of it would hide.
    select
        brand,
        theme,
        '' as word,
        day as piece,
        count(*)::double as said,
    from toned
    group by all
),

everywhere as (
    -- What was said less often altogether can be new in no period, and is not looked at.
    select
        brand,
        theme,
        word,
        sum(said) as said,
    from pieces
    group by all
    having sum(said) >= case when theme = '' then 5 else 3 end
),

counted as (
    select
        pieces.brand,
        lengths.unit,
        pieces.theme,
        pieces.word,
        date_trunc(lengths.unit, pieces.piece) as period,
        sum(pieces.said) as said,
    from pieces
    inner join everywhere on pieces.brand = everywhere.brand and pieces.theme = everywhere.theme and pieces.word = everywhere.word
    cross join lengths
    group by all
),

looked_at as (
    -- Weeks and months share the risk of a false alarm evenly, so that the many weeks do not hide what months say.
    -- A leak of customers' data is asked after on its own, so that all else that may be new does not hide it either.
    select
        theme <> '' as is_theme,
        ltrim(theme) = 'security' as is_leak,
        unit,
        count(*) as met,
        count(distinct brand || theme) * count(distinct period) as possible,
    from counted
    group by all
),

often as (
    select * from counted
    where said >= case when theme = '' then 5 else 3 end
),

against as (
    select
        often.*,
        bases.base,
        bases.first_day,
        bases.last_day,
        everywhere.said - often.said as said_before,
        totals.base - bases.base as base_before,
        -- What is seldom spoken of might have risen in the periods without it too.
        case when looked_at.is_leak then looked_at.possible else looked_at.met end * (select count(*) from lengths) as tested,
    from often
    inner join looked_at
        on
            (often.theme <> '') = looked_at.is_theme
            and (ltrim(often.theme) = 'security') = looked_at.is_leak
            and often.unit = looked_at.unit
    inner join bases on often.brand = bases.brand and often.unit = bases.unit and often.period = bases.period
    inner join everywhere on often.brand = everywhere.brand and often.theme = everywhere.theme and often.word = everywhere.word
    inner join totals on often.brand = totals.brand and often.unit = totals.unit
    where totals.periods > 1
),

strongest as (
    select
        *,
        said * ln(said / (base * (said + said_before) / (base + base_before)))
        + case
            when said_before > 0 then said_before * ln(said_before / (base_before * (said + said_before) / (base + base_before)))
            else 0
        end as strength,
    from against
    where said / base > said_before / base_before
),

peaks as (
    -- Of a theme and of the complaints about it that of which it is clearer.
    select * from strongest
    qualify row_number() over (partition by brand, ltrim(theme), word order by strength desc, period asc, unit asc, theme desc) = 1
),

placed as (
    select
        *,
        row_number() over (partition by brand, theme <> '' order by strength desc, theme asc, word asc) as place,
    from peaks
),

chosen as (
    -- Words never push out themes, nor one brand's those of another.
    select * exclude (place) from placed
    qualify row_number() over (partition by theme <> '' order by place asc, strength desc, brand asc, theme asc, word asc) <= 300
),

rivals as (
    -- What all brands' customers say at the same time is the season's, and no brand's.
    select
        chosen.brand,
        chosen.theme,
        chosen.word,
        sum(counted.said) filter (where counted.period = chosen.period) as said,
        sum(counted.said) as said_ever,
    from chosen
    inner join counted
        on chosen.unit = counted.unit and chosen.theme = counted.theme and chosen.word = counted.word and chosen.brand <> counted.brand
    group by all
),

rival_bases as (
    select
        totals.brand,
        totals.unit,
        bases.period,
        sum(bases.base) as base,
    from totals
    inner join bases on totals.unit = bases.unit and totals.brand <> bases.brand
    group by all
),

rival_totals as (
    select
        brand,
        unit,
        sum(base) as base,
    from rival_bases
    group by all
),

dated as (
    select
        heard.brand,
        lengths.unit,
        date_trunc(lengths.unit, heard.piece) as period,
        heard.origin,
        heard.metric,
        heard.comment_id,
        heard.sentiment,
        ' ' || heard.words || ' ' as words,
    from heard
    cross join lengths
),

dated_themes as (
    select
        toned.brand,
        lengths.unit,
        date_trunc(lengths.unit, toned.day) as period,
        toned.origin,
        toned.metric,
        toned.comment_id,
        toned.sentiment,
        toned.theme,
    from toned
    cross join lengths
),

bearers as (
    select
        chosen.brand,
        chosen.theme,
        chosen.word,
        dated.origin,
        dated.metric,
        dated.comment_id,
        dated.sentiment,
    from chosen
    inner join dated on chosen.brand = dated.brand and chosen.unit = dated.unit and chosen.period = dated.period
    where chosen.theme = '' and contains(dated.words, ' ' || chosen.word || ' ')
    union all by name
    select
        chosen.brand,
        chosen.theme,
        chosen.word,
        dated_themes.origin,
        dated_themes.metric,
        dated_themes.comment_id,
        dated_themes.sentiment,
    from chosen
    inner join dated_themes
        on
            chosen.brand = dated_themes.brand
            and chosen.unit = dated_themes.unit
            and chosen.period = dated_themes.period
            and chosen.theme = dated_themes.theme
),

lots as (
    select
        *,
        hash(origin, metric, comment_id) as lot,
    from bearers
),

carriers as (
    select
        brand,
        theme,
        word,
        -- So few of all, but the same ones of each, tell how far the texts are the same.
        min(lot, 500) as carriers,
        100 * count(*) filter (where sentiment <= -0.25) / count(*) as complaining,
        -- An answer and a review may have the same number.
        arg_min(origin, lot) as origin,
        arg_min(metric, lot) as metric,
        arg_min(comment_id, lot) as comment_id,
    from lots
    group by all
),

examples as (
    select
        carriers.brand,
        carriers.theme,
        carriers.word,
        any_value(left(comments.text, 200)) as comment,
    from carriers
    inner join comments
        on
            carriers.origin = comments.origin
            and carriers.metric = comments.metric
            and carriers.comment_id = comments.comment_id
    group by all
)

select
    chosen.brand,
    chosen.period,
    chosen.unit,
    nullif(ltrim(chosen.theme), '') as theme,
    any_value(case when starts_with(chosen.theme, ' ') then 'complaint' end) as tone,
    nullif(chosen.word, '') as word,
    any_value(chosen.said)::bigint as said,
    tally(chosen.base, chosen.base, chosen.base, chosen.said, chosen.said) as figure,
    tally(chosen.base_before, chosen.base_before, chosen.base_before, chosen.said_before, chosen.said_before) as figure_before,
    any_value(chosen.tested) as tested,
    any_value(chosen.strength) as strength,
    any_value(chosen.first_day) as first_day,
    any_value(chosen.last_day) as last_day,
    any_value(carriers.complaining) as complaining,
    any_value(100 * coalesce(rivals.said, 0) / rival_bases.base) as elsewhere,
    any_value(
        100 * (coalesce(rivals.said_ever, 0) - coalesce(rivals.said, 0)) / nullif(rival_totals.base - rival_bases.base, 0)
    ) as elsewhere_before,
    any_value(carriers.carriers) as carriers,
    any_value(examples.comment) as comment,
from chosen
left join carriers on chosen.brand = carriers.brand and chosen.theme = carriers.theme and chosen.word = carriers.word
left join examples on chosen.brand = examples.brand and chosen.theme = examples.theme and chosen.word = examples.word
left join rivals on chosen.brand = rivals.brand and chosen.theme = rivals.theme and chosen.word = rivals.word
left join rival_bases on chosen.brand = rival_bases.brand and chosen.unit = rival_bases.unit and chosen.period = rival_bases.period
left join rival_totals on chosen.brand = rival_totals.brand and chosen.unit = rival_totals.unit
where $brand = '' or chosen.brand = $brand
group by chosen.brand, chosen.period, chosen.unit, chosen.theme, chosen.word
order by strength desc, chosen.brand asc, chosen.theme asc, chosen.word asc
