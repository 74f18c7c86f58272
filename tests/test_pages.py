"""Every page opens in the app's own test harness: full, empty, with one answer, in both languages."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from cx import publish, settings
from cx.catalog import Catalog
from cx.ui.frame import PAGES as SHIPPED
from cx.ui.view import engine_of, watch_of
from cx.words import say

ROOT = settings.PROJECT
PAGES = sorted(path.stem for path in (ROOT / "pages").glob("*.py"))


def opened(page: str, language: str, **query: str) -> AppTest:
    """The app after it showed a page."""
    app = AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=60)
    app.query_params["lang"] = language
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    if page != "overview":
        app.switch_page(f"pages/{page}.py").run()
    return app


def words_of(app: AppTest) -> str:
    """Everything written on the page, without the joiners that keep Korean words whole."""
    parts = [*app.title, *app.markdown, *app.caption, *app.subheader]
    return " ".join(part.value for part in parts).replace("\u2060", "").replace("\\", "")


@pytest.fixture(autouse=True)
def _fresh_caches() -> None:
    engine_of.clear()
    watch_of.clear()


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo company, published in a folder of its own."""
    from cx import demo as company

    folder = tmp_path_factory.mktemp("pages") / "data"
    company.write(folder, answers=8_000)
    publish.publish(folder, Catalog(settings.query_folders(folder)))
    return folder


