-- title: {en: "Brands named where another is written about", ko: "다른 브랜드 글에 나온 브랜드"}
-- description: {en: "What is written about one brand and names another, and which way customers say they went.", ko: "한 브랜드에 대한 글에 다른 브랜드가 나온 경우와, 고객이 어느 쪽으로 옮겼다고 했는지입니다."}
-- grain: one row per comment and brand named in it
-- chart: {kind: table}
-- tests:
--   - unique: [comment_id, named]
--   - given:
--       aliases: [{brand: 한빛몰, alias: 한빛몰}, {brand: 누리몰, alias: 누리몰}, {brand: 누리몰, alias: Nuri Mall}, {brand: 한빛몰이츠, alias: 한빛몰이츠}]
--       comments:
--         - {comment_id: "1", brand: 한빛몰, text: 누리몰에서 여기로 갈아탔어요}
--         - {comment_id: "2", brand: 한빛몰, text: 앱이 느려서 누리몰로 갈아탑니다}
--         - {comment_id: "3", brand: 한빛몰, text: 누리몰보다 배송이 빨라요}
--         - {comment_id: "4", brand: 누리몰, text: 한빛몰 쓰다가 넘어왔는데 만족}
--         - {comment_id: "5", brand: 한빛몰, text: "Slow app, I am moving to nuri mall"}
--         - {comment_id: "6", brand: 한빛몰, text: I switched from Nuri Mall last month}
--         - {comment_id: "7", brand: 한빛몰, text: 한빛몰 배송은 늘 좋아요}
--         - {comment_id: "9", brand: 한빛몰, text: 탈퇴하고 누리몰로 넘어갑니다}
--         - {comment_id: "10", brand: 한빛몰, text: 앞으로는 누리몰 쓰려고요 여기는 지웁니다}
--         - {comment_id: "11", brand: 한빛몰, text: 누리몰 탈퇴하고 여기로 왔어요}
--         - {comment_id: "8", brand: 한빛몰, text: Nuri Mallet is another word}
--         - {comment_id: "14", brand: 한빛몰, text: 누리몰 손절하고 여기로 옴}
--         - {comment_id: "15", brand: 한빛몰, text: 이제 누리몰 안쓰고 여기만 써요}
--         - {comment_id: "16", brand: 한빛몰, text: 누리몰보다 훨씬 나음 갈아타길 잘했다}
--         - {comment_id: "17", brand: 한빛몰, text: 삭제하고 누리몰 갑니다}
--         - {comment_id: "18", brand: 한빛몰, text: 이럴거면 누리몰 쓰지}
--         - {comment_id: "19", brand: 한빛몰, text: 다시 누리몰로 돌아갑니다}
--         - {comment_id: "20", brand: 한빛몰, text: 누리몰도 쓰는데 여기가 더 좋음}
--         - {comment_id: "21", brand: 한빛몰, text: 누리몰에서는 되던데 여긴 왜 안 되죠}
--         - {comment_id: "22", brand: 한빛몰, text: 누리몰로 돌아갈 일은 없어요}
--         - {comment_id: "23", brand: 한빛몰, text: 누리몰로 떠날 이유가 없음}
--         - {comment_id: "24", brand: 한빛몰, text: 누리몰에서 살 거 없어서 그냥 나왔어요}
--         - {comment_id: "25", brand: 한빛몰, text: 앱 삭제하고 누리몰 가격 비교해 봄}
--         - {comment_id: "26", brand: 한빛몰, text: 접속하고 누리몰 쓰는 것보다 느려요}
--         - {comment_id: "27", brand: 한빛몰, text: 누리몰에 물어보니 거기 직원이 갈게요 하더라고요}
--         - {comment_id: "28", brand: 한빛몰, text: 누리몰 택배가 여기로 왔어요}
--         - {comment_id: "29", brand: 한빛몰, text: 누리몰 보다가 환승역 지나침}
--         - {comment_id: "30", brand: 한빛몰, text: 누리몰로 갈아타지 않을 겁니다}
--         - {comment_id: "31", brand: 한빛몰, text: 누리몰에서 시킨 물건이 먼저 왔어요}
--         - {comment_id: "32", brand: 한빛몰, text: I am not going back to nuri mall}
--         - {comment_id: "33", brand: 한빛몰, text: 누리몰이 비싸서 여기로 왔어요}
--         - {comment_id: "34", brand: 한빛몰, text: 누리몰이 더 싸길래 거기로 갈아탑니다}
--         - {comment_id: "35", brand: 한빛몰, text: 여기 접고 누리몰 가요}
--         - {comment_id: "36", brand: 한빛몰, text: 여기로 갈아탔어요 누리몰은 너무 비쌈}
--         - {comment_id: "37", brand: 한빛몰, text: 다시는 안 옴 누리몰로 환승함}
--         - {comment_id: "38", brand: 한빛몰, text: 누리몰로 이동하는 링크가 떠요}
--         - {comment_id: "39", brand: 한빛몰, text: 누리몰에서 여기로 배송지 바꿨더니 왔어요}
--         - {comment_id: "40", brand: 한빛몰, text: 광고 누르면 자꾸 누리몰로 이동합니다}
--         - {comment_id: "41", brand: 한빛몰, text: 불편해서 누리몰로 이동합니다}
--         - {comment_id: "42", brand: 한빛몰, text: 버튼 누르면 누리몰로 넘어가요 오류인가요}
--         - {comment_id: "44", brand: 한빛몰, text: 화면이 느려서 누리몰로 이동합니다 광고도 지겹고}
--         - {comment_id: "43", brand: 한빛몰, text: 누리몰에서 주소 옮기고 여기로 주문했어요}
--         - {comment_id: "12", brand: 한빛몰이츠, text: 한빛몰이츠 최고}
--         - {comment_id: "13", brand: 한빛몰이츠, text: 한빛몰이츠 쓰다가 한빛몰로 갈아탑니다}
--     expect:
--       - {comment_id: "1", brand: 한빛몰, named: 누리몰, direction: came}
--       - {comment_id: "2", brand: 한빛몰, named: 누리몰, direction: left}
--       - {comment_id: "3", brand: 한빛몰, named: 누리몰, direction: compared}
--       - {comment_id: "4", brand: 누리몰, named: 한빛몰, direction: came}
--       - {comment_id: "5", brand: 한빛몰, named: 누리몰, direction: left}
--       - {comment_id: "6", brand: 한빛몰, named: 누리몰, direction: came}
--       - {comment_id: "9", brand: 한빛몰, named: 누리몰, direction: left}
--       - {comment_id: "10", brand: 한빛몰, named: 누리몰, direction: left}
--       - {comment_id: "11", brand: 한빛몰, named: 누리몰, direction: came}
--       - {comment_id: "13", brand: 한빛몰이츠, named: 한빛몰, direction: left}
--       - {comment_id: "14", brand: 한빛몰, named: 누리몰, direction: came}
--       - {comment_id: "15", brand: 한빛몰, named: 누리몰, direction: came}
--       - {comment_id: "16", brand: 한빛몰, named: 누리몰, direction: came}
--       - {comment_id: "17", brand: 한빛몰, named: 누리몰, direction: left}
--       - {comment_id: "18", brand: 한빛몰, named: 누리몰, direction: left}
--       - {comment_id: "19", brand: 한빛몰, named: 누리몰, direction: left}
--       - {comment_id: "20", brand: 한빛몰, named: 누리몰, direction: compared}
--       - {comment_id: "21", brand: 한빛몰, named: 누리몰, direction: compared}
--       - {comment_id: "22", brand: 한빛몰, named: 누리몰, direction: compared}
--       - {comment_id: "23", brand: 한빛몰, named: 누리몰, direction: compared}
--       - {comment_id: "24", brand: 한빛몰, named: 누리몰, direction: compared}
--       - {comment_id: "25", brand: 한빛몰, named: 누리몰, direction: compared}
--       - {comment_id: "26", brand: 한빛몰, named: 누리몰, direction: compared}
--       - {comment_id: "27", brand: 한빛몰, named: 누리몰, direction: compared}
--       - {comment_id: "28", brand: 한빛몰, named: 누리몰, direction: compared}
--       - {comment_id: "29", brand: 한빛몰, named: 누리몰, direction: compared}
--       - {comment_id: "30", brand: 한빛몰, named: 누리몰, direction: compared}
--       - {comment_id: "31", brand: 한빛몰, named: 누리몰, direction: compared}
--       - {comment_id: "32", brand: 한빛몰, named: 누리몰, direction: compared}
--       - {comment_id: "33", brand: 한빛몰, named: 누리몰, direction: came}
--       - {comment_id: "34", brand: 한빛몰, named: 누리몰, direction: left}
--       - {comment_id: "35", brand: 한빛몰, named: 누리몰, direction: left}
--       - {comment_id: "36", brand: 한빛몰, named: 누리몰, direction: came}
--       - {comment_id: "37", brand: 한빛몰, named: 누리몰, direction: left}
--       - {comment_id: "38", brand: 한빛몰, named: 누리몰, direction: compared}
--       - {comment_id: "39", brand: 한빛몰, named: 누리몰, direction: compared}
--       - {comment_id: "40", brand: 한빛몰, named: 누리몰, direction: compared}
--       - {comment_id: "41", brand: 한빛몰, named: 누리몰, direction: left}
--       - {comment_id: "42", brand: 한빛몰, named: 누리몰, direction: compared}
--       - {comment_id: "44", brand: 한빛몰, named: 누리몰, direction: left}
--       - {comment_id: "43", brand: 한빛몰, named: 누리몰, direction: compared}
with spelled as (
    select
        brand,
        lower(nfc_normalize(alias)) as alias,
        regexp_escape(lower(nfc_normalize(alias))) as pattern,
        regexp_matches(alias, '[a-zA-Z0-9]') as latin,
    from aliases
    where length(alias) >= 2
),

