-- table: responses
-- files: sfo_customer_survey/*_SFO_Customer_Survey_*.csv
-- reader: csv
-- description:
--   en: "SFO passenger survey 2010–2017: 22 touchpoint ratings from 1 (unacceptable) to 5 (outstanding), and in 2017 how likely to recommend, 0–10."
--   ko: "2010–2017년 SFO 이용객 설문의 접점별 1–5점 평가 22개와 2017년 추천 의향 0–10점입니다."
-- columns: [
--   "*RESPNUM", RESPNUM, AREA, BAREA, GATE, GATENUM, Q6A, Q6B, Q6C, Q6D, Q6E, Q6F, Q6G, Q6H, Q6I, Q6J, Q6K, Q6L, Q6M, Q6N,
--   Q7AIRTRAIN, Q7ALL, Q7ART, Q7A_ART, Q7B_FOOD, Q7C_SHOPS, Q7D_SIGNS, Q7E_WALK, Q7FOOD, Q7F_SCREENS, Q7G_INFOARR,
--   Q7H_INFODEP, Q7INFODOWN, Q7INFOUP, Q7I_WIFI, Q7J_ROAD, Q7K_PARK, Q7LTPARKING, Q7L_AIRTRAIN, Q7M_LTPARK, Q7N_RENTAL,
--   Q7O_WHOLE, Q7PARK, Q7RENTAL, Q7ROADS, Q7SCREENS, Q7SIGN, Q7STORE, Q7WALKWAYS, Q7WIFI, Q8A, Q8A_ART, Q8B, Q8B_FOOD, Q8C,
--   Q8C_SHOP, Q8D, Q8D_SIGNS, Q8E, Q8E_WALK, Q8F, Q8F_SCREENS, Q8G, Q8G_INFOARR, Q8H, Q8H_INFODEP, Q8I, Q8I_ROAD, Q8J,
--   Q8J_PARK, Q8K, Q8K_AIRTRAIN, Q8L, Q8L_LTPARK, Q8M, Q8M_RENTAL, Q8N, Q8N_WHOLE, Q9AIRTRAIN, Q9ALL, Q9A_CLNBOARD,
--   Q9BOARDING, Q9B_CLNAIRTRAIN, Q9C_CLNRENT, Q9D_CLNFOOD, Q9E_CLNBATH, Q9FOOD, Q9F_CLNWHOLE, Q9RENTAL, Q9RESTROOM, Q10A,
--   Q10A_CLNBOARD, Q10B, Q10B_CLNPARK, Q10C, Q10C_CLNAIRTRAIN, Q10D, Q10D_CLNRENT, Q10E, Q10E_CLNFOOD, Q10F, Q10F_CLNBATH,
--   Q17, Q18, Q18AGE, Q18_AGE, Q19, Q19AGE, Q19GENDER, Q19_AGE, Q19_SEX, Q20, Q20GENDER, Q20_SEX,
--   NETPRO
--   ]

-- One file a year, and each year has names of its own, so `columns` above lists what some years lack.
-- How a column was recognised:
--   2012–2017  by its name (Q7ART, Q8A_ART, Q9RESTROOM …).
--   2010, 2011 by its letter: ratings A–N and cleanliness A–F stand in the order that 2012 names (2011 also has its numbers),
--              and each has the same share of “never used” and nearly the same mean as its neighbour in time.
-- The same name can mean two things: Q8A–Q8F are cleanliness in 2010 and artwork … screens in 2011; Q17–Q20 moved too.
-- Not every item was asked each year: wifi and clean_overall from 2013, clean_parking until 2012.
--
-- Left out in plain sight: of the ratings 0 and “Blank” (no answer), 6 (never used), and all else that is not 1–5; of NETPRO, which
-- only 2017 has, 11 (84 passengers) and blanks (1): no answer. Counting 11 as a promoter gives 41.63.
-- Left out because the scale's words are not certain: safety, getting to the airport, finding the way, passing security.
-- Left out because the code is not certain: the boarding area where a file has no column for it (2010, 2011, 2013; the terminal
-- comes from the gate instead), age codes 8 and 9, gender codes 3 and 4, and the 14 single answers of 2016 such as “Under 23”
-- (a spreadsheet has filled “Under 18” down the column).
-- WEIGHT is a survey weight. It is not mapped, so figures are unweighted.
-- The day: only 2016 and 2017 are known to be May. All answers of a year stand on 15 May, so only years can be compared.
with passengers as (
    select
        *,
        cast(regexp_extract(filename, '([0-9]{4})_SFO', 1) as integer) as year,
        coalesce("*RESPNUM", RESPNUM) as passenger,
        try_cast(coalesce(GATE, GATENUM) as integer) as gate_number,
    from raw
),

wide as (
    select
        year,
        passenger,
        gate_number,
        DESTGEO as destination_code,
        LANG as language_code,
        coalesce(BAREA, AREA) as boarding_area,
        case
            when year = 2010 then Q17
            when year = 2011 then Q19
            else coalesce(Q19_AGE, Q18_AGE, Q18AGE, Q19AGE)
        end as age_code,
        case
            when year = 2010 then Q18
            when year = 2011 then Q20
            else coalesce(Q20_SEX, Q19_SEX, Q19GENDER, Q20GENDER)
        end as gender_code,
        coalesce(Q6I, Q8I, Q8I_ROAD, Q7J_ROAD, Q7ROADS) as roadway_signs,
        coalesce(Q6J, Q8J, Q8J_PARK, Q7K_PARK, Q7PARK) as parking,
        coalesce(Q6L, Q8L, Q8L_LTPARK, Q7M_LTPARK, Q7LTPARKING) as long_term_shuttle,
        coalesce(Q6M, Q8M, Q8M_RENTAL, Q7N_RENTAL, Q7RENTAL) as rental_car,
        coalesce(Q6K, Q8K, Q8K_AIRTRAIN, Q7L_AIRTRAIN, Q7AIRTRAIN) as airtrain,
        coalesce(Q6D, case when year = 2011 then Q8D end, Q8D_SIGNS, Q7D_SIGNS, Q7SIGN) as signs,
        coalesce(Q6E, case when year = 2011 then Q8E end, Q8E_WALK, Q7E_WALK, Q7WALKWAYS) as walkways,
        coalesce(Q6F, case when year = 2011 then Q8F end, Q8F_SCREENS, Q7F_SCREENS, Q7SCREENS) as screens,
        coalesce(Q6H, Q8H, Q8H_INFODEP, Q7H_INFODEP, Q7INFOUP) as info_booth_departures,
        coalesce(Q6B, case when year = 2011 then Q8B end, Q8B_FOOD, Q7B_FOOD, Q7FOOD) as restaurants,
        coalesce(Q6C, case when year = 2011 then Q8C end, Q8C_SHOP, Q7C_SHOPS, Q7STORE) as shops,
        coalesce(Q6A, case when year = 2011 then Q8A end, Q8A_ART, Q7A_ART, Q7ART) as artwork,
        coalesce(Q7I_WIFI, Q7WIFI) as wifi,
        coalesce(Q6G, Q8G, Q8G_INFOARR, Q7G_INFOARR, Q7INFODOWN) as info_booth_arrivals,
        coalesce(case when year = 2010 then Q8B end, Q10B, Q10B_CLNPARK) as clean_parking,
        coalesce(case when year = 2010 then Q8D end, Q10D, Q10D_CLNRENT, Q9C_CLNRENT, Q9RENTAL) as clean_rental_car,
        coalesce(case when year = 2010 then Q8C end, Q10C, Q10C_CLNAIRTRAIN, Q9B_CLNAIRTRAIN, Q9AIRTRAIN) as clean_airtrain,
        coalesce(case when year = 2010 then Q8E end, Q10E, Q10E_CLNFOOD, Q9D_CLNFOOD, Q9FOOD) as clean_restaurants,
        coalesce(case when year = 2010 then Q8F end, Q10F, Q10F_CLNBATH, Q9E_CLNBATH, Q9RESTROOM) as clean_restrooms,
        coalesce(case when year = 2010 then Q8A end, Q10A, Q10A_CLNBOARD, Q9A_CLNBOARD, Q9BOARDING) as clean_boarding_area,
        coalesce(Q9F_CLNWHOLE, Q9ALL) as clean_overall,
        coalesce(Q6N, Q8N, Q8N_WHOLE, Q7O_WHOLE, Q7ALL) as airport_overall,
        NETPRO as recommend,
    from passengers
),

long as (
    unpivot wide on
        roadway_signs,
        parking,
        long_term_shuttle,
        rental_car,
        airtrain,
        signs,
        walkways,
        screens,
        info_booth_departures,
        restaurants,
        shops,
        artwork,
        wifi,
        info_booth_arrivals,
        clean_parking,
        clean_rental_car,
        clean_airtrain,
        clean_restaurants,
        clean_restrooms,
        clean_boarding_area,
        clean_overall,
        airport_overall,
        recommend
    into name item value answer
)

select
    year || '-' || passenger || '-' || item as response_id,
    year || '-' || passenger as customer_id,
    year || '-05-15' as responded_at,
    case when item = 'recommend' then 'nps' else 'csat' end as metric,
    cast(answer as integer) as score,
    nullif(item, 'recommend') as touchpoint,
    boarding_area,
    case
        when gate_number between 1 and 12 or gate_number between 91 and 102 then 'International'
        when gate_number between 20 and 49 then 'Terminal 1'
        when gate_number between 50 and 59 then 'Terminal 2'
        when gate_number between 60 and 90 then 'Terminal 3'
    end as terminal,
    case destination_code
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
    case
        when age_code in ('1', 'Under 18') then 'under 18'
        when age_code in ('2', '18-24') then '18-24'
        when age_code in ('3', '25-34') then '25-34'
        when age_code in ('4', '35-44') then '35-44'
        when age_code in ('5', '45-54') then '45-54'
        when age_code in ('6', '55-64') then '55-64'
        when age_code in ('7', '65-Over') then '65 and over'
    end as age_group,
    case
        when gender_code in ('1', 'Male') then 'male'
        when gender_code in ('2', 'Female') then 'female'
    end as gender,
    case language_code
        when '1' then 'English'
        when '2' then 'Spanish'
        when '3' then 'Chinese'
        when '4' then 'Japanese'
    end as survey_language,
from long
where answer in ('1', '2', '3', '4', '5') or (item = 'recommend' and answer in ('0', '6', '7', '8', '9', '10'))
