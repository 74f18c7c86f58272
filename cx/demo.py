"""Write the exports of a fictional company, 한빛몰 / Hanbit Mall, with planted stories.

Every score is drawn from an ordered logit: thresholds per metric, moved by `mu`, the sum of what the
customer, the step, the place and the stories add. So the true figure of any group of answers is known
(`expected`), with a story and without it, and STORIES.md states it next to what the drawn answers show.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

Array = npt.NDArray[Any]

DAY, HOUR = 86_400, 3_600
ZONE_OFFSET = 9 * HOUR  # Asia/Seoul has no summer time


def _day(text: str) -> int:
    return int(np.datetime64(text, "D").astype(int))


FIRST, LAST = _day("2024-10-01"), _day("2026-11-21")
DAYS = LAST - FIRST + 1
END = (LAST + 1) * DAY

LATE_FROM, LATE_TO, LATE_OVER = _day("2026-03-01"), _day("2026-05-31"), _day("2026-07-01")
RELEASE = _day("2026-09-08")
GROWTH, GROWN = _day("2026-08-01"), _day("2026-10-01")
REORGANISED = _day("2025-12-15")
REWORDED = _day("2026-01-01")

# Any number gives the same truth; with this one chance adds no story of its own to the default.
DRAW = 10

# fmt: off
# What each level adds to `mu` (in logits; one logit is about 38 points of NPS), and how common it is.
REGIONS = {"seoul": (0.36, 0.05), "busan": (0.18, 0.0), "daegu": (0.10, -0.05), "incheon": (0.13, -0.1),
           "gwangju": (0.07, 0.05), "daejeon": (0.09, 0.0), "jeju": (0.07, 0.15)}
TIERS = {"basic": (0.62, -0.70), "silver": (0.14, 0.35), "gold": (0.18, 0.55), "vip": (0.06, 0.90)}
COUNTRIES = {"KR": (0.86, 0.0), "JP": (0.04, -0.2), "US": (0.03, 0.15), "CN": (0.04, -0.1),
             "TW": (0.03, 0.15)}
AGES = {"20s": (0.22, 0.0), "30s": (0.28, 0.0), "40s": (0.24, 0.0), "50s": (0.16, 0.0), "60plus": (0.10, 0.0)}
TOUCHPOINTS = {"browse": (0.12, 0.15), "order": (0.11, 0.25), "pay": (0.15, 0.20), "deliver": (0.20, -0.10),
               "receive": (0.10, 0.25), "use": (0.12, 0.30), "help": (0.12, -0.60), "return_": (0.08, -0.75)}
CHANNELS = {"email": -0.05, "app": 0.05, "web": 0.0, "store": 0.15, "phone": -0.1}
CHANNEL_SHARES = {  # per touchpoint, in the order of CHANNELS
    "browse": (0.10, 0.40, 0.25, 0.25, 0), "order": (0.10, 0.40, 0.25, 0.20, 0.05),
    "pay": (0.05, 0.50, 0.22, 0.23, 0),
    "deliver": (0.45, 0.35, 0.10, 0, 0.10), "receive": (0.35, 0.25, 0.10, 0.30, 0),
    "use": (0.50, 0.25, 0.20, 0.05, 0), "help": (0.15, 0.25, 0.10, 0.10, 0.40),
    "return_": (0.30, 0.25, 0.10, 0.20, 0.15),
}
JOURNEY = (  # touchpoint, stage, owner, labels, survey
    "browse|discover|merchandising|Browse|둘러보기|purchase",
    "order|buy|merchandising|Order|주문|purchase",
    "pay|buy|payments|Pay|결제|purchase",
    "deliver|deliver|logistics|Delivery|배송|delivery",
    "receive|deliver|logistics|Receive|수령|delivery",
    "use|own|product|Use|사용|delivery",
    "help|care|service|Help|상담|service",
    "return_|care|service|Return|반품|service",
)


@dataclass(frozen=True)
class Scale:
    """How one metric is asked: its share of answers, its lowest score, and P(score >= k) of each next."""

    share: float
    lowest: int
    at_least: tuple[float, ...]
    level: float
    gain: float
    """Logits gained over the 26 months."""
    questions: tuple[str, ...]
    """One wording per version."""

    @property
    def thresholds(self) -> Array:
        """Where the latent scale is cut, in logits."""
        p = np.array(self.at_least)
        return np.asarray(-np.log(p / (1 - p)))


SCALES = {
    "nps": Scale(0.4, 0, (0.994, 0.988, 0.98, 0.965, 0.945, 0.905, 0.84, 0.76, 0.58, 0.33), -0.17, 0.25,
                 ("한빛몰을 주변에 추천하시겠습니까?",)),
    "csat": Scale(0.4, 1, (0.97, 0.92, 0.81, 0.45), 0.10, 0.08, ("이번 이용에 얼마나 만족하셨습니까?",)),
    "ces": Scale(0.2, 1, (0.98, 0.94, 0.87, 0.74, 0.48, 0.22), -0.28, 0.08,
                 ("한빛몰 이용이 쉬웠습니까?", "한빛몰 덕분에 일을 쉽게 처리할 수 있었습니다.")),
}
REWORDING = 0.60

HEADQUARTERS = {  # unit: regions it runs before and from the reorganisation
    "hq_capital|Capital HQ|수도권본부": (("seoul", "incheon"), ("seoul",)),
    "hq_incheon|Incheon HQ|인천본부": ((), ("incheon",)),
    "hq_central|Central HQ|중부본부": (("daejeon",), ("daejeon",)),
    "hq_yeongnam|Yeongnam HQ|영남본부": (("busan", "daegu"), ("busan", "daegu")),
    "hq_honam|Honam HQ|호남본부": (("gwangju",), ("gwangju", "jeju")),
    "hq_jeju|Jeju HQ|제주본부": (("jeju",), ()),
}
BRANCH_NAMES = {
    "seoul": "Myeongdong 명동,Gangnam 강남,Sinchon 신촌,Hongdae 홍대,Jamsil 잠실,Yeongdeungpo 영등포,"
             "Nowon 노원,Mokdong 목동,Konkuk 건대,Yongsan 용산,Eunpyeong 은평,Cheonho 천호",
    "busan": "Seomyeon 서면,Haeundae 해운대,Centum 센텀,Nampo 남포,Dongnae 동래,Sasang 사상,Yeonsan 연산",
    "daegu": "Dongseongno 동성로,Suseong 수성,Chilgok 칠곡,Sangin 상인,Seongseo 성서",
    "incheon": "Songdo 송도,Bupyeong 부평,Guwol 구월,Cheongna 청라,Gyeyang 계양",
    "gwangju": "Chungjangno 충장로,Sangmu 상무,Cheomdan 첨단,Suwan 수완",
    "daejeon": "Dunsan 둔산,Eunhaeng 은행,Yuseong 유성,Noeun 노은",
    "jeju": "Yeondong 연동,Seogwipo 서귀포,Jungmun 중문",
}
BRANCHES = {  # unit: its labels; sorted by region
    f"{region}_{name.split()[0].lower()}": name.split() for region, names in BRANCH_NAMES.items()
    for name in names.split(",")
}
CLOSED, TAKES_OVER = "seoul_sinchon", "seoul_hongdae"

BRANDS = {  # share of reviews, and the true mean rating along the way
    "한빛몰": (0.45, {"2024-10-01": 4.21, "2026-11-21": 4.21}),
    "누리몰": (0.27, {"2024-10-01": 3.88, "2026-01-01": 3.92, "2026-07-25": 4.20,
                      "2026-10-01": 4.37, "2026-11-21": 4.38}),
    "다온마켓": (0.16, {"2024-10-01": 4.10, "2025-12-01": 4.02, "2026-11-21": 3.65}),
    "세모스토어": (0.12, {"2024-10-01": 3.70, "2026-11-21": 3.70}),
}
SOURCES = {"naver": (0.40, 0.09), "playstore": (0.35, -0.04), "appstore": (0.25, -0.09)}
STORE_LOSS = 0.30  # stars that our app loses in the app stores with v5.2
VERSIONS = {"4.8": "2024-08-20", "4.9": "2025-01-14", "5.0": "2025-06-10", "5.1": "2026-02-24",
            "5.2": "2026-09-08"}
DEPARTMENTS = ("delivery", "payment", "returns", "product")
PRODUCTS = ("의류", "식품", "가전", "뷰티", "생활")

CALENDAR = (
    "2024-11-22|블랙프라이데이|Black Friday|campaign",
    "2025-01-14|앱 v4.9 출시|App release v4.9|release",
    "2025-01-29|설날|Seollal|holiday",
    "2025-05-01|가정의 달 기획전|Family month sale|campaign",
    "2025-06-10|앱 v5.0 출시|App release v5.0|release",
    "2025-07-22|결제 장애 (3시간)|Payment outage (3 hours)|outage",
    "2025-10-06|추석|Chuseok|holiday",
    "2025-11-28|블랙프라이데이|Black Friday|campaign",
    "2025-12-15|조직 개편|Reorganisation|campaign",
    "2026-02-17|설날|Seollal|holiday",
    "2026-02-24|앱 v5.1 출시|App release v5.1|release",
    "2026-05-01|가정의 달 기획전|Family month sale|campaign",
    "2026-08-01|신규 회원 모집·새벽배송 확대|New members, dawn delivery for all|campaign",
    "2026-09-08|앱 v5.2 출시|App release v5.2|release",
    "2026-09-25|추석|Chuseok|holiday",
    "2026-11-20|블랙프라이데이|Black Friday|campaign",
)
ACTIONS = (  # titles, owner, raised, started, finished, touchpoint, theme, metric, region
    "상담 인력 교육|Service training|service|2025-02-03|2025-03-03|2025-04-30|help|courtesy|csat|",
    "반품 절차 간소화|Simpler returns|service|2025-06-16|2025-08-01|2025-09-15|return_|returns|ces|",
    "해운대점 점검|Haeundae branch|operations|2025-09-08|2025-10-13|2025-10-31|receive|store|csat|busan",
    "김해 물류센터 개소|New Gimhae logistics centre|logistics|2026-03-23|2026-06-01|2026-06-30|deliver|"
    "late_delivery|nps|busan",
    "제주 배송 안내 문자|Delivery texts for Jeju|logistics|2026-05-11|2026-06-15||deliver|delivery|csat|jeju",
    "새벽배송 확대|Dawn delivery for all|logistics|2026-05-04|2026-08-01||deliver|delivery|nps|",
    "결제 오류 대응반|Payment errors task force|payments|2026-10-05|2026-10-19||pay|payment|nps|",
)
TARGETS = (
    "nps|35|2024-10-01|2025-12-31", "nps|40|2026-01-01|", "csat|82|2024-10-01|", "ces|5.5|2024-10-01|",
    "rating|4.3|2024-10-01|",
)
BENCHMARKS: dict[str, dict[str, tuple[float, ...]]] = {  # per company: 2023, 2024, 2025, 2026
    "NCSI": {"한빛몰": (77, 77, 78, 78), "누리몰": (74, 74, 76, 79), "다온마켓": (76, 76, 75, 74),
             "세모스토어": (72, 73, 72, 72)},
    "KCSI": {"한빛몰": (81.2, 81.9, 82.4, 82.3), "누리몰": (78.0, 78.4, 80.1, 82.9),
             "다온마켓": (80.3, 80.0, 79.2, 78.1)},
}

LABELS = {  # column: its label, then its values; _ stands for a space
    "region": "|Region|지역 seoul|Seoul|서울 busan|Busan|부산 daegu|Daegu|대구 incheon|Incheon|인천"
              " gwangju|Gwangju|광주 daejeon|Daejeon|대전 jeju|Jeju|제주",
    "tier": "|Tier|등급 basic|Basic|일반 silver|Silver|실버 gold|Gold|골드 vip|VIP|VIP",
    "country": "|Country|국가 KR|Korea|한국 JP|Japan|일본 US|United_States|미국 CN|China|중국 TW|Taiwan|대만",
    "age_band": "|Age|연령대 20s|20s|20대 30s|30s|30대 40s|40s|40대 50s|50s|50대 60plus|60+|60대_이상",
    "channel": "|Channel|채널 email|Email|이메일 app|App|앱 web|Web|웹 store|Store|매장 phone|Phone|전화",
    "brand": "|Brand|브랜드 한빛몰|Hanbit_Mall|한빛몰 누리몰|Nuri_Mall|누리몰 다온마켓|Daon_Market|다온마켓"
             " 세모스토어|Semo_Store|세모스토어",
    "survey": "|Survey|설문 purchase|Purchase|구매 delivery|Delivery|배송 service|Service|서비스",
    "stage": "|Stage|단계 discover|Discover|탐색 buy|Buy|구매 deliver|Deliver|배송 own|Own|사용 care|Care|지원",
    "owner": "|Owner|담당 merchandising|Merchandising|상품기획팀 payments|Payments|결제팀 logistics|Logistics|물류팀"
             " product|Product|상품팀 service|Service|고객지원팀 operations|Operations|운영팀",
    "source": "|Source|출처 appstore|App_Store|앱스토어 playstore|Play_Store|플레이스토어 naver|Naver|네이버",
}

# What people write: language, step (`any` ends a comment, `*` is every step by name), + praise, - complaint
# or ~ lukewarm. `late` and `release` are what two of the stories make people say.
ITEMS = {
    "ko": "운동화,겨울 코트,공기청정기,쌀 10kg,선크림,이불,커피 원두,노트북,장난감,프라이팬,청바지,홍삼 세트",
    "en": "running shoes,a winter coat,an air purifier,a bag of rice,sunscreen,a duvet,coffee beans,jeans",
    "ja": "スニーカー,コート,化粧品,日焼け止め,コーヒー豆,ノートパソコン,海苔,キムチ",
}
ABOUT = {"ko": "{} 사려고 이용했어요.", "en": "I was buying {}.", "ja": "{}を買うために利用しました。"}
STEPS_JA = "商品探し,注文,支払い,配送,受け取り,使い心地,問い合わせ,返品"
TOPICS = [*TOUCHPOINTS, "late", "release"]
LANGUAGES = ["ko", "en", "ja"]
PHRASES = """
ko any + 감사합니다.|또 이용할게요.|주변에도 권하고 싶네요.|늘 믿고 씁니다.|아주 만족합니다.
ko any + 앞으로도 이렇게만 해 주세요.
ko any - 개선이 필요합니다.|실망했습니다.|다시 이용할지 고민됩니다.|꼭 고쳐 주세요.
ko any - 다른 곳을 알아보게 되네요.|기대에 못 미쳤어요.
ko any ~ 그럭저럭 무난했어요.|보통입니다.|나쁘지는 않았습니다.|기대한 만큼이었어요.
ko any ~ 좋은 점도 아쉬운 점도 있어요.
ko browse + 상품이 다양해서 고르기 좋았어요.|검색이 정확해서 금방 찾았습니다.|상세 사진이 실물과 같아요.
ko browse - 검색 결과가 엉뚱해요.|품절 상품이 너무 많습니다.|상세 설명이 부족해서 고르기 어려웠어요.
ko order + 주문이 간단해서 금방 끝났어요.|쿠폰이 자동으로 적용되어 편했습니다.|옵션 고르기가 쉬웠어요.
ko order - 주문 단계가 너무 많아요.|쿠폰이 적용되지 않았습니다.|장바구니가 자꾸 비워져요.
ko pay + 간편결제가 빠르고 편했어요.|결제가 한 번에 됐습니다.|카드 할인이 바로 적용돼서 좋아요.
ko pay - 결제 수단이 부족합니다.|본인 인증이 번거로워요.|할부 선택이 어디 있는지 모르겠어요.
ko deliver + 배송이 예상보다 빨랐어요.|약속한 날짜에 정확히 왔습니다.|기사님이 친절하셨어요.
ko deliver - 배송이 하루 늦었어요.|배송 조회가 맞지 않습니다.|문 앞이 아니라 1층에 두고 갔어요.
ko receive + 포장이 꼼꼼했어요.|상품이 깨끗하게 도착했습니다.|매장 픽업이 편리했어요.
ko receive - 상자가 찌그러져 왔어요.|구성품이 하나 빠졌습니다.|포장재가 너무 많아요.
ko use + 품질이 가격보다 훌륭해요.|써 보니 정말 만족스럽습니다.|설명서가 쉬워서 바로 썼어요.
ko use - 생각보다 품질이 떨어져요.|며칠 쓰니 고장이 났습니다.|색상이 사진과 달라요.
ko help + 상담원이 친절하게 해결해 줬어요.|채팅 답변이 빨랐습니다.|한 번에 해결돼서 좋았어요.
ko help - 전화 연결이 너무 오래 걸려요.|같은 설명을 세 번이나 했습니다.|답변이 기계적이에요.
ko return_ + 반품 접수가 간단했어요.|환불이 하루 만에 됐습니다.|교환 상품이 바로 왔어요.
ko return_ - 환불이 일주일이나 걸렸어요.|반품비가 비쌉니다.|수거 기사님이 오지 않았어요.
ko browse + 추천 상품이 제 취향과 잘 맞아요.|비교하기가 편했습니다.
ko browse - 광고가 너무 많아서 보기 힘들어요.|필터가 제대로 작동하지 않습니다.
ko order + 재주문 버튼이 정말 편해요.
ko order - 주문 변경이 되지 않아요.|배송지 입력이 불편합니다.
ko pay + 적립금을 바로 쓸 수 있어 좋았습니다.
ko pay - 영수증을 찾기가 어려워요.|결제 화면이 느립니다.
ko deliver + 새벽에 문 앞에 와 있었어요.|배송 알림이 정확했습니다.
ko deliver - 도착 시간을 알 수 없었어요.|배송 메모를 읽지 않았네요.
ko receive + 선물 포장이 예뻤습니다.|신선식품이 차갑게 잘 왔어요.
ko receive - 다른 상품이 왔습니다.|냉동식품이 녹아서 왔어요.
ko use + 가족 모두 마음에 들어 해요.|디자인이 예쁩니다.
ko use - 사이즈가 표시와 달라요.|소음이 큽니다.
ko help + 밤에도 상담이 되어 다행이었어요.
ko help - 담당자가 계속 바뀌었습니다.|해결되지 않았는데 종료됐어요.
ko return_ + 집 앞에서 바로 수거해 갔어요.
ko return_ - 반품 사유를 고르기 어려웠습니다.|환불 금액이 맞지 않아요.
ko late - 부산인데 배송이 닷새나 늦었어요.|이틀이면 온다더니 일주일 걸렸습니다.
ko late - 도착 예정일이 세 번이나 밀렸어요.|부산 물류센터에서 며칠째 멈춰 있었습니다.
ko late - 늦는다는 안내조차 없었어요.|선물이었는데 날짜가 지나서 왔습니다.
ko release - 앱 업데이트 후 결제가 계속 실패해요.|v5.2부터 카드 할인이 적용되지 않습니다.
ko release - 결제 버튼을 눌러도 멈춰 있어요.|결제 오류로 두 번 승인됐습니다.
ko release - 업데이트하고 나서 등록한 카드가 지워졌어요.|포인트 결제 화면에서 앱이 꺼집니다.
en any + Thank you.|Will use it again.|I would recommend it.|Very happy.
en any - Please fix this.|Disappointing.|I may go elsewhere.|Not what I expected.
en any ~ It was all right.|About average.|Not bad.|Some good, some bad.
en browse + Easy to find what I wanted.|Great choice of products.
en browse - Search results were off.|Too many items were sold out.
en order + Ordering took a minute.|The coupon applied by itself.
en order - Too many steps to order.|The English order form is incomplete.
en pay + Payment went through at once.|My foreign card just worked.
en pay - My foreign card was refused.|Identity check needs a Korean phone.
en deliver + Delivery was faster than promised.|It came exactly on the day.
en deliver - Delivery was a day late.|Tracking was wrong.
en receive + Carefully packed.|Store pick-up was easy.
en receive - The box was crushed.|One part was missing.
en use + Great quality for the price.|Works perfectly.
en use - It broke within days.|The colour differs from the photo.
en help + The agent solved it kindly.|The chat answered fast.
en help - Nobody spoke English.|I waited far too long on the phone.
en return_ + The return was simple.|Refunded within a day.
en return_ - The refund took a week.|Return shipping is expensive.
en late - Delivery to Busan took a week.|The date moved three times.|Stuck in the Busan depot for days.
en release - Payment keeps failing since the update.|v5.2 lost my saved card.
en release - I was charged twice in the app.
ja any + ありがとうございます。|また利用します。|とても満足です。
ja any - 改善してほしいです。|残念でした。
ja any ~ 普通でした。|悪くはなかったです。
ja late - 釜山への配送が一週間遅れました。
ja release - アップデート後に決済が失敗します。
ja * + {}がとてもスムーズでした。|{}が便利でした。
ja * - {}に問題がありました。|{}が分かりにくかったです。
"""
TITLES = {
    "ko": ("만족해요|최고예요|추천합니다|잘 쓰고 있어요",
           "실망이에요|별로예요|아쉽습니다|비추천", "보통이에요|무난해요|그냥 그래요"),
    "en": ("Love it|Great|Recommended", "Disappointed|Not good|Avoid", "Okay|Average"),
    "ja": ("満足|おすすめ", "残念", "普通"),
}
SETTINGS = """\
company = { en = "Hanbit Mall", ko = "한빛몰" }
brand = "한빛몰"
time_zone = "Asia/Seoul"
language = "ko"
analysts = true
kpis = ["nps", "csat", "ces", "rating"]

