-- label: {en: "Share of comments", ko: "언급 비율"}
-- description:
--   en: "Share of the comments that mention something. More is neither better nor worse."
--   ko: "글 가운데 무엇을 언급한 글의 비율입니다. 많다고 좋거나 나쁜 것은 아닙니다."
-- variant: {en: "comments that mention it of all comments", ko: "전체 글 가운데 언급한 글"}
-- table: comments
-- factor: 100
-- range: [0, 100]
-- unit: {en: "%", ko: "%"}
-- change_unit: {en: "pp", ko: "%p"}
-- decimals: 1
-- direction: neither
-- interval: share
-- position: 20
select
    *,
    1 as x,
from answers
