-- label: {en: "Praise", ko: "칭찬 비율"}
-- description:
--   en: "Share of the comments that praise, of it where something is named."
--   ko: "글 가운데 칭찬한 글의 비율입니다. 주제가 있으면 그 주제에 대한 칭찬만 셉니다."
-- variant: {en: "praising comments of all comments", ko: "전체 글 가운데 칭찬 글"}
-- table: comments
-- factor: 100
-- range: [0, 100]
-- unit: {en: "%", ko: "%"}
-- change_unit: {en: "pp", ko: "%p"}
-- decimals: 1
-- direction: higher
-- interval: share
-- position: 22
select
    *,
    case when kind = 'praise' then 1 else 0 end as x,
from answers