[targets]
nps = 40

[segments]
order = ["region", "tier", "country", "age_band"]
hidden = []"""

STORIES = """\
# Planted stories

한빛몰 / Hanbit Mall, {days} days from 2024-10-01 to 2026-11-21 (Asia/Seoul), {n:,} answers, seed {seed}.
"True" is the mean over exactly these answers of what the model expects, "without" the same had no story
happened (for all stories at once), "seen" what the drawn answers show. Figures go by the day of the answer;
people judge the day they lived through (`experienced_at`), about a day before.

1. **Late deliveries in Busan** (부산 배송 지연): region `busan`, touchpoint `deliver`, lived
   2026-03-01..2026-05-31. Every metric falls, purchases arrive late (55 % instead of 8 %, in `events`), calls
   rise. Action *김해 물류센터 개소 / New Gimhae logistics centre* starts 2026-06-01: June is halfway, from
   2026-07-01 all is as before. Pages: trends, journey, actions.
2. **App v5.2 hurts gold members** (골드 등급, 앱 결제): tier `gold`, channel `app`, touchpoint `pay`, from
   2026-09-08, not recovered at the end. Other tiers, channels and steps are untouched. Pages: overview (what
   moved most), segments, voice.
3. **누리몰 / Nuri Mall overtakes us**: its true rating climbs from 3.9 to 4.38 and passes our 4.21 around
   2026-07-25; v5.2 costs us {loss} stars in the two app stores from 2026-09-08 (not on Naver); 다온마켓 /
   Daon Market slides from 4.10 to 3.65; 세모스토어 / Semo Store stays at 3.70. Page: competitors.
