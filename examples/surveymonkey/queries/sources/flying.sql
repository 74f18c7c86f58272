-- table: responses
-- files: native_surveymonkey/538_flying-etiquette.csv
-- reader: surveymonkey
-- description: {en: "What flyers find rude: nine questions of one poll.", ko: "비행기에서 무례하다고 생각하는 행동 9가지입니다."}

-- Wide to long; “No, …” is 0, “Yes, somewhat rude” and “Yes, very rude” are 1. The spellings “itrude” and “tothe” are the export's.
with long as (
    unpivot raw on
        "Is itrude to recline your seat on a plane?" as reclining,
        "Is itrude to move to an unsold seat on a plane?" as unsold_seat,
        "Generally speaking, is it rude to say more than a few words tothe stranger sitting next to you on a plane?" as talking,
        "Is it rude to ask someone to switch seats with you in order to be closer to friends?" as switching_for_friends,
        "Is itrude to ask someone to switch seats with you in order to be closer to family?" as switching_for_family,
        "Is it rude to wake a passenger up if you are trying to go to the bathroom?" as waking_for_bathroom,
        "Is itrude to wake a passenger up if you are trying to walk around?" as waking_to_walk,
        "In general, is itrude to bring a baby on a plane?" as baby,
        "In general, is it rude to knowingly bring unruly children on a plane?" as unruly_children
    into name item value answer
)

select
    RespondentID || '-' || item as response_id,
    RespondentID as customer_id,
    '2014-09-05' as responded_at,
    'rude' as metric,
    case when answer like 'No%' then 0 else 1 end as score,
    item as touchpoint,
    'flying-etiquette' as survey,
    Gender as gender,
    Age as age_group,
    "Location (Census Region)" as region,
from long
