"""Whether a leak of personal data at one brand surfaces by itself, and what surfaces that nobody planted.

    python -m cx bench leak [--reviews 3000] [--told 12] [--companies 3] [--rated] [--season]

A made company of three brands in fourteen months: its reviews are drawn from the labelled Korean files, each with an
ending of short messages and some with a second one behind it, from the same mixture every month; of those about
personal data only a tenth. In one month `--told` reviews of one brand tell of a leak, in forty wordings, some with a
telephone number or an address in them that publishing masks. Prints the topics of `voice/emerging` of the leaking
brand and month and what the Overview and Competitors say of that month, and counts all other topics. `--rated` gives
each review its stars; with `--season` one review in ten of all brands is about Chuseok in September, and one in ten of
the third brand in one month about an update, which are topics to be told of as well.
"""

import argparse
import random
import re
import tempfile
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path

import pandas as pd

from cx import findings, masking, sentiment, settings
from cx import publish as publishing
from cx.catalog import Catalog
from cx.engine import Engine
from cx.periods import Period
from cx.scope import Filters

LABELLED = Path(__file__).with_name("labelled")
FILES = ("opinions", "slang", "slang_unseen", "store_unseen", "app_reviews", "themes_held_out")
BRANDS = ("두레장터", "온누리마켓", "빠른상회")
FIRST = date(2025, 9, 1)
MONTHS = 14
LEAK_MONTH = 11
"""The how-manieth month, from 0, holds the leak."""
OF_DATA = re.compile("유출|개인정보|정보|해킹|털|도용|피싱")
ENDINGS = ("", "", "", "ㅠㅠ", "!!", "..", "ㅋㅋ", " ^^", " ㅡㅡ", "~")
LEAK = """
개인정보 유출됐다는 문자 받고 어이가 없네요
유출 사실을 기사로 먼저 알았습니다 사과도 없고
제 정보 다 털렸네요 탈퇴합니다
보이스피싱 문자가 갑자기 쏟아지네요 여기서 샌 듯
가입할 때만 쓴 번호로 피싱 전화가 와요
2차 인증을 왜 이제야 하라고 하는지
비밀번호 바꾸라는 공지 하나 띄우고 끝인가요
주소랑 전화번호까지 다 나갔다는데 보상은 없나요
회원탈퇴 하려고 해도 탈퇴 버튼을 못 찾겠음
내 개인정보 돌려내라
모르는 번호로 대출 문자가 하루에 열 통씩 옵니다
유출 조회하니 제 것도 포함이네요 소름
해킹당한 걸 두 달이나 숨겼다니
집단소송 어디서 신청하나요
스미싱 문자에 제 이름이랑 주소가 그대로 적혀 있어요
털린 것도 화나는데 쿠폰 오천원으로 퉁치네
정보 유출되고 나서 스팸이 장난 아님
믿고 카드까지 등록했는데 유출이라니 불안해서 못 쓰겠어요
결제 정보도 나간 건가요 답변 좀
2단계 인증 켜려는데 오류만 나네요
개인정보 관리를 이따위로 하면서 회원은 왜 받나
탈퇴하면 내 정보 진짜 지워지는 거 맞나요
개인통관번호까지 샜다는데 재발급은 내가 해야 하고
로그인 기록에 중국이 찍혀 있어요 무섭네요
공동현관 비번까지 유출됐다니 이사 가야 하나
고객정보 유출 사과문이 세 줄
내 번호 {phone} 로 피싱 문자 왔어요 책임지세요
{email} 이 메일로 협박 메일이 왔습니다 유출 때문 아닌가요
{phone} 여기서 택배 사칭 문자 오는데 유출된 거 맞죠
탈퇴 처리해주세요 {phone}
제 계정으로 누가 로그인했어요 {email} 확인해주세요
유출 대상자래요 ㅋㅋ 참 잘하는 짓이다
스팸 전화 때문에 번호 바꿀 판
해커한테 문 열어준 회사
인증번호가 계속 와요 누가 제 계정을 뚫으려나 봐요
이름 주소 구매내역 전부 유출이라니 할 말이 없다
보이스피싱 당할 뻔했어요 주문내역을 알고 전화하더라고요
정보보호 책임자는 뭐 하는지
유출 안내 메일도 스팸함으로 옴
이제 와서 비번 변경하라니 소 잃고 외양간
""".strip().splitlines()