4. **Mix shift** (Simpson): from 2026-08-01 basic members (일반) answer ever more (until 2026-10-01), so that
   the overall NPS falls although every tier stays or rises (dawn delivery adds 0.32 logits to all; for gold,
   story 2 takes most of it away). Pages: overview, segments.
5. **A branch closes**: `{closed}` (신촌점) ends on 2025-12-14, no answer names it after; `{heir}`
   (홍대점) takes its customers. The reorganisation of 2025-12-15 also dissolves 제주본부 (its branches go to
   호남본부) and founds 인천본부 (Incheon branches leave 수도권본부). Dates in `units` are inclusive. Page:
   segments.
6. **A new wording**: the effort question is v2 from 2026-01-01; the level jumps, what customers live through
   does not. Page: trends.
7. **Noise only**: `age_band` has no effect on anything. Pages: segments and overview must stay silent.

| story | answers | metric | n | seen | true | without |
|---|---|---|---:|---:|---:|---:|
{figures}

Also true, smaller: NPS gains {gain} logits over the whole time; a mild season; fewer answers at weekends and
on holidays; foreign customers (`country` other than KR) rate `help` lower; branches differ a little;
customers with a higher liking stay longer; rewarded reviews are 0.3 stars higher; fewer of the email
invitations are answered as time goes by. Nothing else in calendar or actions has an effect on scores.
"""
# fmt: on


@dataclass(frozen=True)
class Customers:
    """One entry per customer; places and levels are positions in the tables above."""

    joined: Array
    churned: Array
    region: Array
    tier: Array
    country: Array
    age: Array
    branch: Array
    liking: Array
    activity: Array
    language: Array


@dataclass(frozen=True)
class Answers:
    """One entry per answer in time order; moments are seconds of local time."""

    at: Array
    lag: Array
    customer: Array
    metric: Array
    touchpoint: Array
    channel: Array
    branch: Array
    mu: Array
    story: Array
    """What the planted stories add to `mu`."""
    late: Array
    release: Array
    score: Array


@dataclass(frozen=True)
class Reviews:
    """One entry per public review in time order."""

    at: Array
    brand: Array
    source: Array
    rewarded: Array
    mean: Array
    """The true mean rating of such a review."""
    rating: Array


def expected(metric: str, mu: Array) -> float:
    """Return the true figure of answers with these `mu`: NPS, CSAT top-two in percent, or mean effort."""
    above = 1 / (1 + np.exp(SCALES[metric].thresholds - mu[:, None]))  # P(score >= k)
    if metric == "nps":
        return float(100 * (above[:, 8] - 1 + above[:, 6]).mean())
    return float(100 * above[:, 2].mean()) if metric == "csat" else float(1 + above.sum(axis=1).mean())


def observed(metric: str, score: Array) -> float:
    """Return the figure that these scores show, on the scale of `expected`."""
    if metric == "nps":
        return float(100 * ((score >= 9).mean() - (score <= 6).mean()))
    return float(100 * (score >= 4).mean()) if metric == "csat" else float(score.mean())


def _shares(levels: Mapping[str, tuple[float, float]]) -> list[float]:
    return [share for share, _ in levels.values()]


def _effects(levels: Mapping[str, tuple[float, float]]) -> Array:
    return np.array([effect for _, effect in levels.values()])


def _draw(rng: np.random.Generator, shares: Sequence[float] | Array, n: int) -> Array:
    cumulative = np.cumsum(shares)
    return np.searchsorted(cumulative / cumulative[-1], rng.random(n), side="right")


def _open_branch(branch: Array, day: Array) -> Array:
    """Send the closed branch's customers to the one that takes over."""
    names = list(BRANCHES)
    return np.where((branch == names.index(CLOSED)) & (day >= REORGANISED), names.index(TAKES_OVER), branch)


