-- title: {en: "Stages", ko: "단계 묶음"}
-- grain: one row per stage
select distinct stage
from touchpoints
where stage is not null
order by stage
