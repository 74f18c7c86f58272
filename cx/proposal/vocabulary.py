"""What columns and answers are called: in exports of other systems, in several languages."""

import re
from collections.abc import Mapping

COMMENTS = ("comments", "comentario", "comentarios", "commentaire", "commentaires", "kommentar", "open_comment")
WRITTEN_ON = ("작성일시", "작성일자", "작성일", "등록일시", "등록일자", "등록일")
SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "response_id": (
        "responseid",
        "answer_id",
        "id",
        "record_id",
        "respondent_id",
        "respondent",
        "ticket",
        "no",
        "응답자id",
        "번호",
        "nº",
    ),
    "responded_at": (
        "recordeddate",
        "enddate",
        "submitted_at",
        "submitted",
        "answered_at",
        "timestamp",
        "date",
        "day",
        "응답일시",
        "응답일자",
        "응답일",
        *("제출일시", "제출일자", "제출일", "제출시각", "응답시각", "참여일시", "접수일시"),
        *WRITTEN_ON,
    ),
    "score": ("rating", "likelihood", "satisfaction", "stars", "value", "answer", "점수", "만족도"),
    "customer_id": (
        *("고객아이디", "회원id", "회원아이디"),
        *("customer", "customerid", "user_id", "member_id", "client_id", "requester_id", "고객id", "고객번호"),
        *("회원번호", "respondent_id"),
    ),
    "touchpoint": ("step", "stage"),
    "channel": ("medium", "채널"),
    "unit_id": ("unit", "store", "branch", "site", "지점", "매장", "지점명", "매장명"),
    "weight": ("wt", "wgt", "gewichtung", "gewicht", "ponderation", "poids", "ponderacion", "peso", "가중치"),
    "comment": (
        "text",
        "body",
        "content",
        "feedback",
        "review",
        "verbatim",
        "note",
        "why",
        "의견",
        "내용",
        "코멘트",
        "사유",
        "이유",
        *COMMENTS,
    ),
    "review_id": ("id", "reviewid", "no", "번호"),
    "reviewed_at": ("date", "timestamp", "written_at", "submitted_at", "created_at", "at", *WRITTEN_ON, "날짜"),
    "brand": (
        *("company", "app", "airline_name", "shop", "app_name", "브랜드", "브랜드명", "앱", "앱이름", "앱명", "회사"),
        *(
            "회사명",
            "업체",
            "업체명",
            "상호",
            "상호명",
            "쇼핑몰",
            "증권사",
            "은행",
            "매장명",
            "식당명",
            "가게",
            "가게명",
        ),
        *("hotel", "hotel_name", "restaurant", "restaurant_name"),
        *("package_name", "bundle_id", "app_id", "앱id"),
    ),
    "rating": (
        *("stars", "star_rating", "overall_rating", "별점", "평점"),
        *("bewertung", "gesamtbewertung", "valutazione", "avaliacao", "calificacion", "puntuacion"),
        *("sterne", "sternebewertung", "etoiles", "nombre_d_etoiles", "estrellas", "stelle", "estrelas"),
    ),
    "rating_max": ("max_rating", "stars_max"),
    "source": ("platform", "store", "market", "스토어", "마켓", "플랫폼", "출처"),
    "title": ("headline", "summary", "제목"),
    "body": (
        *("text", "content", "review", "review_text", "comment", "document", "내용", "본문", "리뷰", "후기", "상품평"),
        *("한줄평", "댓글"),
    ),
    "language": ("lang", "reviewer_language", "sprache", "langue", "idioma", "lingua", "언어"),
    "country": ("author_country", "reviewer_country", "국가", "나라"),
    "product": ("product_name", "상품명", "상품", "제품명", "제품"),
    "version": ("app_version_name", "app_version", "review_created_version", "버전"),
    "verified": ("verified_purchase", "구매확인", "구매인증", "구매여부", "구매확정", "구매확정여부", "구매인증여부"),
    "incentivised": ("incentivized", "체험단"),
    "replied_at": (
        *("reply_date", "reply_time", "developer_reply_date_and_time", "developer_response_modified"),
        *("company_reply_date", "company_response_date", "owner_response_date", "reply_posted_at"),
        *("developer_response_date", "답변일시", "답변일자", "답변일", "답변등록일", "답변등록일시", "답변작성일"),
    ),
    "invitation_id": ("invite_id", "invitationid", "발송번호", "초대번호", "발송id"),
    "sent_at": (
        *("sent", "sent_on", "sent_date", "date_sent", "send_date", "sent_time", "invited_at", "invited_on"),
        *("invitation_date", "발송일시", "발송일자", "발송일", "발송시각", "초대일시", "전송일시"),
    ),
    "joined_at": (
        *("joined", "joined_on", "join_date", "signup_date", "signed_up_at", "registered_at", "member_since"),
        *("customer_since", "created_at", "가입일", "가입일자", "가입일시", "등록일", "등록일시"),
    ),
    "churned_at": (
        *("churned", "churn_date", "left_at", "cancelled_at", "canceled_at", "closed_at", "end_date"),
        *("탈퇴일", "탈퇴일자", "탈퇴일시", "해지일", "해지일자", "해지일시", "withdrawal_date", "withdrawn_at"),
    ),
    "event_id": ("id", "line_id", "event", "transaction_id", "거래번호", "이벤트id"),
    "occurred_at": (
        *("invoicedate", "order_date", "ordered_at", "date", "timestamp", "주문일", "주문일시", "거래일시", "거래일자"),
        *("거래일", "구매일시", "구매일", "결제일시", "결제일", "발생일시", "event_time", "transaction_date"),
    ),
    "kind": ("type", "event_type", "event_name", "transaction_type", "거래유형", "거래구분", "이벤트유형", "이벤트명"),
    "order_id": ("order", "order_no", "orderid", "invoiceno", "invoice_no", "invoice", "주문번호"),
    "amount": (
        *("total", "revenue", "sales", "unitprice", "unit_price", "price", "금액", "결제금액", "거래금액", "주문금액"),
        *("판매금액", "매출액", "총금액", "단가", "total_amount", "order_total", "transaction_amount"),
    ),
}
"""Names that a column of the contract goes by in other systems, the likeliest first."""
NUMBERED_QUESTION = re.compile(r"^\s*(?:Q|문항?|질문)?\s*\d{1,2}(?:-\d{1,2})?\s*[.):]\s*(?=[^\W\d_])", re.IGNORECASE)
"""The number that a form writes before each of its questions: “3. ”, “Q3) ”, “문3. ”."""
NUMBERED = r"(?:id|n[ro]?|nº|num|numero|nummer|number|code|codigo|codice)"
MEANINGS: Mapping[str, re.Pattern[str]] = {
    "response_id": re.compile(
        rf"{NUMBERED}_+(?:\w{{2,3}}_+)*(?:reponses?|respuestas?|antwort|rispost[ae]|respostas?)"
        rf"|(?:reponse|respuesta|antwort|risposta|resposta)_*{NUMBERED}"
    ),
    "customer_id": re.compile(
        rf"{NUMBERED}_+(?:\w{{2,3}}_+)*(?:clientes?|clients?|kunden?)"
        rf"|(?:client|cliente|kunden?|customer|cust|member|user|guest|person|patient|subscriber|passenger|panelist)"
        rf"_*(?:{NUMBERED}|ref|reference)|client|cliente|kunde"
    ),
    "responded_at": re.compile(r"(?:date|fecha|datum|data)(?:_.*)?"),
    "comment": re.compile(
        r"(?:.*_)?(?:comment|comentario|kommentar|verbatim|avis(?:_|$)|bemerkung|anmerkung|osservazion).*"
        r"|.*(?:_better|_improve|anything_else|tell_us_).*|(?:.*_)?reason_for_(?:.*_)?(?:score|rating|answer)|.*(?:이유|사유)|.*(?:자유롭게|의견|코멘트|건의|바라는|적어_?주|개선할_?점|개선_?사항).*"
    ),
    "unit_id": re.compile(r"(?:magasin|boutique|tienda|sucursal|filiale|negozio|loja|store|branch)s?"),
    "channel": re.compile(r"(?:(?:.*_)?channel|kanal|canale?|.*채널)"),
    "region": re.compile(r"(?:region|regione|regiao)"),
    "language": re.compile(r"(?:language|sprache|langue|idioma|lingua)"),
    "weight": re.compile(r"(?:weight|gewichtung|gewicht|ponderation|poids|ponderacion|peso)"),
}
"""What a column's name says in French, Spanish, German, Italian and Portuguese, without accents."""
SAME_MEANING = {"reviewed_at": "responded_at", "occurred_at": "responded_at", "body": "comment"}
"""Columns of other tables that such a name may stand for too."""
HEADS = (
    *("고객번호", "고객id", "회원번호", "응답일시", "응답일자", "응답일", "지점", "매장", "지점명", "매장명"),
    *("내용", "본문", "제목", "점수", "별점", "평점", "의견", "후기", "리뷰", "상품평", "한줄평", "버전"),
    *("채널", "제출일", "제출일시", "제출시각", "응답시각"),
    *("작성일", "작성일시", "등록일", "등록일시", "답변일", "답변일시"),
)
"""Korean words that say what a column holds when its name ends with them: 리뷰 내용, 앱 버전."""
WRAPPERS = frozenset(("label", "text", "value", "$t", "_text", "#text", "@value"))
"""What stands inside a JSON object that holds nothing but a value."""
ABOUT_REVIEWS = re.compile(r"^(review|리뷰|상품평|후기|별점|평점|thumbsup|appversion|앱버전|storefront)")
"""How names of columns begin that only reviews have."""
SAYS_REVIEWS = re.compile(
    r"리뷰|후기|상품평|별점|평점|앱스토어|플레이스토어|reviews?|app_?store|play_?store", re.IGNORECASE
)
"""Words in a file's place that say that reviews are in it."""
ANSWERED_AT = r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2})?(?:Z|[+-]\d{2}:?\d{2})?"
"""A time within a text, as an answer that was exported together with what is known of it holds one."""
UNDONE = {
    "cancellation": re.compile(r"취소|cancel|storn|annul", re.IGNORECASE),
    "return": re.compile(r"반품|환불|교환|return|refund|retour", re.IGNORECASE),
}
"""Words of an order's status that say that it is no purchase, by the kind of event that it is."""
ZONES = {"UTC": "UTC", "GMT": "UTC", "KST": "Asia/Seoul", "JST": "Asia/Tokyo"}
ZONE = re.compile(r"(?<![^\W_])(?:UTC|GMT|KST|JST)(?![^\W_]|\s*[+-]\s*\d)", re.IGNORECASE)
"""The zone that a column's name tells of its times: “Created Date (UTC)”."""
VERSION = re.compile(r"version|버전")
"""What columns of versions are called, which may look like days: 5.1.2."""
REPLIES = re.compile(r"repl(?:y|ies)|response|답변|답글|댓글")
"""What columns with the company's answers are called."""
OUR_OWN = re.compile(r"(?:developer|owner|seller)_?(?:response|repl|comment)|repl(?:y|ies)_?|답변|답글|사장님")
"""What columns are called that hold what the company wrote, and nothing a customer did."""
METRIC_STEMS = {
    "nps": ("nps", "recom", "raccom", "consigli", "likelihood", "empfehl", "weiterempf", "추천", "netpro"),
    "csat": ("csat", "satisf", "zufrieden", "gesamtzufrieden", "kundenzufrieden", "soddisf", "만족"),
    "ces": ("ces", "effort", "easy", "ease", "esfuerzo", "esforco", "sforzo", "aufwand", "facilit", "수월", "노력"),
}
"""How words in a column's name begin that tell which of the shipped metrics it answers."""
SHORT = {"csat": frozenset(("sat", "osat")), "nps": frozenset(("ltr",))}
"""Whole words in a column's name that tell it."""
SATISFIED_WITH = re.compile(
    r"_?(?:에|에_대해|에_대하여|은|는|이|가|의)?_?(?:얼마나_|어느_정도_)?만족(?:도|하|스)\w*$|^(?:how_)?satisfied_(?:\w+_)?with_(?:the_|our_|your_)?"
    r"|_?(?:은|는)_(?:어떠|어땠)\w+$|_\d{1,3}점(?:_?만점|_?척도)?$|_+[01]_+(?:to_+)?(?:[4-7]|10+)_*점?_*$"
)
"""What asks for satisfaction, or tells the scale, around the name of the thing that is asked about: “배송에
만족하십니까?”, “Room (1-5)”."""
AS_A_WHOLE = re.compile(r"^(?:전반적?|종합|전체|고객|총)")
"""What Korean writes before such a word in one with it: 종합만족도."""
GRADES = re.compile(r"schulnote|gesamtnote|benotung|zensur")
"""What German columns of school grades are called, of which 1 is the best and 6 the worst."""
OF_A_HUNDRED = re.compile(r"100\s*점|0\s*[-~∼–]\s*100|(?:/|of|von|sur|sobre)\s*100(?!\d)", re.IGNORECASE)
"""What says in a column's name that a hundred points are the best."""
EFFORT = re.compile(r"effort|aufwand|esfuerzo|esforco|sforzo|노력|difficult|어려")
"""What columns are called that ask how much effort it took, rather than how easy it was."""
ASKED, ANSWERED = (
    re.compile(r"question(?:_?text)?|item|frage|pregunta|문항(?:명|내용)?|질문(?:명|내용)?|설문문항"),
    re.compile(r"answer|response|value|score|antwort|reponse|respuesta|응답(?:값|내용)?|답변|점수|값"),
)
"""What the two columns are called where each answer has a row of its own."""
MAIN = ("nps", "csat", "ces")
"""The metrics that a comment is told beside, the likeliest first."""
OVERALL = re.compile(r"overall|general|geral|global|gesamt|전반|종합|전체")
"""What the column among several is called that asks about the whole."""
NUMBERS_ROWS = re.compile(
    r"(?:^|_|[가-힣])(?:id|uuid|n|no|nr|num|nº|number|numero|nummer|numer|nombor|cislo|номер|key|ref|referen\w*|riferimento"
    r"|identif\w*|kennung|kennziffer|folio|ticket|record|serial|vorgang|beleg)$"
    r"|[a-z]{3}(?:nummer|kennung|kennziffer)$|(?:resp|respondent|response|answer|case|record|interview|survey|review|recommendation|conversation|order|entry)(?:id|num|nr|no|number)$|(?:번호|코드|연번|순번|番号|編號|编号)$"
)
NUMBERS_PEOPLE = re.compile(
    r"customer|user|member|client|guest|person|patient|subscriber|passenger|panelist|account|card|passport|ssn|고객|회원|사용자|계정|계좌|카드|주민|여권|면허"
    r"|kunde|handy|mobil|mitglied|membre|socio|cuenta|compte|conto|konto|(?:^|_)tel|phone|fax|顧客|会員|客户|клиент"
)
"""What a column is called whose every value is another one: what numbers rows, and what numbers people."""
PERSONAL = re.compile(
    r"mail|phone|mobile|ip_?address|latitude|longitude|first_?name|last_?name|full_?name|user_?name|birth|"
    r"(?:customer|client|guest|person|patient|member|contact|buyer|recipient|respondent|passenger|subscriber)_?name|"
    r"nick_?name|환자명|회원명|응답자명|예약자|구매자명|신청자명|"
    r"(?:author|reviewer)(?:_name)?$|이메일|메일|전화|휴대폰|연락처|주소|성명|고객명|생년월일|아이피|작성자|등록자|주문자|수령인|수취인|닉네임|아이디|"
    r"(?<!앱)(?<!앱_)(?<!상품)(?<!상품_)(?<!제품)(?<!제품_)(?<!매장)(?<!매장_)(?<!지점)(?<!지점_)(?<!드)(?<!드_)이름"
)
"""What columns about a person are called."""
LATEST = re.compile(r"since|updated|changed|modified|valid_from|as_of|effective|기준일|변경|갱신|수정|적용")
"""What columns are called of times from which on a row about a customer holds."""
CAME_OR_LEFT = re.compile(
    r"join|sign_?ed_?up|sign_?up|member_since|customer_since|churn|cancel|withdraw|가입|탈퇴|해지"
)
"""What columns are called that only lists of customers have, though each of them may have several rows."""
UNDELIVERED = re.compile(r"bounc|undeliver|not.delivered|fail|반송|발송.?실패|미발송", re.IGNORECASE)
"""Words of an invitation's status that say that it reached nobody."""
CAME_BACK = re.compile(
    r"(?<!not )(?<!non)(?<!un)(?<!no )(?:respond|respons|answer|complet|submit)|(?<!미)(?:응답|회신|참여|완료)",
    re.IGNORECASE,
)
"""What says, as a column's name or in a status, that an answer came back."""
ANSWERED_WHEN = re.compile(
    r"submit|complet|finish|respon[ds]|answer|survey|recorded|feedback|응답|제출|완료|참여|작성|설문|회신"
)
"""What columns of times are called that tell when somebody answered."""
EARLIER = re.compile(
    r"sent(?:_|$)|start|begin|began|invit|(?:^|_)due|join|sign_?up|check_?(?:in|out)|arriv|depart|admi(?:t|ssion)"
    r"|discharg|visit|purchase|order|deliver|book|deadline|expir|발송|시작|가입|입원|퇴원|방문|구매|주문|배송|예약|이용|만료"
)
"""What columns are called of times at which something else happened than the answer."""
TOTALS = frozenset(
    (
        "합계 총계 총합 총합계 소계 계 누계 평균 전체평균 전체합계 total totals subtotal grandtotal sum average mean "
        "summe gesamt gesamtsumme durchschnitt mittelwert totalgénéral moyenne somme totalgeneral promedio suma totale "
        "media"
    ).split()
)
"""What the first cell of a last row says that sums up those above it, without blanks."""
YES = frozenset(("true", "yes", "y", "1", "t"))
YES_OR_NO = frozenset(("true", "false", "yes", "no", "y", "n", "1", "0", "t", "f"))
LABELS: Mapping[str, int] = {
    **dict.fromkeys(("very satisfied", "extremely satisfied", "excellent", "strongly agree"), 5),
    **dict.fromkeys(
        ("very easy", "extremely easy", "very good", "매우 쉬움", "매우 쉬웠다", "매우 좋음", "아주 좋음"), 5
    ),
    **dict.fromkeys(("매우 동의", "전적으로 동의", "매우 그럼", "매우 만족함", "매우 만족합니다", "매우만족함"), 5),
    **dict.fromkeys(
        ("easy", "somewhat easy", "쉬움", "쉬웠다", "좋음", "동의", "만족함", "만족합니다", "그런 편이다"), 4
    ),
    **dict.fromkeys(("neither easy nor difficult", "neither", "average", "okay", "보통임", "보통입니다"), 3),
    **dict.fromkeys(("difficult", "somewhat difficult", "bad", "어려움", "어려웠다", "나쁨", "동의하지 않음"), 2),
    **dict.fromkeys(("불만족함", "불만족합니다", "그렇지 않은 편이다"), 2),
    **dict.fromkeys(
        ("very difficult", "extremely difficult", "very bad", "매우 어려움", "매우 어려웠다", "매우 나쁨"), 1
    ),
    **dict.fromkeys(("terrible", "매우 불만족함", "매우 불만족합니다", "전혀 동의하지 않음", "전혀 아니다"), 1),
    **dict.fromkeys(("very happy", "extremely happy", "great"), 5),
    **dict.fromkeys(("happy", "good with comment", "good_with_comment"), 4),
    **dict.fromkeys(("unhappy", "not good", "bad with comment", "bad_with_comment"), 2),
    **dict.fromkeys(("very unhappy", "extremely unhappy"), 1),
    **dict.fromkeys(("매우 만족", "매우만족", "아주 만족", "매우 그렇다"), 5),
    **dict.fromkeys(("satisfied", "somewhat satisfied", "good", "agree", "만족", "그렇다"), 4),
    **dict.fromkeys(("neither satisfied nor dissatisfied", "neutral", "fair", "보통", "보통이다"), 3),
    **dict.fromkeys(("neither agree nor disagree",), 3),
    **dict.fromkeys(("dissatisfied", "somewhat dissatisfied", "poor", "disagree", "불만족", "불만", "그렇지 않다"), 2),
    **dict.fromkeys(("very dissatisfied", "extremely dissatisfied", "very poor", "strongly disagree"), 1),
    **dict.fromkeys(("sehr zufrieden", "très satisfait", "très satisfaite", "muy satisfecho", "muy satisfecha"), 5),
    **dict.fromkeys(("tout à fait satisfait", "molto soddisfatto", "molto soddisfatta", "muito satisfeito"), 5),
    **dict.fromkeys(("zufrieden", "eher zufrieden", "satisfait", "satisfaite", "plutôt satisfait", "satisfecho"), 4),
    **dict.fromkeys(("satisfecha", "soddisfatto", "soddisfatta", "satisfeito", "satisfeita"), 4),
    **dict.fromkeys(("teils/teils", "teils teils", "weder noch", "ni satisfait ni insatisfait", "neutre"), 3),
    **dict.fromkeys(("ni satisfecho ni insatisfecho", "né soddisfatto né insoddisfatto", "neutro"), 3),
    **dict.fromkeys(("nem satisfeito nem insatisfeito",), 3),
    **dict.fromkeys(("unzufrieden", "eher unzufrieden", "insatisfait", "insatisfaite", "peu satisfait"), 2),
    **dict.fromkeys(("plutôt insatisfait", "insatisfecho", "insatisfecha", "poco satisfecho", "insoddisfatto"), 2),
    **dict.fromkeys(("poco soddisfatto", "insatisfeito", "pouco satisfeito"), 2),
    **dict.fromkeys(("sehr unzufrieden", "très insatisfait", "pas du tout satisfait", "muy insatisfecho"), 1),
    **dict.fromkeys(("nada satisfecho", "molto insoddisfatto", "per niente soddisfatto", "muito insatisfeito"), 1),
    **dict.fromkeys(("매우 불만족", "매우불만족", "매우 불만", "전혀 그렇지 않다"), 1),
    **{"very low effort": 5, "low effort": 4, "high effort": 2, "very high effort": 1},
    **dict.fromkeys(("somewhat agree", "recommended", "thumbs up", "thumbs_up", "thumbs-up", "👍", "추천"), 4),
    **dict.fromkeys(("somewhat disagree", "not recommended", "thumbs down", "thumbs_down", "thumbs-down", "👎"), 2),
    **dict.fromkeys(("비추천",), 2),
    **dict.fromkeys("🤩 😍 🥰 😁 😄".split(), 5),
    **dict.fromkeys("😀 😃 😊 🙂".split(), 4),
    **dict.fromkeys("😐 😑 😶".split(), 3),
    **dict.fromkeys("🙁 ☹ ☹️ 😞 😟 😕".split(), 2),
    **dict.fromkeys("😠 😡 🤬 😢 😭".split(), 1),
}
"""What the steps of a scale from 1 to 5 are called where answers come as words, or which faces they are."""
YES_AND_NO: Mapping[str, int] = {
    **dict.fromkeys(("true", "yes", "y", "t", "예", "네"), 4),
    **dict.fromkeys(("false", "no", "n", "f", "아니오", "아니요"), 2),
}
"""What was answered to a question that judges and has two answers only."""
JUDGED = re.compile(r"recommend|voted_up|thumbs_?up|helpful|satisfied|추천|만족|도움")
"""What columns are called in which a yes is a good answer."""