longer as (
    -- Where one name begins or holds another (쿠팡이츠, 쿠팡), the longer one is meant.
    select
        inner_name.brand,
        inner_name.alias,
        string_agg(outer_name.pattern, '|' order by length(outer_name.alias) desc, outer_name.alias asc) as around,
    from spelled as inner_name
    inner join spelled as outer_name on inner_name.alias <> outer_name.alias and contains(outer_name.alias, inner_name.alias)
    group by inner_name.brand, inner_name.alias
),

names as (
    select
        spelled.*,
        longer.around,
    from spelled
    left join longer on spelled.brand = longer.brand and spelled.alias = longer.alias
),

written as (
    select
        comment_id,
        brand,
        day,
        lower(text) as text,
    from comments
    where brand is not null and names_other_brand is distinct from false
),

known as (
    select list(names) as spellings from names
),

found as (
    select
        written.*,
        unnest(list_filter(known.spellings, lambda one: one.brand <> written.brand and contains(written.text, one.alias))) as spelling,
    from written
    cross join known
),

bare as (
    select
        comment_id,
        brand,
        day,
        text,
        spelling,
        case
            when spelling.around is null then text
            else regexp_replace(text, spelling.around, ' ', 'g')
        end as said,
    from found
),

told as (
    select
        comment_id,
        brand,
        day,
        text,
        said,
        spelling.brand as named,
        spelling.pattern,
    from bare
    where contains(said, spelling.alias) and (not spelling.latin or regexp_matches(said, '(^|[^a-z0-9])' || spelling.pattern || '([^a-z0-9]|$)'))
),

