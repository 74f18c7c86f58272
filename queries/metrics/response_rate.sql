-- label: {en: "Response rate", ko: "응답률"}
-- description:
--   en: "Share of survey invitations that were answered, by the day they were sent. The last days are still filling up."
--   ko: "설문 초대 가운데 응답한 비율이며 보낸 날을 기준으로 합니다. 최근 며칠은 응답이 아직 들어오는 중입니다."
-- variant: {en: "answered of delivered, AAPOR RR1", ko: "전달된 초대 대비 응답, AAPOR RR1"}
-- table: invitations
-- factor: 100
-- range: [0, 100]
-- unit: "%"
-- change_unit: {en: "pp", ko: "%p"}
-- decimals: 1
-- direction: higher
-- interval: share
-- position: 9
-- groups:
--   - {name: unanswered, to: 0, ko: 무응답, en: not answered}
--   - {name: answered, to: 1, ko: 응답, en: answered}
select
    *,
    case when response_id is not null then 1 else 0 end as x,
from answers
