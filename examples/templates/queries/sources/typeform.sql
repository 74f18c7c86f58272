-- table: responses
-- files: typeform/*.json
-- reader: json
-- records: items
-- description: {en: "Answers of the Typeform Responses API.", ko: "타입폼 응답 API의 응답입니다."}

-- A template that has not met a real file. Fields as a third party's types of the Responses API name them, not checked against Typeform's own documentation; each page of the answer
-- saved as a file. Each item holds a list of answers; those of type number become scores (an opinion scale or a rating).
-- To correct: which field is which metric (here: all from 0 to 10 are NPS), and the form's name.
with answered as (
    select
        token,
        submitted_at,
        unnest(answers) as answer,
    from raw
)

select
    answered.token as response_id,
    answered.submitted_at as responded_at,
    'nps' as metric,
    answered.answer.number as score,
    answered.answer.field.ref as question,
from answered
where answered.answer.type = 'number'
