-- title: {en: "What detractors write", ko: "비추천 고객의 말"}
-- description: The newest comments below a score, with a word in them if you like.
-- grain: one row per comment
-- chart: {kind: table}
-- params:
--   highest: {type: integer, default: 6, min: 0, max: 10, label: {en: Highest score, ko: 최고 점수}}
--   word: {default: "", label: {en: Contains, ko: 포함하는 말}}
select
    day,
    touchpoint,
    channel,
    score,
    comment,
from responses
where
    metric = 'nps'
    and score <= $highest
    and comment is not null
    and contains(lower(comment), lower($word))
order by responded_at desc
limit 200