def test_there_is_a_page_for_every_entry_of_the_navigation() -> None:
    assert set(PAGES) == set(SHIPPED)


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_without_exception_error_or_warning(
    page: str, language: str, demo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CX_DATA", str(demo))
    app = opened(page, language)
    assert not app.exception
    assert not app.error
    assert not app.warning
    assert say("state.error", language) not in words_of(app)
    assert app.title


@pytest.mark.parametrize("page", PAGES)
def test_every_page_is_calm_about_a_company_with_one_answer(
    page: str, one_answer: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CX_DATA", str(one_answer))
    app = opened(page, "en")
    assert not app.exception
    assert say("state.error", "en") not in words_of(app)


@pytest.mark.parametrize("page", PAGES)
def test_every_page_is_calm_when_no_answer_matches_the_filters(
    page: str, demo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CX_DATA", str(demo))
    app = opened(page, "en", period="custom", **{"from": "2024-01-01", "to": "2024-01-02"})
    assert not app.exception
    assert say("state.error", "en") not in words_of(app)


def test_a_company_without_exports_is_told_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CX_DATA", str(tmp_path))
    app = opened("overview", "en")
    assert not app.exception


def test_a_broken_setting_is_shown_with_its_remedy(demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "cx.toml").write_text('compny = "Acme"\n', encoding="utf-8")
    monkeypatch.setenv("CX_DATA", str(tmp_path))
    app = opened("overview", "en")
    assert not app.exception
    assert "company" in words_of(app)


def with_questions(demo: Path, folder: Path, analysts: bool, **questions: str) -> Path:
    """A copy of the demo company that has questions of its own; returns where they stand."""
    folder.mkdir()
    for path in demo.iterdir():
        if path.name != "cx.toml":
            (folder / path.name).symlink_to(path)
    about = (demo / "cx.toml").read_text("utf-8").replace("analysts = true\n", "")
    (folder / "cx.toml").write_text((f"analysts = {str(analysts).lower()}\n") + about, "utf-8")
    custom = folder / "queries" / "custom"
    custom.mkdir(parents=True)
    for name, text in questions.items():
        path = custom / f"{name.replace('__', '/')}.sql"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return custom


GOOD = "-- title: Good\n-- grain: one row\nselect count(*) as answers from responses\n"
BAD = "-- title: Bad\n-- grain: one row\nselect regoin\nfrom responses\n"


def test_a_broken_question_is_an_error_card_and_harms_no_other(
    demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_questions(demo, tmp_path / "data", True, good=GOOD, bad=BAD)
    monkeypatch.setenv("CX_DATA", str(tmp_path / "data"))
    app = opened("explore", "en")
    assert not app.exception
    text = words_of(app)
    assert "Good" in text
    assert "queries/custom/bad.sql:3" in text
    assert "“region”" in text
    assert any("3 | select regoin\n           ^" in block.value for block in app.code)
    assert say("workbench", "en") in text


def test_readers_who_are_no_analysts_see_a_calm_note_instead(
    demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_questions(demo, tmp_path / "data", False, good=GOOD, bad=BAD)
    monkeypatch.setenv("CX_DATA", str(tmp_path / "data"))
    text = words_of(opened("explore", "en"))
    assert "Good" in text
    assert "bad.sql" not in text and "regoin" not in text
    assert say("state.being_mended", "en") in text
    assert say("workbench", "en") not in text


def test_the_last_good_answer_stays_while_a_file_is_broken(
    demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    custom = with_questions(demo, tmp_path / "data", True, good=GOOD)
    monkeypatch.setenv("CX_DATA", str(tmp_path / "data"))
    app = opened("explore", "en")
    (custom / "good.sql").write_text(GOOD.replace("responses", "respones"))
    app.run()
    text = words_of(app)
    assert "“respones”" in text and say("state.last_good", "en") in text and "Good" in text


def test_a_folder_of_questions_is_a_page_laid_out_by_its_page_file(
    demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    custom = with_questions(demo, tmp_path / "data", True, returns__first=GOOD, returns__second=BAD)
    (custom / "returns" / "page.yaml").write_text(
        "title: {en: Returns, ko: 반품}\nintro: All about returns.\nlayout: [[second], [first]]\n", "utf-8"
    )
    monkeypatch.setenv("CX_DATA", str(tmp_path / "data"))
    app = AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=60)
    app.query_params["lang"] = "en"
    app.run()
    assert not app.exception
    catalog = Catalog((tmp_path / "data" / "queries",))
    (page,) = catalog.folders_of_own()
    assert page.title["ko"] == "반품"
    assert page.tabs == {"": (("custom/returns/second",), ("custom/returns/first",))}


@pytest.mark.bad_input("B47")
def test_markup_in_exports_is_shown_as_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    evil = "<script>alert(1)</script>![x](http://127.0.0.1:9/x.png)"
    folder = tmp_path / "responses"
    folder.mkdir()
    times = pa.array([1_760_000_000_000_000 + i * 60_000_000 for i in range(40)], pa.timestamp("us", "UTC"))
    pq.write_table(
        pa.table(
            {
                "response_id": [str(i) for i in range(40)],
                "responded_at": times,
                "metric": ["nps"] * 40,
                "score": [10, 0] * 20,
                "touchpoint": [evil, "shop"] * 20,
                "region": [evil, "north"] * 20,
            }
        ),
        folder / "a.parquet",
    )
    publish.publish(tmp_path, Catalog(settings.query_folders(tmp_path)))
    monkeypatch.setenv("CX_DATA", str(tmp_path))
    app = opened("segments", "en", by="region")
    assert not app.exception
    for part in [*app.title, *app.markdown, *app.caption]:
        assert "<script>" not in part.value
        assert "![x](" not in part.value


def test_a_page_offers_every_metric_that_was_answered_and_no_other(
    demo: Path, one_answer: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CX_DATA", str(demo))
    offered = opened("trends", "en").segmented_control(key="metric").options
    assert len(offered) == 5
    monkeypatch.setenv("CX_DATA", str(one_answer))
    assert opened("trends", "en").segmented_control(key="metric").options == ["NPS"]


def test_a_new_wording_is_no_trend_and_is_said_instead_of_a_change(demo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CX_DATA", str(demo))
    app = opened("overview", "en", period="custom", **{"from": "2026-01-01", "to": "2026-06-30"})
    effort = next(metric for metric in app.metric if "Effort" in metric.label)
    assert effort.delta in (None, "")
    assert "Reworded" in words_of(app)
    assert "Effort CES rose" not in words_of(app)
