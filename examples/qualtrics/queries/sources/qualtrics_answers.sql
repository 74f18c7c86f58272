-- table: responses
-- files: native_qualtrics/*.csv
-- reader: qualtrics
-- zone: America/Denver
-- columns: [ResponseID, ResponseId, q5_position, Q2]
-- description: {en: "Who finished each survey, and what they wrote.", ko: "설문마다 끝까지 응답했는지와 주관식 응답입니다."}

-- Seven surveys under one glob: three header rows or two, the identifier spelled in two ways. The same respondent of a survey may
-- stand in two exports of it, so the file is part of the identifier.
-- Nothing is known of the account's zone; Mountain time is Qualtrics' own.
-- Left out: all other questions, which have texts such as “Click to write the question text” and no scale.
with respondents as (
    select
        *,
        regexp_extract(filename, '([^/]+)[.]csv$', 1) as survey_name,
        coalesce(ResponseID, ResponseId) as respondent,
    from raw
)

select
    survey_name || '-' || respondent as response_id,
    EndDate as responded_at,
    'completed' as metric,
    case when lower(Finished) in ('1', 'true') then 1 else 0 end as score,
    survey_name as survey,
    case when survey_name like 'ropensci%' then Q2 else q5_position end as comment,
from respondents
