"""Texts are judged by what they say, negations included, and told apart into complaint, praise, wish and question."""

import runpy
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from cx import sentiment

BENCHMARK = runpy.run_path(str(Path(__file__).resolve().parent.parent / "benchmarks" / "sentiment.py"))
SENTENCES = BENCHMARK["opinions"]()


def judged(*texts: str) -> list[int]:
    return [int(sentiment.judged(sentiment.polarity([text]))[0]) for text in texts]


def kinds(*texts: str) -> list[str]:
    return sentiment.kinds(texts, sentiment.polarity(texts))


# --- polarity ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "배송이 늦어요",
        "별로예요",
        "안 좋아요",
        "좋지 않아요",
        "좋지않네요",
        "친절하지도 않아요",
        "다시는 안 사요",
        "최악",
        "terrible",
        "not good",
        "waste of money",
    ],
)
def test_what_is_bad_is_below_zero(text: str) -> None:
    assert judged(text) == [-1]


@pytest.mark.parametrize(
    "text",
    [
        "배송이 빨라요",
        "좋아요",
        "나쁘지 않아요",
        "나쁘지않네요",
        "불편하지 않아요",
        "문제 없어요",
        "불만 없습니다",
        "최고",
        "excellent",
        "not bad",
        "no problems",
    ],
)
def test_what_is_good_is_above_zero(text: str) -> None:
    assert judged(text) == [1]


@pytest.mark.parametrize("text", ["", " ", "\n", "0", "배송", "the", "\0", "\ud800", "。。。"])
def test_what_says_nothing_is_near_zero(text: str) -> None:
    assert judged(text) == [0]


def test_what_once_was_so_counts_the_other_way_round() -> None:
    better = ["처음엔 별로였는데 쓸수록 괜찮네요", "초반엔 튕겼지만 업데이트 후 안정적"]
    worse = ["예전에는 친절하더니 요즘 불친절", "전에는 빨랐는데 이제 느려요"]
    assert judged(*better, *worse) == [1, 1, -1, -1]
    same = "처음엔 좋다가. 별로였는데 쓸수록 괜찮네요"
    assert sentiment.polarity([same])[0] < sentiment.polarity([better[0]])[0], (
        "a turn of another sentence is none of it"
    )


def test_the_clauses_of_one_comment_can_be_judged_apart() -> None:
    assert judged("앱은 좋은데", "배송이 늦어요") == [1, -1]


@given(st.lists(st.text(max_size=200) | st.sampled_from([row[4] for row in SENTENCES]), min_size=1, max_size=8))
@hypothesis_settings(max_examples=80, deadline=None)
def test_every_text_is_judged_by_itself_and_within_bounds(texts: list[str]) -> None:
    together = sentiment.polarity(texts)
    assert ((together >= -1) & (together <= 1)).all()
    assert together == pytest.approx([sentiment.polarity([text])[0] for text in texts], abs=1e-6)


def test_texts_of_any_number_and_length_are_judged_alike() -> None:
    many = ["좋아요"] * 30_000 + ["정말 좋아요 " * 10_000] * 30 + ["별로예요"]
    found = sentiment.polarity(many)
    assert np.ptp(found[:30_000]) < 1e-6 and found[0] == pytest.approx(sentiment.polarity(["좋아요"])[0], abs=1e-6)
    assert found[-2] > 0 > found[-1]
    assert len(sentiment.polarity([])) == 0


def test_spelling_that_says_nothing_changes_nothing() -> None:
    plain = sentiment.polarity(["정말 좋아요 good"])
    for text in ("정말  좋아요\ngood", "정말\u200b 좋아요 GOOD", "정말 좋아요 ｇｏｏｄ", "정말 좋아요 good"):
        assert sentiment.polarity([text]) == pytest.approx(plain, abs=1e-6), text


def test_the_shipped_weights_judge_sentences_nobody_learnt_from() -> None:
    """The figures stand in docs/benchmarks.md; this is the floor below which something is broken."""
    signs = {"+": 1, "-": -1}
    for language, least in (("ko", 0.85), ("en", 0.85)):
        mine = [(text, signs[sign]) for own, _, sign, _, text in SENTENCES if own == language and sign in signs]
        assert len(mine) >= 40
        found = np.sign(sentiment.polarity([text for text, _ in mine]))
        assert (found == [sign for _, sign in mine]).mean() >= least, language