def _seven(good: str, bad: str) -> dict[str, int]:
    """The seven steps between two words."""
    most, some, few = ("strongly", "extremely", "very", "completely"), ("moderately", ""), ("somewhat", "slightly")
    above = {f"{how} {good}".strip(): step for step, every in ((7, most), (6, some), (5, few)) for how in every}
    below = {f"{how} {bad}".strip(): step for step, every in ((1, most), (2, some), (3, few)) for how in every}
    return above | below | dict.fromkeys((f"neither {good} nor {bad}", "neither", "neutral"), 4)


SEVEN_STEPS: tuple[Mapping[str, int], ...] = (
    _seven("agree", "disagree"),
    _seven("satisfied", "dissatisfied"),
    _seven("easy", "difficult"),
    {
        **{"매우 그렇다": 7, "그렇다": 6, "약간 그렇다": 5, "조금 그렇다": 5, "보통이다": 4, "보통": 4},
        **{
            "약간 그렇지 않다": 3,
            "조금 그렇지 않다": 3,
            "그렇지 않다": 2,
            "매우 그렇지 않다": 1,
            "전혀 그렇지 않다": 1,
        },
    },
)
"""What the steps of a scale from 1 to 7 are called: more than five of them are told apart."""
AGREES = re.compile(r"그렇|그런|아니|동의|agree", re.IGNORECASE)
"""Steps in words of which nobody knows what they judge without the question."""
NO_ANSWER = frozenset(
    (
        "n/a",
        "na",
        "-",
        "none",
        "not applicable",
        "don't know",
        "prefer not to say",
        "해당없음",
        "해당 없음",
        "무응답",
        "모름",
        "잘 모름",
        "잘모름",
        "keine angabe",
        "weiß nicht",
        "sans réponse",
        "no contesta",
        "offered",
        "unoffered",
        *("n.a.", "n. a.", "k. a.", "k.a.", "keine antwort", "null", "nan", "no answer", "no response", "ns/nc", "nsp"),
        *("sans avis", "ne sait pas", "ne se prononce pas", "sin opinión", "no sabe", "sem opinião", "non so"),
        *("ohne angabe", "nicht beurteilbar", "kann ich nicht beurteilen", "no opinion", "평가불가", "의견없음"),
        *(
            "모름/무응답",
            "무응답/모름",
            "모르겠다",
            "잘 모르겠다",
            "잘 모르겠습니다",
            "이용 안 함",
            "이용안함",
            "이용 경험 없음",
        ),
        *("don't know/no answer", "dk", "dk/na", "refused", "not answered", "did not use", "not used"),
        *("응답없음", "응답 없음", "미응답", "해당사항없음", "해당사항 없음", "모르겠음", "잘 모르겠음"),
        # What a spreadsheet writes into text files for formulas that failed.
        *("#n/a", "#div/0!", "#value!", "#ref!", "#name?", "#num!", "#null!", "#nv", "#wert!", "#valeur!"),
    )
)
"""Words for “no answer” among those for the steps of a scale."""
NO_SEGMENT = re.compile(
    r"count$|cnt$|url|image|length$|[^점]수$|동의$|동의_?여부|동의하|consent|reply|response$|답변$|답글$"
)
"""What columns are called that count something, lead somewhere or are our own words: no segments."""
TOOLS_OWN = frozenset(
    "finished progress status responseset duration__in_seconds recordeddate startdate enddate externaldatareference "
    "externalreference collectorid collector_id locationaccuracy userlanguage".split()
)
"""Columns of survey tools that are about the answering itself."""
