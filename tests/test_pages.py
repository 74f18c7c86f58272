"""Every page opens in the app's own test harness: full, empty, with one answer, in both languages."""

import ast
import importlib
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from cx import closing, erasure, exports, progress, publish, settings
from cx.catalog import Catalog
from cx.engine import Engine
from cx.erasure import Entry
from cx.scope import NO_VALUE, Filters
from cx.ui.frame import PAGES as SHIPPED
from cx.ui.view import engine_of, plain, watch_of
from cx.words import WORDS, Language, say

if TYPE_CHECKING:
    from conftest import Company

ROOT = settings.PROJECT
PAGES = sorted(path.stem for path in (ROOT / "pages").glob("*.py"))


def sections(page: str) -> list[str]:
    """The parts that a page is shown in, by their names in the address; one without a name for a page of one part."""
    named = re.search(r"page\.section\(([^)]*)\)", (ROOT / "pages" / f"{page}.py").read_text("utf-8"))
    return re.findall(r'"(\w+)"', named[1]) if named else [""]


def opened(page: str, language: str, **query: str) -> AppTest:
    """The app after it showed a page."""
    app = AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=60)
    app.query_params["lang"] = language
    for name, value in query.items():
        app.query_params[name] = value
    if page != "overview":
        # Going there by switch_page() would draw the Overview first, since only a run makes the pages known.
        app._page_hash = calc_hash(page)
    return app.run()


def words_of(app: AppTest) -> str:
    """Everything written on the page."""
    parts = [*app.title, *app.markdown, *app.caption, *app.subheader]
    return " ".join(part.value for part in parts).replace("\\", "")


VIEWS = [(page, view) for page in PAGES for view in sections(page)]


