-- title: {en: "NPS by day of the week", ko: "요일별 NPS"}
-- description:
--   en: "An example of a question of your own: copy this file, change it, save it; the card follows."
--   ko: "직접 만드는 질문의 예입니다. 이 파일을 복사해 고치고 저장하면 카드가 따라 바뀝니다."
-- grain: one row per day of the week
-- chart: {kind: bar, x: weekday, sort: own}
-- tests:
--   - unique: [weekday]
with by_weekday as (
    select
        isodow(day) as position,
        any_value(dayname(day)) as weekday,
        tally(n, w, w2, wx, wx2) as figure,
    from scores
    where metric = 'nps'
    group by isodow(day)
)

select
    weekday,
    figure,
from by_weekday
order by position
