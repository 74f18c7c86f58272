-- title: {en: "Calendar", ko: "일정"}
-- description: {en: "Releases, campaigns, holidays and outages in the period.", ko: "기간 안의 출시, 캠페인, 명절, 장애입니다."}
-- grain: one row per event
-- chart: {kind: table}
select
    day,
    label,
    label_en,
    kind,
from calendar
where day >= $period_from and day < $period_to
order by day
