-- title: {en: "Actions under way", ko: "진행 중인 조치"}
-- description: {en: "What is being done and has not been finished.", ko: "시작했으나 아직 끝나지 않은 조치입니다."}
-- grain: one row per open action
-- chart: {kind: table}
select
    title,
    title_en,
    owner,
    touchpoint,
    metric,
    cast(started_at as date) as started,
from actions
where
    (finished_at is null or finished_at >= $period_to)
    and started_at < $period_to
order by started desc
limit 10