@pytest.fixture(autouse=True)
def _fresh_caches(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of another company stays; the demo company as it was published is shared by those who only look.

    Nothing is published behind a test's back, where companies share what was published once.
    """
    monkeypatch.setattr(exports.Watch, "_look", lambda watch: setattr(watch, "running", False))
    if "tmp_path" in request.fixturenames or "demo" not in request.fixturenames:
        engine_of.clear()
        watch_of.clear()


def test_there_is_a_page_for_every_entry_of_the_navigation() -> None:
    assert set(PAGES) == set(SHIPPED)


def card_names(app: AppTest) -> list[str]:
    """What the cards on the page are called."""
    return [part.value.removeprefix("##### ") for part in app.markdown if part.value.startswith("##### ")]


@pytest.mark.parametrize("page", PAGES)
def test_a_question_that_is_drawn_in_another_way_has_a_name_of_its_own(page: str) -> None:
    """Whether or not a finding titles it or the card of the file's own way."""
    calls = ast.walk(ast.parse((ROOT / "pages" / f"{page}.py").read_text("utf-8")))
    given = [{one.arg: one.value for one in call.keywords} for call in calls if isinstance(call, ast.Call)]
    drawn = [one for one in given if "chart" in one and "kind" in ast.literal_eval(one["chart"])]
    titles = [ast.literal_eval(one["title"]) for one in drawn]
    assert len(set(titles)) == len(titles) and all(WORDS[title].keys() == {"ko", "en"} for title in titles)


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize(("page", "view"), VIEWS)
def test_every_page_opens_without_exception_error_or_warning(
    page: str, view: str, language: str, demo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CX_DATA", str(demo))
    app = opened(page, language, view=view)
    assert not app.exception
    assert not app.error
    assert not app.warning
    assert say("state.error", language) not in words_of(app)
    assert app.title
    assert len(set(card_names(app))) == len(card_names(app))


def test_a_chart_of_levels_keeps_its_name_where_nothing_moved(demo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CX_DATA", str(demo))
    app = opened("voice", "en")
    assert "What customers praise" in card_names(app)
    told = "Change (against previous period): Nothing moved beyond noise."
    assert plain(told) in [part.value for part in app.markdown], "the bars do not show what moved"


def test_a_card_of_changes_blames_no_filter_where_there_is_nothing_to_compare_with(
    demo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CX_DATA", str(demo))
    app = opened("voice", "en", period="all_time")
    assert {"Complaints that grew or shrank", "Said more, said less"} <= set(card_names(app))
    told = [part.value for part in app.caption]
    assert told.count(say("caption.not_compared", "en")) == 2 and say("state.empty", "en") not in words_of(app)


def test_what_the_browser_loads_ahead_is_sent_once_and_is_gone_when_the_page_is_there(
    one_answer: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CX_DATA", str(one_answer))
    around = importlib.import_module("cx.ui.frame")
    sent: list[str] = []
    drawn = around.picture

    def picture(figure: Any, key: str, alt: str) -> None:
        sent.append(key)
        drawn(figure, key, alt)

    monkeypatch.setattr(around, "picture", picture)
    app = opened("overview", "en")
    assert sent == ["ahead"] and " " not in [metric.label for metric in app.metric]
    app.run()
    assert sent == ["ahead"]


def test_a_metric_that_was_never_asked_has_no_key_figure(one_answer: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CX_DATA", str(one_answer))
    assert [metric.label for metric in opened("overview", "en").metric] == ["NPS"]


def test_a_change_that_alone_would_be_real_is_not_told_to_be_too_small(
    demo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CX_DATA", str(demo))
    app = opened("overview", "en")
    noise = {metric.label: metric.delta for metric in app.metric if "2.3" in str(metric.delta)}
    assert "CSAT" in noise, "of the demo company, alone p is 0.022"
    assert say("verdict.together", "en") in words_of(app)


@pytest.mark.parametrize(("page", "view"), VIEWS)
def test_every_page_is_calm_about_a_company_with_one_answer(
    page: str, view: str, one_answer: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CX_DATA", str(one_answer))
    app = opened(page, "en", view=view)
    assert not app.exception
    assert say("state.error", "en") not in words_of(app)


def test_cards_about_what_nobody_wrote_are_left_out(demo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No customer of the demo names another brand."""
    monkeypatch.setenv("CX_DATA", str(demo))
    shown = words_of(opened("competitors", "en", view="themes"))
    assert "What each brand is praised for" in shown and "From whom to whom" not in shown


def test_the_part_that_is_shown_of_a_page_is_that_pages_own(demo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CX_DATA", str(demo))
    app = opened("voice", "en", view="impact")
    for page, part in (("competitors", "ratings"), ("voice", "impact"), ("competitors", "ratings")):
        app.query_params.clear()
        app._page_hash = calc_hash(page)
        assert not app.run().exception
        assert app.segmented_control(key="view").value == part


def test_of_a_rival_voice_tells_what_reviews_tell_and_of_ourselves_also_what_answers_do(
    demo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CX_DATA", str(demo))
    rival = opened("voice", "en", voice_of="누리몰", view="spread")
    assert rival.session_state["cx_view"].filters.where == (("brand", ("누리몰",)),)
    own = opened("voice", "en", view="spread")
    assert own.session_state["cx_view"].filters.where == ()
    assert rival.selectbox(key="by").value == "source" and own.selectbox(key="by").value == "channel"
    assert len(own.segmented_control(key="view").options) == len(rival.segmented_control(key="view").options) + 1


def test_what_is_new_of_a_rival_is_asked_among_all_brands(demo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The others tell what is the season's."""
    monkeypatch.setenv("CX_DATA", str(demo))
    asked: list[tuple[Any, ...]] = []
    answer = Engine.answer

    def heard(self: Engine, name: str, filters: Filters, params: Any = None, **options: Any) -> Any:
        asked.append((name, filters.columns(), dict(params or {})))
        return answer(self, name, filters, params, **options)

    monkeypatch.setattr(Engine, "answer", heard)
    opened("voice", "en", voice_of="누리몰")
    assert [(where, given["brand"]) for name, where, given in asked if name == "voice/emerging"] == [((), "누리몰")]
    assert {one[1] for one in asked if one[0] == "voice/complaints"} == {("brand",)}


def test_where_to_look_closer_says_what_does_not_differ_and_crosses_what_is_left_to_cross(
    demo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CX_DATA", str(demo))
    app = opened("segments", "en", touchpoint="pay", channel="app")
    assert app.title[0].value == "Region\\: no difference beyond noise"
    assert app.selectbox(key="by").value == "region" and app.selectbox(key="by2").value not in ("touchpoint", "channel")


@pytest.mark.parametrize(
    ("page", "asked", "told", "ways_out"),
    [
        ("voice", {"view": "texts", "search": "zebra"}, "No text of this period holds all words of “zebra”", 0),
        (
            "voice",
            {"view": "texts", "product": NO_VALUE, "tier": "gold", "channel": "phone", "country": "TW"},
            "has ",
            1,
        ),
        ("trends", {"period": "custom", "from": "2023-11-01", "to": "2023-11-02"}, "There is data for 1 Oct 2024", 1),
        ("segments", {"metric": "csat", "by": "source"}, "hold nothing that this card is about", 0),
    ],
)
def test_where_nothing_is_found_the_reason_is_told_and_the_filters_are_blamed_only_if_they_are_to_blame(
    page: str, asked: dict[str, str], told: str, ways_out: int, demo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CX_DATA", str(demo))
    app = opened(page, "en", **asked)
    assert not app.exception
    assert told in words_of(app)
    assert (sum(button.label == say("state.empty.reset", "en") for button in app.button) > 0) == bool(ways_out)


def test_a_metric_of_reviews_is_broken_down_by_what_reviews_tell(demo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CX_DATA", str(demo))
    app = opened("segments", "en", metric="rating")
    assert not app.exception and say("state.empty", "en") not in words_of(app)
    assert not {"Tier", "Touchpoint"} & {option for key in ("by", "by2") for option in app.selectbox(key=key).options}


def test_beside_figures_of_a_region_no_standing_is_told_of_reviews_which_know_none(
    demo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CX_DATA", str(demo))
    assert "is number" in words_of(opened("overview", "en"))
    assert "is number" not in words_of(opened("overview", "en", region="busan"))


def test_what_an_export_names_in_both_languages_is_shown_in_the_readers(
    demo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CX_DATA", str(demo))
    for language, title, owner in (("en", "Call back", "Logistics"), ("ko", "불만 고객 회신", "물류팀")):
        table = next(one.value for one in opened("overview", language).dataframe if len(one.value) == 4)
        assert table.iloc[0, 0] == title and table.iloc[0, 1] == owner


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize(("page", "lacking"), [("journey", "steps"), ("segments", "segments")])
def test_a_page_says_once_what_the_answers_lack_for_it(
    page: str, lacking: str, language: Language, one_answer: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CX_DATA", str(one_answer))
    app = opened(page, language)
    assert not app.exception and not card_names(app)
    assert [part.value for part in app.caption] == [plain(say(f"state.absent.{lacking}", language))]


def test_a_time_before_all_data_is_not_said_to_be_compared_with(
    one_answer: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CX_DATA", str(one_answer))
    told = words_of(opened("overview", "en"))
    assert "to compare with" in told and "Compared with" not in told and "Last year" not in told


def test_few_answers_are_not_taken_for_a_quiet_time(company: "Company", monkeypatch: pytest.MonkeyPatch) -> None:
    days = ("2026-02-03", "2026-02-10", "2026-03-03", "2026-03-10")
    company.answers([{"score": 9, "tier": "gold", "responded_at": f"{day}T12:00:00+09:00"} for day in days])
    publish.publish(company.data, Catalog(settings.query_folders(company.data)))
    monkeypatch.setenv("CX_DATA", str(company.data))
    told = words_of(opened("overview", "en", period="custom", **{"from": "2026-03-01", "to": "2026-03-31"}))
    assert "Too few answers to tell what moved" in told and "answers enough to judge" in told
    assert "Nothing calls for a change" not in told


def test_the_page_of_trends_is_titled_by_what_it_shows_of_which_metric(
    demo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CX_DATA", str(demo))
    app = opened("trends", "en")
    told = app.title[0].value.replace("\\", "")
    assert told.startswith("NPS: ") and ("lowest" in told or "clearly lower" in told)
    assert "Over time" in card_names(app), "what the page's title says is not said once more"
    split = opened("trends", "en", by="channel")
    assert split.title[0].value.replace("\\", "") == "Trends: NPS"
    assert any("by channel" in part.value for part in split.caption)
    assert not any("by channel" in part.value and "band" in part.value for part in split.caption), "none is drawn"


def test_the_overview_tells_what_is_complained_about_more_and_leads_to_the_voice(
    company: "Company", monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [("2026-03", "parcel came late, bad delivery", 90), ("2026-03", "fine", 210), ("2026-02", "fine", 300)]
    company.answers(
        [
            {"score": 5, "comment": text, "responded_at": f"{month}-{1 + number % 28:02}T12:00:00+09:00"}
            for month, text, many in texts
            for number in range(many)
        ]
    )
    publish.publish(company.data, Catalog(settings.query_folders(company.data)))
    monkeypatch.setenv("CX_DATA", str(company.data))
    app = opened("overview", "en", period="custom", **{"from": "2026-03-01", "to": "2026-03-31"})
    assert "about delivery rose" in words_of(app) and "Read the complaints about delivery" in words_of(app)
    app.button(key="look 0").click().run()
    assert not app.exception and app.segmented_control(key="view").value == "themes"


def test_a_finding_of_two_that_meet_leads_to_a_title_and_a_map_of_that_change(
    company: "Company", monkeypatch: pytest.MonkeyPatch
) -> None:
    now = {("gold", "app"): (2, 2), ("gold", "web"): (9, 8), ("basic", "app"): (9, 8), ("basic", "web"): (8, 8)}
    company.answers(
        [
            {"score": score, "tier": tier, "channel": channel, "responded_at": f"2026-{month}-03T12:00:00+09:00"}
            for (tier, channel), scores in now.items()
            for month, given in (("02", (8, 8)), ("03", scores))
            for score in given * 60
        ]
    )
    publish.publish(company.data, Catalog(settings.query_folders(company.data)))
    monkeypatch.setenv("CX_DATA", str(company.data))
    app = opened("overview", "en", period="custom", **{"from": "2026-03-01", "to": "2026-03-31"})
    told = next(part.value for part in app.markdown if "×" in part.value)
    assert "gold" in told and "app" in told and "fell" in told
    app.button(key="look 0").click().run()
    assert not app.exception
    assert {app.selectbox(key=key).value for key in ("by", "by2")} == {"tier", "channel"}
    assert re.search("gold × app|app × gold", app.title[0].value) and "fell 100" in app.title[0].value.replace("\\", "")
    assert "Changes where two meet" in card_names(app)


def test_the_overview_tells_of_a_rivals_sudden_complaint_and_leads_to_its_texts(
    company: "Company", monkeypatch: pytest.MonkeyPatch
) -> None:
    company.text("cx.toml", 'brand = "A"')
    texts = [(brand, month, "fine") for brand in "AB" for month in ("02", "03") for _ in range(60)]
    texts += [("A", month, "The delivery was terrible") for month in ("02", "03")]
    texts += [("B", "03", "My personal data was leaked, terrible")] * 30
    company.write(
        "reviews/a.parquet",
        [
            {"review_id": str(place), "reviewed_at": f"2026-{month}-03", "brand": brand, "rating": 3.0, "body": text}
            for place, (brand, month, text) in enumerate(texts)
        ],
    )
    publish.publish(company.data, Catalog(settings.query_folders(company.data)))
    monkeypatch.setenv("CX_DATA", str(company.data))
    app = opened("overview", "en", period="custom", **{"from": "2026-03-01", "to": "2026-03-31"})
    assert "Read what B is blamed for about personal data and security" in words_of(app)
    app.button(key="look 0").click().run()
    assert not app.exception and app.selectbox(key="voice_of").value == "B"
    assert app.title[0].value.startswith("B\\: Complaints about personal data and security rose")
    chosen = app.selectbox(key="voice_of").set_value("A").run()
    assert chosen.title[0].value == "Complaints\\: nothing moved beyond noise", (
        "of what, beside all that is told of others"
    )


@pytest.mark.parametrize(("page", "view"), VIEWS)
def test_every_page_is_calm_when_no_answer_matches_the_filters(
    page: str, view: str, demo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CX_DATA", str(demo))
    app = opened(page, "en", view=view, period="custom", **{"from": "2024-01-01", "to": "2024-01-02"})
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


@pytest.mark.parametrize("analysts", [True, False])
def test_what_of_a_question_may_be_wrong_stands_below_its_card_for_those_who_can_mend_it(
    demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, analysts: bool
) -> None:
    doubtful = GOOD.replace("select", "-- by: region\nselect")
    with_questions(demo, tmp_path / "data", analysts, doubtful=doubtful)
    monkeypatch.setenv("CX_DATA", str(tmp_path / "data"))
    text = words_of(opened("explore", "en"))
    assert ("queries/custom/doubtful.sql:3: `by: region` splits nothing" in text.replace("\\", "")) == analysts


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


def test_of_a_folder_with_tabs_only_the_open_one_is_asked(
    demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    custom = with_questions(demo, tmp_path / "data", True, returns__first=GOOD, returns__second=GOOD)
    (custom / "returns" / "page.yaml").write_text("tabs: {Now: [[first]], Then: [[second]]}\n", "utf-8")
    monkeypatch.setenv("CX_DATA", str(tmp_path / "data"))
    asked: list[str] = []
    answer = Engine.answer
    monkeypatch.setattr(Engine, "answer", lambda *given, **more: asked.append(given[1]) or answer(*given, **more))
    app = opened("overview", "en")
    # A folder's page is a function, which the harness finds by no path.
    app._page_hash = calc_hash("returns")
    for tab, question, other in (("", "first", "second"), ("Then", "second", "first")):
        asked.clear()
        if tab:
            app.session_state["tabs returns"] = tab
        assert not app.run().exception
        assert f"custom/returns/{question}" in asked and f"custom/returns/{other}" not in asked
        assert len(card_names(app)) == 1


def test_the_menu_of_a_card_holds_nothing_until_it_is_opened(
    demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_questions(demo, tmp_path / "data", False, good=GOOD)
    monkeypatch.setenv("CX_DATA", str(tmp_path / "data"))
    app = opened("explore", "en")
    assert not app.code and not app.tabs
    (menu,) = [key for key in app.session_state if key.startswith("menu custom/good")]
    app.session_state[menu] = True
    assert not app.run().exception
    assert [block.value for block in app.code] == [GOOD.strip()]
    assert [tab.label for tab in app.tabs] == [say(f"card.{part}", "en") for part in ("data", "sql", "definition")]


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


@pytest.fixture
def restated(company: "Company", monkeypatch: pytest.MonkeyPatch) -> "Company":
    """A company whose February was closed before a late answer came, with a customer erased and one under a hold."""
    for name, day, score in (("early", "2026-02-10", 10), ("march", "2026-03-31", 9)):
        company.answers(
            [{"response_id": name, "score": score, "responded_at": f"{day}T12:00:00+09:00", "customer_id": name}],
            f"responses/{name}.parquet",
        )
    catalog = Catalog(settings.query_folders(company.data))
    publish.publish(company.data, catalog)
    engine = Engine(company.data, settings.query_folders(company.data))
    closing.close(engine, "2026-02", "park", "board")
    engine.close()
    company.answers(
        [
            {"response_id": "late", "score": 0, "responded_at": "2026-02-11T12:00:00+09:00"},
            {"response_id": "x", "score": 99},
        ],
        "responses/late.parquet",
    )
    hold = Entry("customer-under-hold-321", date(2026, 11, 1), "park", date(2099, 12, 31), "소송 진행 중")
    erasure.add(company.data, [Entry("someone", date(2026, 11, 1)), hold])
    publish.publish(company.data, catalog)
    monkeypatch.setenv("CX_DATA", str(company.data))
    return company


def tables_of(app: AppTest) -> str:
    """Every cell of the page's tables."""
    return " ".join(frame.value.to_csv(index=False) for frame in app.dataframe)


def test_the_data_page_tells_freshness_gaps_changes_closed_months_and_holds(restated: "Company") -> None:
    app = opened("data", "en")
    assert not app.exception and not app.error and not app.warning
    said, cells = words_of(app), tables_of(app)
    assert "47 days are without rows. The last is 30 Mar 2026." in said
    assert "responses,2026-02,1,0,0" in cells, "one row was added to February"
    assert "outside the scale" in cells
    assert '2026-02,NPS,All,"100.0 [' in cells and "(n 1)" in cells and "(n 2)" in cells
    assert "1 customers are erased from every snapshot." in said
    assert "2099-12-31" in cells and "소송 진행 중" in cells and "…321" in cells
    assert "customer-under-hold" not in said + cells


def test_the_calendar_can_be_cut_to_a_file_and_a_year(restated: "Company") -> None:
    app = opened("data", "en")
    app.selectbox(key="data file responses").set_value("responses/march.parquet").run()
    assert "No day is without rows." in words_of(app)
    assert not app.exception


def test_other_pages_name_a_closed_month_that_is_no_longer_as_reported(restated: "Company") -> None:
    assert "Includes months restated since they were closed: Feb 2026" in words_of(
        opened("overview", "en", period="all_time")
    )
    assert "마감 뒤 값이 바뀐 달 포함: 2026년 2월" in words_of(opened("trends", "ko", period="all_time"))
    assert "restated" not in words_of(opened("overview", "en", period="last_7_days"))


def test_a_list_of_erasures_that_cannot_be_read_is_an_error_card_on_the_data_page_only(restated: "Company") -> None:
    restated.text(erasure.FILE, "nonsense\n")
    assert "erasures.csv" in words_of(opened("data", "en"))
    assert "erasures.csv" not in words_of(opened("overview", "en"))


@pytest.mark.parametrize("analysts", [True, False])
def test_a_day_that_is_held_is_shown_and_analysts_may_release_it(
    company: "Company", monkeypatch: pytest.MonkeyPatch, analysts: bool
) -> None:
    company.text("cx.toml", f"analysts = {str(analysts).lower()}")
    noon = datetime.now(UTC).replace(hour=3, minute=0)
    company.answers(
        [
            {"response_id": f"{ago}-{number}", "score": 9, "responded_at": (noon - timedelta(days=ago)).isoformat()}
            for ago in range(1, 64)
            for number in range(3 if ago == 1 else 30)
        ]
    )
    company.publish()
    monkeypatch.setenv("CX_DATA", str(company.data))
    released: list[bool] = []
    monkeypatch.setattr(exports.Watch, "release", lambda _watch: released.append(True))
    app = opened("data", "ko")
    assert "보류한 날" in words_of(app)
    assert any(list(table.value.iloc[0])[-2:] == [3, 30] for table in app.dataframe if len(table.value.columns) == 5)
    buttons = [button for button in app.button if button.key == "release"]
    assert len(buttons) == analysts
    for button in buttons:
        button.click().run()
    assert released == [True] * analysts


def test_a_file_that_came_again_cut_off_may_be_released(company: "Company", monkeypatch: pytest.MonkeyPatch) -> None:
    company.text("cx.toml", "analysts = true")
    for rows in (40, 10):
        company.answers([{"score": 9}] * rows)
        company.publish()
    monkeypatch.setenv("CX_DATA", str(company.data))
    assert [button.key for button in opened("data", "en").button if "release" in str(button.key)] == ["release files"]


def test_a_bar_shows_how_far_publishing_is(restated: "Company", monkeypatch: pytest.MonkeyPatch) -> None:
    step = progress.Step("reading", "a.parquet", 3, 4, 0.5, 0.5)
    monkeypatch.setattr(progress, "under_way", lambda data: step)
    (bar,) = opened("data", "ko").get("progress")
    assert bar.proto.value == int(100 * step.share)
    assert "파일 읽기와 검사 · 4개 중 3번째" in bar.proto.text.replace("\\", "")


LISTS = "-- title: Lists\n-- grain: one row\nselect [1, 2] as a, {'b': ['x', null]} as c, date '2026-01-02' as d\n"
UNDRAWABLE = "-- title: Undrawable\n-- grain: one row\n-- chart: {kind: bar, x: a, y: b}\nselect [1] as a, 1 as b\n"


def test_lists_are_shown_in_a_table_and_a_chart_that_cannot_draw_them_says_so(
    demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_questions(demo, tmp_path / "data", True, lists=LISTS, undrawable=UNDRAWABLE)
    monkeypatch.setenv("CX_DATA", str(tmp_path / "data"))
    app = opened("explore", "en")
    assert not app.exception
    shown = [frame.value.to_dict("list") for frame in app.dataframe]
    assert any(list(one.values()) == [["1, 2"], ["b: x, "], ["2026-01-02"]] for one in shown)
    assert "queries/custom/undrawable.sql:3" in words_of(app)
    assert "holds lists" in words_of(app)


def test_a_card_that_we_fail_to_draw_is_a_calm_note_and_harms_no_other(
    demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cx.ui import cards

    whole = cards.shown_table

    def broken(view: Any, asked: Any, answer: Any, **more: Any) -> Any:
        if asked.name == "custom/lists":
            raise TypeError("secret value")
        return whole(view, asked, answer, **more)

    monkeypatch.setattr(cards, "shown_table", broken)
    with_questions(demo, tmp_path / "data", True, good=GOOD, lists=LISTS)
    monkeypatch.setenv("CX_DATA", str(tmp_path / "data"))
    app = opened("explore", "en")
    assert not app.exception
    assert "The product itself failed while drawing custom/lists" in words_of(app)
    assert "secret" not in words_of(app) and "Good" in words_of(app)
