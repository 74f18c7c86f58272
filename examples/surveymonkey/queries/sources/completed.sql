-- table: responses
-- files: native_surveymonkey/538_*.csv
-- reader: surveymonkey
-- description: {en: "Who answered each poll to the end.", ko: "설문마다 끝까지 응답했는지입니다."}

-- Three polls under one glob, one with two header rows. They carry no time: each stands on the day it was published.
-- The last questions of all three are about the respondent; who named a gender got that far.
with respondents as (
    select
        *,
        regexp_extract(filename, '538_([^/]+)[.]csv$', 1) as poll,
    from raw
)

select
    poll || '-' || RespondentID as response_id,
    RespondentID as customer_id,
    case poll
        when 'comma-survey' then '2014-06-17'
        when 'flying-etiquette' then '2014-09-05'
        when 'steak-risk-survey' then '2014-05-16'
    end as responded_at,
    'completed' as metric,
    case when Gender is not null then 1 else 0 end as score,
    poll as survey,
    Gender as gender,
    Age as age_group,
    "Location (Census Region)" as region,
from respondents
