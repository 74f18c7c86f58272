"""`cx.toml` is optional, and whatever it says wrongly is named with what would be right."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from cx import settings
from cx.errors import SettingsError
from cx.settings import SHORT_ZONES, nearest_zone, zones


def load(folder: Path, text: str | bytes) -> settings.Settings:
    (folder / "cx.toml").write_bytes(text.encode() if isinstance(text, str) else text)
    return settings.load(folder)


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    assert settings.load(tmp_path) == settings.Settings()


def test_every_key_is_read(tmp_path: Path) -> None:
    found = load(
        tmp_path,
        """
        company = {en = "Hanbit", ko = "한빛"}
        brand = "한빛몰"
        time_zone = "Europe/Berlin"
        export_time_zone = "UTC"
        language = "en"
        kpis = ["ces"]
        currency = "USD"
        journey = ["search", {touchpoint = "pay", stage = "buy", owner = "Kim", ko = "결제", en = "Payment"}]
        [targets]
        nps = 40
        [segments]
        order = ["region"]
        hidden = ["age"]
        known = ["region"]
        [labels.region]
        en = "Region"
        [labels.region.values]
        seoul = {en = "Seoul", ko = "서울"}
        busan = "부산"
        """,
    )
    assert found == settings.Settings(
        company={"en": "Hanbit", "ko": "한빛"},
        brand="한빛몰",
        time_zone="Europe/Berlin",
        export_time_zone="UTC",
        language="en",
        kpis=("ces",),
        currency="USD",
        targets={"nps": 40.0},
        segment_order=("region",),
        segments_hidden=("age",),
        segments_known=("region",),
        column_labels={"region": {"en": "Region"}},
        value_labels={"region": {"seoul": {"en": "Seoul", "ko": "서울"}, "busan": {"ko": "부산", "en": "부산"}}},
        journey=(settings.Step("search"), settings.Step("pay", "buy", "Kim", "결제", "Payment")),
    )
    assert found.zone.key == "Europe/Berlin"


def test_every_key_that_can_be_read_is_listed_with_a_sentence() -> None:
    fields = set(settings.Settings.__dataclass_fields__)
    renamed = {"segment_order", "segments_hidden", "segments_known", "column_labels", "value_labels"}
    assert set(settings.KEYS) == fields - renamed | {"segments", "labels"}
    assert all(sentence.endswith(".") for sentence in settings.KEYS.values())


def test_a_file_saved_by_windows_notepad_is_read(tmp_path: Path) -> None:
    assert load(tmp_path, "\ufeffcompany = '한빛'\r\n").company == {"ko": "한빛", "en": "한빛"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("compny = 'x'", ("compny", "company")),
        ("time_zone = 'Asia/Soul'", ("Asia/Soul", "Asia/Seoul")),
        ("time_zone = ['Asia/Seoul']", ("time_zone", "Asia/Seoul")),
        ("export_time_zone = 9", ("export_time_zone", "9")),
        ("language = 'de'", ("language", "ko or en")),
        ("kpis = 'nps'", ("kpis", "list of names")),
        ("kpis = [1]", ("kpis", "list of names")),
        ("brand = 3", ("brand", "text")),
        ("targets = 3", ("targets", "table")),
        ("targets.nps = 'forty'", ("targets.nps", "number")),
        ("targets.nps = true", ("targets.nps", "number")),
        ("targets.nps = nan", ("targets.nps", "number")),
        ("segments.ordr = []", ("segments.ordr", "order")),
        ("segments.hidden = 'age'", ("segments.hidden", "list of names")),
        ("labels = 1", ("labels", "table")),
        ("labels.region = 1", ("labels.region", "table")),
        ("labels.region.fr = 'x'", ("labels.region.fr", "Known here: en, ko, values")),
        ("labels.region.en = 1", ("labels.region.en", "text")),
        ("labels.region.values = 1", ("values", "table")),
        ("labels.region.values.a = {fr = 'x'}", ("labels.region.values.a.fr", "en")),
        ("company = {en = 1}", ("company", "text")),
        ("journey = 'pay'", ("journey", "list")),
        ("journey = [{stage = 'buy'}]", ("journey step 1", "touchpoint")),
        ("journey = ['a', {touchpoint = 'b', ownr = 'x'}]", ("journey step 2", "owner")),
        ("company = ", ("TOML",)),
    ],
)
def test_a_wrong_setting_is_named_with_what_would_be_right(tmp_path: Path, text: str, said: tuple[str, ...]) -> None:
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, text)
    assert caught.value.file == "cx.toml"
    for part in said:
        assert part in str(caught.value)


def test_a_file_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="TOML"):
        load(tmp_path, "company = '한빛'".encode("cp949"))


VALUES = st.recursive(
    st.sampled_from(["1", "'x'", "true", "1.5", "nan", "2026-01-01", "[]", "{}"]),
    lambda inner: st.one_of(
        st.lists(inner, max_size=2).map(lambda items: f"[{', '.join(items)}]"),
        inner.map(lambda item: f"{{en = {item}}}"),
    ),
    max_leaves=3,
)


@given(key=st.sampled_from(sorted(settings.KEYS)), value=VALUES)
@hypothesis_settings(max_examples=150, deadline=None)
def test_no_value_of_any_type_gets_past_as_anything_but_settings_or_an_error_of_ours(
    tmp_path_factory: pytest.TempPathFactory, key: str, value: str
) -> None:
    folder = tmp_path_factory.mktemp("toml", numbered=True)
    try:
        assert isinstance(load(folder, f"{key} = {value}"), settings.Settings)
    except SettingsError as error:
        assert error.message


def test_the_folder_given_wins_over_the_environment_which_wins_over_the_projects_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given, named = tmp_path / "given", tmp_path / "named"
    given.mkdir()
    named.mkdir()
    assert settings.data_folder() == settings.PROJECT / "data"
    monkeypatch.setenv("CX_DATA", str(named))
    assert settings.data_folder() == named
    assert settings.data_folder(given) == given


def test_a_data_folder_that_is_not_there_is_named_with_both_remedies(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="nowhere") as caught:
        settings.data_folder(tmp_path / "nowhere")
    assert "--data" in caught.value.hint and "CX_DATA" in caught.value.hint


def test_the_data_folders_own_questions_lie_on_top_of_the_shipped_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped, own, other = settings.PROJECT / "queries", tmp_path / "queries", tmp_path / "other"
    other.mkdir()
    assert settings.query_folders(tmp_path) == (shipped,)
    own.mkdir()
    assert settings.query_folders(tmp_path) == (shipped, own)
    monkeypatch.setenv("CX_QUERIES", str(other))
    assert settings.query_folders(tmp_path) == (other, own)
    assert settings.query_folders(tmp_path, own) == (own,)


def test_a_folder_of_questions_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="nowhere") as caught:
        settings.query_folders(tmp_path, tmp_path / "nowhere")
    assert "CX_QUERIES" in caught.value.hint


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("KST", "Asia/Seoul"),
        ("+09:00", "Asia/Seoul"),
        ("Korea Standard Time", "Asia/Seoul"),
        ("Seoul", "Asia/Seoul"),
        ("Seoul/Asia", "Asia/Seoul"),
        ("Europe/Berlim", "Europe/Berlin"),
        ("somewhere", "region and city, such as Asia/Seoul"),
    ],
)
def test_what_is_no_zone_is_told_the_one_that_is_meant(written: str, meant: str) -> None:
    assert meant in nearest_zone(written)
    assert set(SHORT_ZONES.values()) <= zones()
