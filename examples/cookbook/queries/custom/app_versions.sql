-- title: {en: "Rating by app version", ko: "앱 버전별 평점"}
-- description: Our own reviews per version; the newest version that lies below the rest is the suspect.
-- grain: one row per version
-- chart: {kind: bar, x: version, sort: own}
-- window: 18 months
-- analysis: rest
-- finding: different
-- tests:
--   - unique: [version]
select
    version,
    tally(n, w, w2, wx, wx2) as figure,
from scores
where metric = 'rating' and version is not null
group by version
order by version