def _customers(rng: np.random.Generator, n: int) -> Customers:
    region, tier = _draw(rng, _shares(REGIONS), n), _draw(rng, _shares(TIERS), n)
    country = _draw(rng, _shares(COUNTRIES), n)
    longer, since = FIRST - rng.exponential(700, n) - 1, FIRST + rng.random(n) ** 0.8 * (DAYS - 5)
    joined = np.where(rng.random(n) < 0.6, longer, since) * DAY
    activity = rng.lognormal(0, 0.6, n)
    liking = rng.normal(0, 0.5, n)
    churned = np.maximum(joined, FIRST * DAY) + rng.exponential(4_500, n) * np.exp(1.2 * liking) * DAY
    # Age must have no effect at all, so not even by the luck of who falls into which band: even steps through
    # the customers in order of tier and how much they answer, and the same liking on average.
    weight = activity * (np.minimum(churned, END) - np.maximum(joined, FIRST * DAY))
    even = np.empty(n)
    even[np.lexsort((weight, tier))] = np.arange(n) * 0.618034 % 1
    age = np.searchsorted(np.cumsum(_shares(AGES)), even, side="right").clip(max=len(AGES) - 1)
    total = np.bincount(age, weight, len(AGES)).clip(min=1e-9)
    liking -= (np.bincount(age, liking * weight, len(AGES)) / total)[age]
    homes = np.array([list(REGIONS).index(unit.split("_")[0]) for unit in BRANCHES])
    branch = np.searchsorted(homes, region) + (rng.random(n) * np.bincount(homes)[region]).astype(int)
    language = np.where(country == 0, 0, np.where((country == 1) & (rng.random(n) < 0.7), 2, 1))
    return Customers(joined, churned, region, tier, country, age, branch, liking, activity, language)