SEASON = """
추석 선물로 샀는데 제때 왔어요
명절이라 배송이 밀리네요
추석 전에 온다더니 연휴 끝나고 옴
한우 선물세트 포장 고급져요
부모님 추석 선물 보냈는데 좋아하세요
연휴 내내 고객센터 쉬네요
명절 앞두고 값 올린 거 다 알아요
제사 음식 주문했는데 만족
추석 특가 쿠폰 좋네요
연휴라 택배 안 움직여요
""".strip().splitlines()
UPDATE = """
업데이트하고 장바구니가 사라졌어요
5.2 버전 이후로 자꾸 꺼져요
이번 업데이트 누가 검수했나요
업뎃하고 나서 로그인이 풀려요
새 버전 화면이 너무 복잡해요
업데이트 이후 장바구니에 담기질 않음
예전 버전으로 돌려주세요
장바구니 오류 언제 고치나요
""".strip().splitlines()
UPDATE_MONTH = 6
SEASON_MONTH = 9


def pool() -> list[tuple[str, float]]:
    """The Korean texts of the labelled files with their polarity."""
    texts = []
    for name in FILES:
        for line in (LABELLED / f"{name}.tsv").read_text(encoding="utf-8").splitlines():
            text = line.rpartition("\t")[2]
            if not line.startswith("#") and re.search("[가-힣]", text):
                texts.append(text)
    return list(zip(texts, sentiment.polarity(texts).tolist(), strict=True))


