-- title: {en: "Who is recommended", ko: "항공사별 추천 비율"}
-- description: {en: "Share of reviewers who recommend each airline.", ko: "항공사마다 추천한다고 답한 리뷰어의 비율입니다."}
-- grain: one row per airline
-- chart: {kind: bar, x: airline, limit: 20}
-- tests:
--   - unique: [airline]
select
    airline,
    tally(n, w, w2, wx, wx2) as figure,
from scores
where metric = 'recommend' and airline is not null
group by airline
order by airline