meant as (
    -- 누리몰로 돌아갈 일은 없어요, 갈아타지 않아요, 안 옴: what nobody does is no way that somebody went; nor do links, buttons and
    -- screens (누리몰로 이동하는 링크, 누르면 누리몰로 넘어가요) or an address (배송지 바꿨더니) go anywhere with their customer.
    select
        * exclude (said),
        regexp_replace(
            said,
            '\S*[갈살쓸올탈꿀길날할킬]\s?(일|이유|필요|생각|마음|맘|계획|거|것|게|건|데|곳)\S*\s?(\S+\s)?(없|안\s?(들|나|해|함|합|할|될))\S*'
            || '|(이동|넘어가|연결)\S*는\s(링크|버튼|화면|페이지|창|팝업|광고|배너)\S*'
            || '|(누르면|눌렀더니|클릭하면|터치하면|켜면|열면|들어가면)\s(\S+\s){0,2}(이동|넘어가|넘어감|넘어갑|연결)\S*'
            || '|(배송지|주소|주소지|결제|카드|비밀번호|비번|옵션|색상|사이즈|번호)\S*\s(바꾸|바꿨|바꾼|바꿈|바꿀|옮기|옮겼|옮긴)\S*'
            || '|\S+지(는|도|를)?\s?(않|안|마|말|못)\S*'
            || '|(^|\s)(안|못)\s?(갈아|옮|바꾸|바꿨|바꿀|넘어|돌아|떠나|떠날|가요|갑|간다|갈게|갈래|왔|옴|와|살|사요|삽|시킬)\S*'
            || '|(not|never|n''t|no reason to|no need to|without)\s+(\S+\s+)?(switch|mov|chang|go|gone|went|return|leav|com|convert)[a-z]*',
            ' ',
            'g'
        ) as said,
    from told
),

