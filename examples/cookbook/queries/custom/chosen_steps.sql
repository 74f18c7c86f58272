-- title: {en: "Chosen steps by channel", ko: "고른 단계의 채널별 점수"}
-- grain: one row per channel
-- chart: {kind: bar, x: channel}
-- minimum: 20
-- params:
--   stage: {default: care, choices_from: {question: custom/stages, column: stage}, label: {en: Stage, ko: 묶음}}
--   steps: {multi: true, default: [], choices_from: {question: custom/steps_of_stage, column: touchpoint}, label: {en: Steps, ko: 단계}}
-- tests:
--   - unique: [channel]
select
    scores.channel,
    tally(scores.n, scores.w, scores.w2, scores.wx, scores.wx2) as figure,
from scores
inner join touchpoints on scores.touchpoint = touchpoints.touchpoint
where
    scores.metric = 'csat'
    and touchpoints.stage = $stage
    and (len($steps) = 0 or list_contains($steps, scores.touchpoint))
group by scores.channel
order by scores.channel
