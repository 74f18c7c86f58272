-- title: {en: "What moved CSAT, by channel", ko: "CSAT를 움직인 채널"}
-- grain: one row per channel
-- chart: {kind: waterfall, x: channel}
-- analysis: contributions
-- finding: explained
-- tests:
--   - unique: [channel]
with now as (
    select
        channel,
        tally(n, w, w2, wx, wx2) as figure,
    from scores
    where metric = 'csat'
    group by channel
),

earlier as (
    select
        channel,
        tally(n, w, w2, wx, wx2) as figure,
    from scores_before
    where metric = 'csat'
    group by channel
)

select
    coalesce(now.channel, earlier.channel) as channel,
    now.figure,
    earlier.figure as figure_before,
from now
full join earlier on now.channel = earlier.channel
order by channel