judged as (
    select
        comment_id,
        brand,
        day,
        text,
        named,
        regexp_matches(
            said,
            pattern || '\s?(으로\s?|로\s?|에\s)(\S+\s+){0,2}(갈아|옮|바꾸|바꿨|바꾼|바꿈|바꿀|바꿉|넘어가|넘어갔|넘어갈|넘어간|넘어갑|넘어감|돌아가|돌아갔|돌아갈|돌아간|돌아갑|돌아감|떠나|떠난|떠날|떠납|(이동|이사|이전|환승)(하|했|함|한|할|합|해|갑|갔|감|갈|[\s.!~]|$)|갈게|갈래|간다|갑니다|갔)'
            || '|' || pattern || '\s?(을\s|를\s)?(쓰려|쓰러|쓸\s?(거|게|래|란다|련다|예정|생각)|이용하려|이용할|사용하려|사용할)'
            -- 탈퇴하고 누리몰 씁니다, 이럴 거면 누리몰 쓰지, 누리몰 쓰는 게 낫겠다 탈퇴함
            || '|(탈퇴|해지|삭제|지우|지웠|손절|접고|접었|접는|접습|접음)\S{0,4}\s?(고|고요|니다)?\s?' || pattern || '\s?(을\s|를\s)?(쓰|쓴|써|씁|씀|이용|깔|갑|간다|감|가(요|야|려|는|고|서|면|기|입|자|[\s.!~]|$))'
            || '|' || pattern || '에서\s?(살래|살게|살\s?거|사려|시킬래|시킬게|거래할래|거래할게)|' || pattern || '.{0,30}(그쪽|거기)(으로|로)\s?(\S+\s+){0,2}(갈아|옮|넘어가|넘어갑|갑니다|간다|갈게|갈래)'
            || '|(차라리|이럴\s?거면|이럴바엔)\s?(그냥\s?)?' || pattern || '\s?(을\s|를\s)?(쓰지|쓰고|쓸|써|씁|이용|가지|갈)'
            || '|' || pattern || '\s?(을\s|를\s)?(쓰는|이용하는)\s?게\s?\S*(낫|나을|나아)\S*\s.{0,8}(탈퇴|삭제|지우|지웁|갈아)'
            || '|(switch|mov|chang|go|gone|went|return)[a-z]*\s+(\S+\s+){0,3}(to|with)\s+(the\s+)?' || pattern
            || '|(left|leave|leaving|drop|ditch)[a-z]*\s+(\S+\s+){0,3}for\s+(the\s+)?' || pattern
        ) as leaves,
        regexp_matches(
            said,
            pattern || '\s?(에서|쓰다가?|이용하다가?|사용하다가?|보다가|만\s?쓰다가?)\s?(\S+\s+){0,3}(갈아|옮|바꾸|바꿨|바꿈|넘어오|넘어왔|넘어온|넘어옴|(이동|이사|환승)(하|했|함|한|할|합|해|왔|옴|[\s.!~]|$)|정착)'
            -- 누리몰에서 시킨 물건이 왔어요: only who was there comes from there
            || '|' || pattern || '\s?(에서|(쓰|이용하|사용하|만\s?쓰)다가?|보다가)\s?((여기|이리|이쪽|이곳|요기|이\s?앱)\S*\s)?(왔|옴|오게)'
            || '|' || pattern || '\s?(앱|어플)?\s?(을\s|를\s|은\s|는\s)?(탈퇴|해지|삭제|지우|지웠|끊|버리|손절|접고)\S{0,4}\s?(\S+\s+){0,2}(여기|요기|이쪽|이곳|이\s?앱|이거|이걸)'
            -- 이제 누리몰 안 쓰고 여기만 써요, 누리몰보다 나음 갈아타길 잘했다
            || '|' || pattern || '\s?(을\s|를\s|은\s|는\s)?(안|그만)\s?(쓰|씀|써|씁)\S{0,3}\s?(\S+\s+){0,2}(여기|요기|이쪽|이곳|이\s?앱|이거|이것)'
            || '|' || pattern || '.{0,30}((여기|이리|이쪽|이곳|요기)(으로|로)|여기가)\s?(\S+\s+){0,3}(넘어왔|넘어온|넘어옴|옮겼|옮긴|옮김|이사|갈아탔|갈아탄|갈아탐|정착)'
            || '|(여기|이리|이쪽|이곳|요기)(으로|로)\s?(\S+\s+){0,2}(넘어왔|넘어온|넘어옴|옮겼|옮긴|옮김|갈아탔|갈아탄|갈아탐|정착)\S*\s(\S+\s){0,3}' || pattern
            -- 누리몰이 비싸서 여기로 왔어요, while 누리몰 택배가 여기로 왔어요
            || '|' || pattern || '\S*\s(\S+\s+){0,3}\S+(서|다가|고|니까|길래|해)\s(여기|이리|이쪽|이곳|요기)(으로|로)\s?(\S+\s+){0,1}(왔|옴|오게)'
            || '|' || pattern || '보다\s?(\S+\s*){0,4}(갈아타|옮기|바꾸|넘어오)(길|기를|기)\s?잘'
            || '|(switch|mov|chang|came|come|coming|convert)[a-z]*\s+(\S+\s+){0,3}from\s+(the\s+)?' || pattern
            || '|(used to|previously|before)\s+(\S+\s+){0,3}(us|shop|order|fl|trad|bank|bought|buy)[a-z]*\s+(\S+\s+){0,2}' || pattern
            || '|(left|leave|ditch|drop)[a-z]*\s+(the\s+)?' || pattern || '\s+for'
        ) as arrives,
    from meant
)

select
    comment_id,
    day,
    brand,
    named,
    case
        when bool_or(leaves) and not bool_or(arrives) then 'left'
        when bool_or(arrives) and not bool_or(leaves) then 'came'
        else 'compared'
    end as direction,
    any_value(left(judged.text, 1000)) as text,
    count(*) over (partition by brand, named)::bigint as base,
from judged
group by comment_id, day, brand, named
order by day desc, comment_id asc, named asc
