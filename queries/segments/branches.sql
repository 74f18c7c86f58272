-- title: {en: "Branches without ranking noise", ko: "우연을 걷어 낸 지점 비교"}
-- description:
--   en: "Each branch by its number of answers: inside the funnel it differs from the whole by no more than chance."
--   ko: "지점을 응답 수에 따라 놓은 깔때기 그림입니다. 깔때기 안의 지점은 전체와 우연만큼만 다릅니다."
-- note:
--   en: "Curves: where 95% and 99.8% of branches would lie if all were alike. Only branches beyond the outer curve are named."
--   ko: "곡선은 모든 지점이 같을 때 95%와 99.8%가 놓일 범위입니다. 바깥 곡선을 넘은 지점만 이름을 적습니다."
-- grain: one row per unit
-- chart: {kind: funnel, x: unit_id, label: unit_id, limit: 2000}
-- params:
--   metric: {default: nps, label: {en: Metric, ko: 지표}}
-- window: 13 weeks
-- analysis: ranking
-- finding: outliers
-- tests:
--   - unique: [unit_id]
select
    unit_id,
    tally(n, w, w2, wx, wx2) as figure,
from scores
where metric = $metric and unit_id is not null
group by all
order by unit_id