def _volume() -> Array:
    """Return how busy each day is: weekday, season, holidays, campaigns."""
    day = np.arange(FIRST, LAST + 1)
    weekday = np.array([1.15, 1.1, 1.05, 1.0, 1.05, 0.75, 0.7])[(day + 3) % 7]
    season = 1 + 0.12 * np.cos(2 * np.pi * (day - _day("2025-11-25")) / 365.25)
    for line in CALENDAR:
        date, _, _, kind = line.split("|")
        if kind == "holiday":
            season[np.abs(day - _day(date)) <= 1] *= 0.4
        if kind == "campaign":
            season[(day >= _day(date)) & (day < _day(date) + 7)] *= 1.15
    return np.asarray(weekday * season)


def _moments(rng: np.random.Generator, people: Customers, n: int) -> tuple[Array, Array]:
    """Draw `n` pairs of a customer and a second of local time, in random order.

    From August 2026 on basic members answer more and the others a little less: the mix shift.
    """
    hours = np.array([1, 1, 0, 0, 0, 0, 1, 2, 4, 6, 7, 7, 8, 7, 6, 6, 6, 7, 8, 9, 10, 10, 7, 3])
    nobody = np.empty(0, np.int64)
    who, when, have = [nobody], [nobody], 0
    while have < n:
        size = int((n - have) * 2.6) + 1_000
        customer = _draw(rng, people.activity, size)
        day = FIRST + _draw(rng, _volume(), size)
        second = day * DAY + _draw(rng, hours, size) * HOUR + rng.integers(0, HOUR, size)
        grown = np.clip((day - GROWTH) / (GROWN - GROWTH), 0, 1)
        weight = np.where(people.tier[customer] == 0, 0.36 + 0.64 * grown, 1 - 0.28 * grown)
        active = (people.joined[customer] < second - DAY) & (second < people.churned[customer])
        kept = active & (rng.random(size) < weight)
        who.append(customer[kept])
        when.append(second[kept])
        have += int(kept.sum())
    return np.concatenate(who)[:n], np.concatenate(when)[:n]


def _answers(rng: np.random.Generator, people: Customers, n: int) -> Answers:
    customer, at = _moments(rng, people, n)
    order = np.argsort(at, kind="stable")
    customer, at = customer[order], at[order]
    region, tier, country = people.region[customer], people.tier[customer], people.country[customer]
    scales, steps = list(SCALES.values()), list(TOUCHPOINTS)
    metric = _draw(rng, [scale.share for scale in scales], n)
    touchpoint = _draw(rng, _shares(TOUCHPOINTS), n)
    cumulative = np.cumsum([CHANNEL_SHARES[step] for step in steps], axis=1)
    channel = (rng.random(n)[:, None] >= cumulative[touchpoint]).sum(axis=1).clip(max=len(CHANNELS) - 1)
    lag = np.clip(rng.exponential(1.2 * DAY, n), 600, 14 * DAY)
    lag = np.minimum(lag, at - people.joined[customer]).astype(np.int64)
    # People judge the day they lived through, not the day they answer.
    day, lived = at // DAY, (at - lag) // DAY
    branch = _open_branch(people.branch[customer], day)
    local = (channel >= 3) | np.isin(touchpoint, [steps.index(step) for step in ("deliver", "receive", "return_")])

    spell = np.select([lived < LATE_FROM, lived <= LATE_TO, lived < LATE_OVER], [0, -1.9, -0.8], 0)
    late = (region == 1) & (touchpoint == steps.index("deliver")) & (spell < 0)
    release = (tier == 2) & (channel == 1) & (touchpoint == steps.index("pay")) & (lived >= RELEASE)
    story = np.where(late, spell, 0) + np.where(release, -2.6, 0)
    story += 0.32 * np.clip((lived - GROWTH) / (GROWN - GROWTH), 0, 1)
    story += np.where((metric == 2) & (day >= REWORDED), REWORDING, 0)

    mu = story + np.array([scale.level for scale in scales])[metric] + people.liking[customer]
    mu += np.array([scale.gain for scale in scales])[metric] * (day - FIRST) / DAYS
    mu += 0.06 * np.cos(2 * np.pi * (day - _day("2025-05-15")) / 365.25)
    mu += _effects(REGIONS)[region] + _effects(TIERS)[tier] + _effects(COUNTRIES)[country]
    mu += _effects(TOUCHPOINTS)[touchpoint] + np.array(list(CHANNELS.values()))[channel]
    mu += np.where(local, rng.normal(0, 0.12, len(BRANCHES))[branch], 0)
    mu -= np.where((country > 0) & (touchpoint == steps.index("help")), 0.5, 0)
    u = rng.random(n)
    latent, score = mu + np.log(u / (1 - u)), np.empty(n, np.int8)
    for i, scale in enumerate(scales):
        asked = metric == i
        score[asked] = scale.lowest + np.searchsorted(scale.thresholds, latent[asked], side="right")
    branch = np.where(local, branch, len(BRANCHES))
    return Answers(at, lag, customer, metric, touchpoint, channel, branch, mu, story, late, release, score)


def _reviews(rng: np.random.Generator, n: int) -> Reviews:
    at = np.sort((FIRST + _draw(rng, _volume(), n)) * DAY + rng.integers(8 * HOUR, DAY, n))
    day = at // DAY
    brand, source = _draw(rng, [share for share, _ in BRANDS.values()], n), _draw(rng, _shares(SOURCES), n)
    paths = [np.interp(day, [_day(d) for d in path], list(path.values())) for _, path in BRANDS.values()]
    rewarded = (source == 0) & (rng.random(n) < 0.08)
    mean = np.choose(brand, paths) + _effects(SOURCES)[source] + 0.3 * rewarded
    mean -= np.where((brand == 0) & (source > 0) & (day >= RELEASE), STORE_LOSS, 0)

    # Tilting one J-shaped distribution keeps its shape while its mean becomes exactly the one asked for.
    def tilted(tilt: Array) -> Array:
        odds = np.array([0.10, 0.05, 0.09, 0.20, 0.56]) * np.exp(tilt[:, None] * np.arange(1, 6))
        return np.asarray(odds / odds.sum(axis=1, keepdims=True))

    tilts = np.linspace(-1.5, 1.5, 601)
    cumulative = np.cumsum(tilted(np.interp(mean, tilted(tilts) @ np.arange(1, 6), tilts)), axis=1)
    rating = (1 + (rng.random(n)[:, None] >= cumulative).sum(axis=1)).clip(max=5).astype(np.int8)
    return Reviews(at, brand, source, rewarded, mean, rating)


def _phrases() -> dict[tuple[str, str, str], list[str]]:
    bank: dict[tuple[str, str, str], list[str]] = {}
    for line in PHRASES.strip().splitlines():
        language, topic, feeling, text = line.split(" ", 3)
        named = [(topic, "")] if topic != "*" else zip(TOUCHPOINTS, STEPS_JA.split(","), strict=True)
        for step, name in named:
            bank.setdefault((language, step, feeling), []).extend(text.format(*[name] * 2).split("|"))
    return bank


