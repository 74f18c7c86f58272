-- title: {en: "What flyers find rude", ko: "비행기에서 무례하다고 생각하는 행동"}
-- description: {en: "Share of flyers who find each rude, somewhat or very.", ko: "행동마다 무례하다고 답한 비율입니다."}
-- grain: one row per behaviour
-- chart: {kind: bar, x: touchpoint}
-- tests:
--   - unique: [touchpoint]
select
    touchpoint,
    tally(n, w, w2, wx, wx2) as figure,
from scores
where metric = 'rude' and touchpoint is not null
group by touchpoint
order by touchpoint
