-- title: {en: "Steps of a stage", ko: "묶음에 속한 단계"}
-- grain: one row per touchpoint
-- params:
--   stage: {default: care}
select touchpoint
from touchpoints
where stage = $stage
order by touchpoint
