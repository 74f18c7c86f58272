-- label: {en: "Complaints", ko: "불만 비율"}
-- description:
--   en: "Share of the comments that complain, of it where something is named."
--   ko: "글 가운데 불만을 말한 글의 비율입니다. 주제가 있으면 그 주제에 대한 불만만 셉니다."
-- variant: {en: "complaining comments of all comments", ko: "전체 글 가운데 불만 글"}
-- table: comments
-- factor: 100
-- range: [0, 100]
-- unit: {en: "%", ko: "%"}
-- change_unit: {en: "pp", ko: "%p"}
-- decimals: 1
-- direction: lower
-- interval: share
-- position: 21
select
    *,
    case when kind = 'complaint' then 1 else 0 end as x,
from answers