def test_a_rating_goes_before_the_text_and_knows_its_scale() -> None:
    stars = sentiment.rated(np.array([1, 2, 3, 4, 5, np.nan]), 5)
    assert stars[:5].tolist() == [-1, -1, 0, 1, 1] and np.isnan(stars[5])
    assert sentiment.rated(np.arange(1, 11), 10).tolist() == [-1] * 4 + [0] * 3 + [1] * 3
    assert sentiment.rated(np.array([2.0, 2.0]), np.array([2.0, 10.0])).tolist() == [1, -1]


def test_the_weights_are_small_and_have_a_name() -> None:
    assert sentiment.FILE.stat().st_size < 300_000
    assert len(sentiment.weights()) == 1 << sentiment.BITS
    assert len(sentiment.version()) == 12


# --- kinds -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("다크모드가 있으면 좋겠어요", "wish"),
        ("배송비 좀 내려주세요", "wish"),
        ("공인인증서 좀 없애주세요", "wish"),
        ("알림 소리 좀 꺼주세요", "wish"),
        ("쿠폰 좀 더 주세요", "wish"),
        ("로그인 오류 해결 부탁", "wish"),
        ("광고를 치워 주세요", "wish"),
        ("개선 부탁드립니다", "wish"),
        ("추가해 주실 수 있나요?", "wish"),
        ("please add a dark mode", "wish"),
        ("I would like bigger letters", "wish"),
        ("위젯 추가 좀", "wish"),
        ("글씨 크게 해주세용", "wish"),
        ("지도 보기 있음 좋겠다", "wish"),
        ("업데이트 하라더니 안 돼요", "complaint"),
        ("돈값 하네요", "praise"),
        ("돈값 못 하네요", "complaint"),
        ("알림 끄는 법 아시는분?", "question"),
        ("몇 시까지 하나요 ㅋㅋ", "question"),
        ("직원분이 항상 친절하게 대해 주세요", "praise"),
        ("빨리 보내주셔서 감사합니다", "praise"),
        ("I would like to thank you for the great service", "praise"),
        ("언제 도착하나요?", "question"),
        ("환불은 어떻게 하나요", "question"),
        ("How long does it take?", "question"),
        ("이게 말이 됩니까?", "complaint"),
        ("밤에 알림 보내는 심보는 뭔가요", "complaint"),
        ("are you kidding me?", "complaint"),
        ("배송이 너무 늦어요", "complaint"),
        ("배송이 빨라요", "praise"),
        ("", ""),
        ("어제 주문했어요", ""),
    ],
)
def test_a_text_is_what_it_wants(text: str, kind: str) -> None:
    assert kinds(text) == [kind]


@pytest.mark.parametrize(
    ("text", "said", "kind"),
    [
        ("몇년째 쓰는데 한결같아요", 0.5, "praise"),
        ("며칠 만에 왔는데 좋아요", 0.5, "praise"),
        ("언제나 잘 쓰고 있어요", 0.5, "praise"),
        ("어디서나 쓸 수 있어요", 0.5, "praise"),
        ("얼마 전에 샀는데 좋아요", 0.5, "praise"),
        ("며칠 걸려요", 0.2, "question"),
        ("몇 시에 열어요", 0.2, "question"),
        ("이래서야 누가 여기서 사겠습니까?", -0.2, "complaint"),
    ],
)
def test_what_tells_of_any_time_or_of_many_years_does_not_ask(text: str, said: float, kind: str) -> None:
    assert sentiment.kinds([text], np.array([said])) == [kind]


def test_kinds_of_sentences_nobody_learnt_from_are_told_apart() -> None:
    """The figures stand in docs/benchmarks.md; this is the floor below which something is broken."""
    found = kinds(*(text for *_, text in SENTENCES))
    assert len(SENTENCES) >= 200
    for kind in sentiment.KINDS:
        said = [row[3] for row, one in zip(SENTENCES, found, strict=True) if one == kind]
        assert said.count(kind) / len(said) >= 0.85, kind


def test_a_kind_follows_the_polarity_it_is_given() -> None:
    assert sentiment.kinds(["별점만 남깁니다"] * 3, np.array([-1.0, 0.0, 1.0])) == ["complaint", "", "praise"]


def test_a_very_long_text_takes_no_longer_than_its_beginning() -> None:
    assert kinds("가" * 5_000_000 + "?") == [""]
