-- title: {en: "Respondents per survey", ko: "설문별 응답자"}
-- description: {en: "How many people each survey has, and the share of them who answered to the end.", ko: "설문마다 응답자 수와 끝까지 답한 비율입니다."}
-- grain: one row per survey
-- chart: {kind: table}
-- metric: completed
-- tests:
--   - unique: [survey]
select
    survey,
    tally(n, w, w2, wx, wx2) as figure,
from scores
where metric = 'completed'
group by survey
order by survey