def _sentences(rng: np.random.Generator, language: Array, topic: Array, mood: Array) -> Array:
    """Write one comment per entry; mood is 0 for praise, 1 for complaint, 2 for lukewarm."""
    bank, text = _phrases(), np.empty(len(language), object)
    group = (language * len(TOPICS) + topic) * 3 + mood
    for key in np.unique(group):
        rows = np.flatnonzero(group == key)
        code, about = LANGUAGES[key // 3 // len(TOPICS)], TOPICS[key // 3 % len(TOPICS)]
        feeling = "+-~"[key % 3]
        opener = [""] * 20 + [ABOUT[code].format(item) for item in ITEMS[code].split(",")]
        point = [p for side in ("+-" if feeling == "~" else feeling) for p in bank[code, about, side]]
        close = bank[code, "any", feeling]
        order = (opener, close, point) if feeling == "~" else (opener, point, [""] * 5 + close)
        parts = [[choices[i] for i in rng.integers(0, len(choices), len(rows))] for choices in order]
        glue = "" if code == "ja" else " "
        text[rows] = [glue.join(filter(None, three)) for three in zip(*parts, strict=True)]
    return text


def _text(values: Iterable[str | None], codes: Array) -> pa.Array:
    return pa.array(list(values), pa.string()).take(pa.array(codes))


def _ids(prefix: str, numbers: Array, missing: Array | None = None) -> pa.Array:
    digits = pc.utf8_lpad(pc.cast(pa.array(numbers, pa.int64(), mask=missing), pa.string()), 7, "0")
    return pc.binary_join_element_wise(prefix, digits, "")


def _time(local: Array, missing: Array | None = None) -> pa.Array:
    moments = (np.asarray(local).astype(np.int64) - ZONE_OFFSET) * 1_000_000
    return pa.array(moments, pa.int64(), mask=missing).cast(pa.timestamp("us", "UTC"))


def _segments(people: Customers, who: Array) -> dict[str, pa.Array]:
    return {
        "region": _text(REGIONS, people.region[who]),
        "tier": _text(TIERS, people.tier[who]),
        "country": _text(COUNTRIES, people.country[who]),
        "age_band": _text(AGES, people.age[who]),
    }


def _save(columns: Mapping[str, pa.Array], folder: Path, local: Array | None = None, every: int = 1) -> None:
    """Write one file, or one per `every` months of `local` (in time order): ids and moments as differences."""
    table = pa.table(dict(columns))
    encoding = {f.name: "DELTA_BINARY_PACKED" for f in table.schema if pa.types.is_timestamp(f.type)}
    encoding |= {name: "DELTA_BYTE_ARRAY" for name in table.column_names[:1] if name.endswith("_id")}
    plain = [name for name in table.column_names if name not in encoding]
    names, starts = np.array([folder.name]), np.array([0])
    if local is not None:
        blocks = local.astype("M8[s]").astype("M8[M]").astype("i8") // every * every
        found, starts = np.unique(blocks, return_index=True)
        names = found.astype("M8[M]")
    folder.mkdir(parents=True, exist_ok=True)
    for name, start, end in zip(names, starts, [*starts, len(table)][1:], strict=True):
        part, file = table.slice(start, end - start), folder / f"{name}.parquet"
        options = {"compression": "zstd", "compression_level": 9, "store_schema": False}
        pq.write_table(part, file, use_dictionary=plain, column_encoding=encoding, **options)


def _save_lines(lines: Iterable[str], names: str, folder: Path) -> None:
    """Write a small table from lines of `|`-separated values; an empty value is null, `name:type` a type."""
    cells = [[cell or None for cell in line.split("|")] for line in lines]
    types = {"day": pa.date32(), "int": pa.int32(), "number": pa.float64(), "time": pa.timestamp("us", "UTC")}
    columns = {}
    for i, name in enumerate(names.split()):
        column, _, kind = name.partition(":")
        columns[column] = pa.array([row[i] for row in cells], pa.string()).cast(types.get(kind, pa.string()))
    _save(columns, folder)


def _write_responses(rng: np.random.Generator, people: Customers, answers: Answers, folder: Path) -> None:
    n, who, metric = len(answers.at), answers.customer, answers.metric
    praise, complaint = np.array([9, 4, 6])[metric], np.array([6, 2, 3])[metric]
    mood = np.select([answers.score >= praise, answers.score <= complaint], [0, 1], 2)
    planted = np.select([answers.late, answers.release], [TOPICS.index("late"), TOPICS.index("release")], -1)
    topic = np.where((mood == 1) & (planted >= 0), planted, answers.touchpoint)
    wrote = rng.random(n) < np.array([0.12, 0.28, 0.12])[mood] + 0.2 * (planted >= 0)
    comment = np.full(n, None, object)
    comment[wrote] = _sentences(rng, people.language[who][wrote], topic[wrote], mood[wrote])
    version = np.where((metric == 2) & (answers.at // DAY >= REWORDED), 1, 0)
    columns = {
        "response_id": _ids("R", np.arange(1, n + 1)),
        "responded_at": _time(answers.at),
        "metric": _text(SCALES, metric),
        "score": pa.array(answers.score),
        "customer_id": _ids("C", who + 1),
        "experienced_at": _time((answers.at - answers.lag) // 60 * 60),
        "survey": _text([line.split("|")[5] for line in JOURNEY], answers.touchpoint),
        "question": _text([q for scale in SCALES.values() for q in scale.questions], metric + version),
        "wording_version": _text(["v1", "v2"], version),
        "touchpoint": _text(TOUCHPOINTS, answers.touchpoint),
        "channel": _text(CHANNELS, answers.channel),
        "unit_id": _text([*BRANCHES, None], answers.branch),
        "comment": pa.array(comment, pa.string()),
        "language": _text(LANGUAGES, people.language[who]),
    }
    _save(columns | _segments(people, who), folder, answers.at)


def _write_invitations(rng: np.random.Generator, people: Customers, answers: Answers, folder: Path) -> None:
    """Email surveys are invited; about one in five is answered, fewer as time goes by."""
    hit = np.flatnonzero(answers.channel == 0)
    sent = (answers.at - answers.lag * rng.uniform(0.1, 0.9, len(answers.at)))[hit].astype(np.int64)
    customer, at = _moments(rng, people, len(hit) * 5)
    silent = rng.random(len(at)) < 0.66 + 0.3 * (at / DAY - FIRST) / DAYS
    customer, at = customer[silent], at[silent]
    step = answers.touchpoint[np.concatenate([hit, rng.choice(hit, len(at))])]
    response = np.concatenate([hit + 1, np.zeros(len(at), np.int64)])
    at, who = np.concatenate([sent, at]), np.concatenate([answers.customer[hit], customer])
    order = np.argsort(at, kind="stable")
    columns = {
        "invitation_id": _ids("I", np.arange(1, len(order) + 1)),
        "sent_at": _time(at[order]),
        "customer_id": _ids("C", who[order] + 1),
        "touchpoint": _text(TOUCHPOINTS, step[order]),
        "channel": _text(["email"], np.zeros(len(order), int)),
        "response_id": _ids("R", response[order], response[order] == 0),
    }
    _save(columns, folder, at[order], every=6)


def _write_reviews(rng: np.random.Generator, reviews: Reviews, folder: Path) -> None:
    at, n, own, app = reviews.at, len(reviews.at), reviews.brand == 0, reviews.source > 0
    country = np.where(own, _draw(rng, _shares(COUNTRIES), n), 0)
    language = np.where(country == 0, 0, np.where((country == 1) & (rng.random(n) < 0.7), 2, 1))
    mood = np.array([1, 1, 2, 0, 0])[reviews.rating - 1]
    release = own & app & (at // DAY >= RELEASE) & (mood == 1) & (rng.random(n) < 0.5)
    topic = np.where(release, TOPICS.index("release"), _draw(rng, _shares(TOUCHPOINTS), n))
    titles = [TITLES[code][feeling].split("|") for code in LANGUAGES for feeling in range(3)]
    ends = np.cumsum([len(choices) for choices in titles])
    kind, lengths = language * 3 + mood, np.array([len(choices) for choices in titles])
    title = (ends - lengths)[kind] + (rng.random(n) * lengths[kind]).astype(int)
    version = np.searchsorted([_day(d) for d in VERSIONS.values()], at // DAY, side="right") - 1
    replied = at + np.minimum(rng.exponential(1.5 * DAY, n), 14 * DAY)
    answered = own & (rng.random(n) < np.where(mood == 1, 0.6, 0.15)) & (replied < END)
    columns = {
        "review_id": _ids("V", np.arange(1, n + 1)),
        "reviewed_at": _time(at),
        "brand": _text(BRANDS, reviews.brand),
        "rating": pa.array(reviews.rating),
        "source": _text(SOURCES, reviews.source),
        "title": _text([t for choices in titles for t in choices], title),
        "body": pa.array(_sentences(rng, language, topic, mood), pa.string()),
        "language": _text(LANGUAGES, language),
        "country": _text(COUNTRIES, country),
        "product": _text([*PRODUCTS, None], np.where(app, 5, rng.integers(0, 5, n))),
        "version": _text([*VERSIONS, None], np.where(own & app, version, len(VERSIONS))),
        "verified": pa.array(rng.random(n) < np.where(app, 0.5, 0.9)),
        "incentivised": pa.array(reviews.rewarded),
        "replied_at": _time(replied, ~answered),
    }
    _save(columns, folder, at, every=6)


def _write_events(rng: np.random.Generator, people: Customers, n: int, folder: Path) -> None:
    """Visits and carts lead to purchases, some of which come late, are returned or need a call."""
    kinds = {"visit": "browse", "cart": "order", "purchase": "pay", "return": "return_", "contact": "help"}
    orders = max(int(n / 5.6), 1)  # each comes with visits, carts and calls
    customer, at = _moments(rng, people, int(orders * 3.3))
    buyer, bought = customer[:orders], at[:orders]
    day = bought // DAY
    spell = (people.region[buyer] == 1) & (day >= LATE_FROM) & (day <= LATE_TO)
    late = rng.random(orders) < np.where(spell, 0.55, 0.08)
    promised = (day + 2) * DAY + 21 * HOUR
    delay = np.where(late, rng.exponential(1.5, orders) + 0.2, -rng.random(orders) * 1.4)
    finished = (promised + delay * DAY).astype(np.int64)
    returned = np.flatnonzero(rng.random(orders) < 0.10)
    called = np.flatnonzero(rng.random(orders) < np.where(late, 0.5, 0.15))
    every = np.arange(orders)
    parts = [  # kind, customer, moment, position of the order or -1
        (0, buyer, bought - rng.integers(600, DAY, orders), every * 0 - 1),
        (1, buyer, bought - rng.integers(30, 600, orders), every),
        (2, buyer, bought, every),
        (3, buyer[returned], finished[returned] + rng.integers(DAY, 12 * DAY, len(returned)), returned),
        (4, buyer[called], finished[called] + rng.integers(0, 2 * DAY, len(called)), called),
    ]
    for code, start, end in ((0, 1.0, 2.1), (1, 2.1, 3.0), (4, 3.0, 3.3)):  # what led to no purchase
        span = slice(int(orders * start), int(orders * end))
        parts.append((code, customer[span], at[span], at[span] * 0 - 1))
    kind = np.concatenate([np.full(len(part[1]), part[0]) for part in parts])
    who, when, order = (np.concatenate([part[i] for part in parts]) for i in (1, 2, 3))
    rows = np.argsort(when, kind="stable")
    rows = rows[(when[rows] >= FIRST * DAY) & (when[rows] < END)]
    kind, who, when, order = kind[rows], who[rows], when[rows], order[rows]
    m, purchase, contact, ordered = len(rows), kind == 2, kind == 4, order >= 0
    channel = np.where(ordered, _draw(rng, [0, 0.55, 0.25, 0.2], orders)[order], _draw(rng, [0, 4, 4, 2], m))
    channel = np.where(contact, _draw(rng, [0.15, 0.3, 0, 0, 0.55], m), channel)
    department = np.where(ordered, np.where(late[order], 0, 3), rng.integers(0, 4, m))
    amount = (np.exp(rng.normal(10.7, 0.7, orders)) // 100 * 100).astype(np.int64)[order]
    handling = rng.gamma(2, 180, m).astype(np.int64)
    ended = np.where(contact, when + handling, finished[order]) // 60 * 60
    columns = {
        "event_id": _ids("E", np.arange(1, m + 1)),
        "customer_id": _ids("C", who + 1),
        "occurred_at": _time(when),
        "kind": _text(kinds, kind),
        "order_id": _ids("O", order + 1, ~ordered),
        "promised_at": _time(promised[order], ~purchase),
        "finished_at": _time(ended, ~((contact | purchase) & (ended < END))),
        "touchpoint": _text(kinds.values(), kind),
        "channel": _text(CHANNELS, channel),
        "department": _text([*DEPARTMENTS, None], np.where(contact, department, len(DEPARTMENTS))),
        "unit_id": _text(
            [*BRANCHES, None],
            np.where(channel == 3, _open_branch(people.branch[who], when // DAY), len(BRANCHES)),
        ),
        "amount": pa.array(amount, mask=~(purchase | (kind == 3))),
        "resolved": pa.array(rng.random(m) < 0.82, mask=~contact),
        "transferred": pa.array(rng.random(m) < 0.18, mask=~contact),
        "wait_seconds": pa.array(rng.exponential(95, m).astype(np.int32), mask=~contact),
        "handling_seconds": pa.array(handling.astype(np.int32), mask=~contact),
    }
    _save(columns | _segments(people, who), folder, when, every=6)


def _write_small_tables(people: Customers, directory: Path) -> None:
    """Write customers, and the tables that people keep by hand."""
    columns = {
        "customer_id": _ids("C", np.arange(1, len(people.tier) + 1)),
        "joined_at": _time(people.joined),
        "churned_at": _time(people.churned, people.churned >= END),
    }
    _save(columns | _segments(people, np.arange(len(people.tier))), directory / "customers")
    steps = [f"{i}|{line.rpartition('|')[0]}" for i, line in enumerate(JOURNEY, 1)]
    names = "position:int touchpoint stage owner label_en label_ko"
    _save_lines(steps, names, directory / "touchpoints")
    cut, eve = (str(np.datetime64(day, "D")) for day in (REORGANISED, REORGANISED - 1))
    units = []
    old, new = (
        {region: line.split("|")[0] for line, both in HEADQUARTERS.items() for region in both[i]} for i in (0, 1)
    )
    for line, (before, after) in HEADQUARTERS.items():
        unit, en, ko = line.split("|")
        units.append(f"{unit}||{'' if before else cut}|{'' if after else eve}|{en}|{ko}")
    for unit, (en, ko) in BRANCHES.items():
        region = unit.split("_")[0]
        moved = old[region] != new[region]
        units.append(f"{unit}|{old[region]}||{eve if unit == CLOSED or moved else ''}|{en} branch|{ko}점")
        units += [f"{unit}|{new[region]}|{cut}||{en} branch|{ko}점"] * moved
    _save_lines(units, "unit_id parent_id valid_from:day valid_to:day label_en label_ko", directory / "units")
    _save_lines(TARGETS, "metric value:number from:day to:day", directory / "targets")
    years = [
        f"{source}|{year}|{company}|{value}"
        for source, companies in BENCHMARKS.items()
        for company, values in companies.items()
        for year, value in enumerate(values, 2023)
    ]
    _save_lines(years, "source year:int company value:number", directory / "benchmarks")
    _save_lines(CALENDAR, "day:day label label_en kind", directory / "calendar")


def _write_actions(rng: np.random.Generator, people: Customers, answers: Answers, folder: Path) -> None:
    """Write the projects, then a sample of unhappy customers who were called back (these have no metric)."""

    def moment(local: int) -> str:
        return f"{np.datetime64(local - ZONE_OFFSET, 's')}Z" if local < END else ""

    lines = []
    for number, line in enumerate(ACTIONS, 1):
        title, title_en, owner, *days, rest = line.split("|", 6)
        raised, started, finished = (moment(_day(day) * DAY + 9 * HOUR) if day else "" for day in days)
        lines.append(f"A{number:05}|{title}|{title_en}|{owner}|{raised}|{started}||{finished}|{rest}")
    unhappy = np.flatnonzero((answers.metric == 0) & (answers.score <= 6))
    for case in np.sort(rng.choice(unhappy, len(answers.at) // 400, replace=False)):
        touchpoint, _, owner, *_ = JOURNEY[answers.touchpoint[case]].split("|")
        region = list(REGIONS)[people.region[answers.customer[case]]]
        waits = np.cumsum([0, *(rng.gamma(1.5, [18, 40]) * HOUR)]).astype(int)
        raised, replied, closed = (moment(int(answers.at[case] + wait)) for wait in waits)
        ends = f"{raised}|{raised}|{replied}|{closed}|{touchpoint}|callback||{region}"
        lines.append(f"A{len(lines) + 1:05}|불만 고객 회신|Call back|{owner}|{ends}")
    names = "action_id title title_en owner raised_at:time started_at:time answered_at:time finished_at:time"
    _save_lines(lines, f"{names} touchpoint theme metric region", folder)


def _write_settings(file: Path) -> None:
    lines = [SETTINGS]
    for column, text in LABELS.items():
        (_, en, ko), *values = (entry.replace("_", " ").split("|") for entry in text.split())
        lines.append(f'\n[labels.{column}]\nen = "{en}"\nko = "{ko}"\n[labels.{column}.values]')
        for code, en, ko in values:
            key = code if re.fullmatch(r"[A-Za-z0-9_-]+", code) else f'"{code}"'
            lines.append(f'{key} = {{ en = "{en}", ko = "{ko}" }}')
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _write_stories(people: Customers, answers: Answers, reviews: Reviews, seed: int, file: Path) -> None:
    """State for each story what is true by construction, beside what was drawn."""
    who, day, reviewed = answers.customer, answers.at // DAY, reviews.at // DAY
    everyone = np.ones(len(who), bool)
    tiers = [(name, people.tier[who] == i) for i, name in enumerate(TIERS)]
    busan = ("busan, deliver", (people.region[who] == 1) & (answers.touchpoint == 3))
    gold = ("gold, app, pay", tiers[2][1] & (answers.channel == 1) & (answers.touchpoint == 2))
    ages = [(name, people.age[who] == i) for i, name in enumerate(AGES)]
    groups = {  # story: who, which metrics, when
        "1": ([busan], "nps csat", "2025-12-01..2026-02-28 2026-03-01..2026-05-31 2026-07-01..2026-09-30"),
        "2": ([gold], "nps csat", "2026-06-10..2026-09-07 2026-09-08..2026-11-21"),
        "3": ([], "rating", "2024-10-01..2024-12-31 2026-05-26..2026-08-23 2026-08-24..2026-11-21"),
        "4": ([("all", everyone), *tiers], "nps", "2026-05-01..2026-07-31 2026-09-01..2026-11-21"),
        "6": ([("all", everyone)], "ces", "2025-07-01..2025-12-31 2026-01-01..2026-06-30"),
        "7": (ages, "nps", "2024-10-01..2026-11-21"),
    }
    figures = []
    for story, (members, metrics, periods) in groups.items():
        for metric, period in product(metrics.split(), periods.split()):
            start, end = (_day(date) for date in period.split(".."))
            for name, mask in members:
                asked = answers.metric == list(SCALES).index(metric)
                rows = np.flatnonzero(mask & asked & (day >= start) & (day <= end))
                if len(rows):
                    mu, seen = answers.mu[rows], observed(metric, answers.score[rows])
                    truth, without = expected(metric, mu), expected(metric, mu - answers.story[rows])
                    numbers = f"{len(rows)} | {seen:.2f} | {truth:.2f} | {without:.2f}"
                    figures.append(f"| {story} | {name}, {period} | {metric} | {numbers} |")
            for brand, name in enumerate(BRANDS if metric == "rating" else ()):
                rows = np.flatnonzero((reviews.brand == brand) & (reviewed >= start) & (reviewed <= end))
                if len(rows):
                    seen, truth = reviews.rating[rows].mean(), reviews.mean[rows].mean()
                    numbers = f"{len(rows)} | {seen:.2f} | {truth:.2f} |"
                    figures.append(f"| {story} | {name}, {period} | {metric} | {numbers} |")
    facts = {"days": DAYS, "n": len(who), "seed": seed, "closed": CLOSED, "heir": TAKES_OVER}
    text = STORIES.format(**facts, loss=STORE_LOSS, gain=SCALES["nps"].gain, figures="\n".join(figures))
    file.write_text(text, encoding="utf-8")


def write(directory: Path, answers: int = 60_000, seed: int = 7) -> None:
    """Write all exports of the demo company, `cx.toml` and `STORIES.md` into `directory`.

    `answers` is the number of survey answers; everything else scales with it. The same arguments write the
    same tables.
    """
    # One stream per table, so that a change to one leaves the others alone.
    streams = [np.random.default_rng([seed, DRAW, table]) for table in range(8)]
    directory.mkdir(parents=True, exist_ok=True)
    people = _customers(streams[0], max(answers // 8, 1))
    answered = _answers(streams[1], people, answers)
    reviews = _reviews(streams[4], answers // 5)
    _write_responses(streams[2], people, answered, directory / "responses")
    _write_invitations(streams[3], people, answered, directory / "invitations")
    _write_reviews(streams[5], reviews, directory / "reviews")
    _write_events(streams[6], people, int(answers / 2.5), directory / "events")
    _write_actions(streams[7], people, answered, directory / "actions")
    _write_small_tables(people, directory)
    _write_settings(directory / "cx.toml")
    _write_stories(people, answered, reviews, seed, directory / "STORIES.md")
