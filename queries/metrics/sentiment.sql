-- label: {en: "Sentiment", ko: "감성"}
-- description:
--   en: "Mean of how the comments judge, from −100 (all bad) to 100 (all good); the score speaks where there is one."
--   ko: "글의 평가를 −100(모두 부정)부터 100(모두 긍정)까지로 본 평균입니다. 점수가 있으면 점수를 따릅니다."
-- variant: {en: "mean of −1 to 1, times 100", ko: "−1에서 1까지의 평균 × 100"}
-- table: comments
-- factor: 100
-- range: [-100, 100]
-- unit: {en: "points", ko: "점"}
-- decimals: 0
-- direction: higher
-- interval: mean
-- position: 23
select
    *,
    sentiment as x,
from answers