def month(number: int) -> date:
    """The first day of a month of the company."""
    place = FIRST.month - 1 + number
    return date(FIRST.year + place // 12, place % 12 + 1, 1)


def reviews(lots: random.Random, many: int, told: int, *, rated: bool, season: bool) -> pd.DataFrame:
    """The company's reviews, those that tell of the leak included."""
    known = pool()
    usual = [(text, tone) for text, tone in known if not OF_DATA.search(text) or lots.random() < 0.1]

    def said() -> tuple[str, float]:
        text, tone = lots.choice(usual)
        if lots.random() < 0.2:
            more, also = lots.choice(usual)
            text, tone = f"{text}. {more}", (tone + also) / 2
        return text + lots.choice(ENDINGS), tone

    rows = []
    for number in range(MONTHS):
        days = (month(number + 1) - month(number)).days
        for brand in BRANDS:
            now = SEASON if month(number).month == SEASON_MONTH else []
            now = UPDATE if number == UPDATE_MONTH and brand == BRANDS[-1] else now
            for _ in range(many // (MONTHS * len(BRANDS))):
                event = season and now and lots.random() < 0.1
                text, tone = (lots.choice(now) + lots.choice(ENDINGS), -0.5) if event else said()
                rows.append((brand, month(number) + timedelta(days=lots.randrange(days)), text, tone))
    for _ in range(told):
        text = lots.choice(LEAK).format(
            phone=f"010-{lots.randrange(2000, 9999)}-{lots.randrange(1000, 9999)}",
            email=f"user{lots.randrange(1000, 9999)}@example.com",
        )
        day = month(LEAK_MONTH) + timedelta(days=lots.randrange(30))
        rows.append((BRANDS[0], day, text + lots.choice(ENDINGS), -1.0))
    frame = pd.DataFrame(rows, columns=["brand", "reviewed_at", "body", "tone"])
    frame.insert(0, "review_id", [f"v{number}" for number in range(len(frame))])
    stars = [lots.choice((4, 5, 5) if tone > 0 else (1, 1, 2)) for tone in frame.pop("tone")]
    frame["rating"] = [float(one) if rated else None for one in stars]
    frame["rating"] = frame["rating"].astype("float64")
    frame["reviewed_at"] = frame["reviewed_at"].astype(str) + "T12:00:00+09:00"
    return frame


def named(row: dict[str, object], labels: Mapping[str, Mapping[str, str]]) -> str:
    """A topic as a line: brand, period, name, the other words, and how often it was said."""
    word, theme, tone = row["word"], row["theme"], row["tone"]
    name = findings.topic_name(word, theme, tone, lambda _, value: labels[str(value)]["ko"], "ko")
    related = f" ({row['related']})" if isinstance(row["related"], str) else ""
    return f"{row['brand']} {str(row['period'])[:10]} {row['unit']}: {name}{related}, {row['said']}"


def one(number: int, options: argparse.Namespace) -> tuple[int, int, int]:
    """Make, publish and ask one company; whether it surfaces, false topics, and topics of masked signs."""
    lots = random.Random(number)  # noqa: S311 – the same companies each time
    with tempfile.TemporaryDirectory() as scratch:
        data = Path(scratch)
        (data / "reviews").mkdir()
        made = reviews(lots, options.reviews, options.told, rated=options.rated, season=options.season)
        made.to_parquet(data / "reviews" / "a.parquet")
        (data / "cx.toml").write_text(f'brand = "{BRANDS[options.own]}"\ntime_zone = "Asia/Seoul"\n', encoding="utf-8")
        folders = (settings.PROJECT / "queries",)
        publishing.publish(data, Catalog(folders))
        engine = Engine(data, folders)
        try:
            return told_of(number, engine)
        finally:
            engine.close()


def told_of(number: int, engine: Engine) -> tuple[int, int, int]:
    """Print what is told of the leak, and count the rest."""
    leak, following = month(LEAK_MONTH), month(LEAK_MONTH + 1)
    end = Period(month(MONTHS - 1), month(MONTHS))
    rows = engine.answer("voice/emerging", Filters(end)).rows()
    right = [
        row for row in rows if row["brand"] == BRANDS[0] and leak <= pd.Timestamp(str(row["period"])).date() < following
    ]
    marks = {word for mark in masking.MARKS.values() for word in re.findall("[a-z]+", mark)}
    masked = [row for row in rows if marks & set(f"{row['word']} {row['related']}".replace(",", " ").split())]
    print(f"company {number}: {len(right)} topics of the leak, {len(rows) - len(right)} others")
    for row in rows:
        print(f"    {'+' if row in right else '-'} {named(row, engine.snapshot().labels['theme'])}")
    then = Filters(Period(leak, following), Period(month(LEAK_MONTH - 1), leak))
    for name in ("voice/complaints", "competitors/newly_blamed"):
        answer = engine.answer(name, then)
        rises = [f"{row.get('brand', '')} {row['theme']}" for row in answer.rows() if row.get("verdict") == "real"]
        print(f"    {name}: {', '.join(rises) or '–'}")
    return len(right), len(rows) - len(right), len(masked)


def main() -> None:
    """Make companies and print what surfaces."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reviews", type=int, default=3000)
    parser.add_argument("--told", type=int, default=12, help="so many tell of the leak; 0 for none")
    parser.add_argument("--companies", type=int, default=3)
    parser.add_argument("--own", type=int, default=0, help="which of the three brands is ours; the leak is at 0")
    parser.add_argument("--rated", action="store_true")
    parser.add_argument("--season", action="store_true")
    options = parser.parse_args()
    found = [one(number, options) for number in range(options.companies)]
    print(f"companies with a topic of the leak: {sum(right > 0 for right, _, _ in found)} of {len(found)}")
    print(f"rows of the leak beyond the first: {sum(max(right - 1, 0) for right, _, _ in found)}")
    print(f"other topics: {sum(false for _, false, _ in found)}, of masked signs: {sum(bad for *_, bad in found)}")


if __name__ == "__main__":
    main()
