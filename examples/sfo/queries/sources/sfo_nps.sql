-- table: responses
-- files: sfo_customer_survey/2017_*.csv
-- reader: csv
-- description:
--   en: "SFO passenger survey 2017, NETPRO: how likely to recommend, 0–10."
--   ko: "2017년 SFO 이용객 설문의 추천 의향(NETPRO) 0–10점입니다."

-- Left out in plain sight: NETPRO 11 (84 passengers) and blanks (1) mean “no answer”. Counting 11 as a promoter gives 41.63.
-- WEIGHT is a survey weight. It is not mapped, so figures are unweighted, as the published ones are.
-- Asked in May 2017; the file has days but no usable date, so every answer stands on 15 May.
with passengers as (
    select
        *,
        try_cast(NETPRO as integer) as likelihood,
        try_cast(GATE as integer) as gate_number,
    from raw
)

select
    '2017-' || RESPNUM || '-nps' as response_id,
    '2017-' || RESPNUM as customer_id,
    '2017-05-15' as responded_at,
    'nps' as metric,
    likelihood as score,
    BAREA as boarding_area,
    case
        when gate_number between 1 and 12 or gate_number between 91 and 102 then 'International'
        when gate_number between 20 and 49 then 'Terminal 1'
        when gate_number between 50 and 59 then 'Terminal 2'
        when gate_number between 60 and 90 then 'Terminal 3'
    end as terminal,
    case DESTGEO
        when '1' then 'West'
        when '2' then 'East'
        when '3' then 'Central'
        when '4' then 'Canada and Mexico'
        when '5' then 'Latin America'
        when '6' then 'Europe'
        when '7' then 'Middle East'
        when '8' then 'Asia'
        when '9' then 'Oceania'
    end as destination,
    case Q19AGE
        when '1' then 'under 18'
        when '2' then '18-24'
        when '3' then '25-34'
        when '4' then '35-44'
        when '5' then '45-54'
        when '6' then '55-64'
        when '7' then '65 and over'
    end as age_group,
    case Q20GENDER
        when '1' then 'male'
        when '2' then 'female'
    end as gender,
    case LANG
        when '1' then 'English'
        when '2' then 'Spanish'
        when '3' then 'Chinese'
        when '4' then 'Japanese'
    end as survey_language,
from passengers
where likelihood between 0 and 10
