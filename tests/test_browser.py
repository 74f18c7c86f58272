"""The main ways through the dashboard, in a real browser."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect, sync_playwright

from cx import demo as company
from cx import publish, settings
from cx.catalog import Catalog

pytestmark = pytest.mark.browser
reads = pytest.mark.xdist_group("reads")
writes = pytest.mark.xdist_group("writes")
"""Tests of one process, which has one browser and one server: over the demo company, or over a copy of their own."""

CHROMIUM = os.environ.get("CX_CHROMIUM") or shutil.which("chromium") or ""
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
PHONE = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156 Mobile Safari/537.36"


HOSTILE = (
    "<img src='http://127.0.0.1:9/x' onerror='window.hit = 1'><script>window.hit = 2</script> "
    "[link](javascript:alert(1)) **bold** $x^2$ :red[no] =1+1"
)


BEYOND = "() => document.querySelector('[data-testid=stMain]').scrollWidth - window.innerWidth"
"""By how much a page is wider than the window."""

BROKEN = """() => [...document.querySelectorAll('[data-testid=stMain] :is(h1, h5, p)')].flatMap(block => {
    const found = [], walker = document.createTreeWalker(block, NodeFilter.SHOW_TEXT), range = document.createRange()
    while (walker.nextNode()) for (const word of walker.currentNode.data.matchAll(/[가-힣]+/g)) {
        range.setStart(walker.currentNode, word.index)
        range.setEnd(walker.currentNode, word.index + word[0].length)
        if (new Set([...range.getClientRects()].map(line => line.top)).size > 1) found.push(word[0])
    }
    return found
})"""
"""The Korean words that a line ends in the middle of."""

LINK = """name => [...document.querySelectorAll('a[data-testid*=NavLink]')]
    .find(link => new URL(link.href).pathname === '/' + name).click()"""
"""Follows the navigation's link to a page."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def served(data: Path) -> Iterator[str]:
    """The dashboard over a data folder; gives its address."""
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", "dashboard.py", "--server.port", str(port)],
        cwd=settings.PROJECT,
        env={**os.environ, "CX_DATA": str(data)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(120):
            try:
                urllib.request.urlopen(f"{address}/_stcore/health", timeout=1).close()
                break
            except OSError:
                time.sleep(0.5)
        yield address
    finally:
        server.terminate()
        server.wait(10)


@pytest.fixture(scope="module")
def data(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A published demo company that tests may change."""
    folder = tmp_path_factory.mktemp("browser") / "data"
    shutil.copytree(demo, folder)
    moment = datetime(2026, 11, 20, 3, tzinfo=UTC)
    hostile = [
        {
            "response_id": f"hostile {number}",
            "responded_at": moment,
            "survey": "purchase",
            "metric": "nps",
            "score": 0.0,
        }
        | {"touchpoint": "pay", "channel": "app", "customer_id": f"H{number}", "comment": f"zebra{number} {HOSTILE}"}
        for number in range(20)
    ]
    pq.write_table(pa.Table.from_pylist(hostile), folder / "responses" / "hostile.parquet")
    publish.publish(folder, Catalog(settings.query_folders(folder)))
    return folder


@pytest.fixture(scope="module")
def site(demo: Path) -> Iterator[str]:
    with served(demo) as address:
        yield address


@pytest.fixture(scope="module")
def own_site(data: Path) -> Iterator[str]:
    with served(data) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    assert CHROMIUM, "Chromium is missing; scripts/test installs it."
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


@pytest.fixture(scope="module")
def desk(browser: Browser) -> Iterator[BrowserContext]:
    """A wide window; its pages share what they loaded of Streamlit and Plotly."""
    with browser.new_context(viewport={"width": 1440, "height": 1400}) as context:
        context.set_default_timeout(60_000)
        yield context


@pytest.fixture(scope="module")
def phone(browser: Browser) -> Iterator[BrowserContext]:
    with browser.new_context(viewport={"width": 390, "height": 900}, user_agent=PHONE) as context:
        context.set_default_timeout(60_000)
        yield context


@pytest.fixture
def page(desk: BrowserContext) -> Iterator[Page]:
    expect.set_options(timeout=60_000)
    with desk.new_page() as opened:
        yield opened


def settled(page: Page) -> None:
    """Wait until the script has run and drawn."""
    page.wait_for_timeout(400)
    # What is loaded ahead goes when a first page is drawn to its end; the status shows only after a while.
    page.wait_for_function(
        "() => !document.querySelector('[data-testid=stStatusWidget], .st-key-ahead .js-plotly-plot')"
    )
    page.wait_for_timeout(500)


def shown(page: Page, address: str) -> None:
    """Open a page, which never is wider than the window."""
    page.goto(address)
    page.wait_for_selector("h1")
    settled(page)
    assert page.evaluate(BEYOND) <= 0


def text(page: Page, selector: str = "[data-testid=stMain]") -> str:
    return page.locator(selector).first.inner_text()


@writes
def test_the_first_visit_publishes_and_then_shows_the_key_figures(page: Page, tmp_path: Path) -> None:
    company.write(tmp_path / "data", answers=600)
    for month in (tmp_path / "data").glob("*/202[45]-*.parquet"):
        month.unlink()
    with served(tmp_path / "data") as address:
        shown(page, f"{address}/?lang=en")
        expect(page.locator("[data-testid=stMetric]")).to_have_count(5)
        expect(page.get_by_text("What moved").first).to_be_visible()


@reads
def test_a_link_to_a_page_opens_it_with_its_filters(page: Page, site: str) -> None:
    shown(page, f"{site}/trends?lang=en&region=busan&period=last_12_months&metric=csat")
    assert "Region Busan" in text(page)
    assert "CSAT" in text(page)


@reads
def test_clicking_a_bar_opens_its_answers_and_filters_by_it_on_every_page_where_wanted(page: Page, site: str) -> None:
    shown(page, f"{site}/segments?lang=en&by=tier")
    page.wait_for_selector(".js-plotly-plot .point path")
    page.locator(".js-plotly-plot").first.locator(".point path").first.click(force=True)
    opened = page.get_by_role("dialog", name="Answers behind it")
    expect(opened.get_by_text(re.compile(r"^NPS · n\s"))).to_be_visible()
    assert "tier=" not in page.url
    opened.get_by_role("button", name=re.compile("Filter by")).click()
    page.wait_for_url(re.compile("tier="))
    chosen = re.search(r"tier=(\w+)", page.url)
    assert chosen
    expect(opened).to_have_count(0)
    page.get_by_role("link", name="Journey").first.click()
    page.wait_for_url(re.compile(rf"/journey\?.*tier={chosen.group(1)}"))
    settled(page)
    assert "Tier " in text(page)
    page.get_by_role("button", name="Reset").click()
    page.wait_for_url(re.compile(r"/journey(?!.*tier=)"))


def behind_the_first_card(page: Page) -> Locator:
    """The dialog of the answers behind a page's first card, by its menu."""
    page.get_by_role("button", name="More").nth(1).click()
    page.get_by_role("button", name="Answers behind it").click()
    return page.get_by_role("dialog", name="Answers behind it")


def answers_in(page: Page, number: int, first: str = "") -> list[str]:
    """The first lines of the answers in the dialog, once there are so many and the first says so."""
    captions = page.get_by_role("dialog", name="Answers behind it").locator("[data-testid=stCaptionContainer]")
    heads = captions.filter(has_text=re.compile(r"\d+ · (promoters|passives|detractors)"))
    expect(heads).to_have_count(number)
    expect(heads.first).to_contain_text(first)
    settled(page)
    return heads.all_inner_texts()


@reads
def test_a_card_without_a_mouse_shows_the_answers_behind_each_of_its_figures(page: Page, site: str) -> None:
    shown(page, f"{site}/segments?lang=en&by=tier")
    page.locator("[data-testid=stPopover] button[aria-label=More], [data-testid=stPopover] button").nth(1).press(
        "Enter"
    )
    page.get_by_role("button", name="Answers behind it").press("Enter")
    dialog = page.get_by_role("dialog", name="Answers behind it")
    expect(dialog.get_by_role("button", name="Ten more")).to_be_visible()
    first = answers_in(page, 10)
    dialog.get_by_role("button", name="Ten more").press("Enter")
    expect(dialog.get_by_role("button", name="Ten more")).to_be_visible()
    assert answers_in(page, 20)[:10] == first
    dialog.get_by_text("Lowest", exact=True).click()
    assert all("0 · detractors" in head for head in answers_in(page, 20, "0 · detractors")[:3])
    dialog.get_by_label("Search comments").fill("no such words")
    dialog.get_by_label("Search comments").press("Enter")
    expect(dialog.get_by_text("No answer matches.")).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


@reads
def test_behind_a_figure_about_a_rival_stand_its_texts(page: Page, site: str) -> None:
    shown(page, f"{site}/voice?lang=en&voice_of=누리몰")
    dialog = behind_the_first_card(page)
    expect(dialog.get_by_text(re.compile(r"Brand Nuri Mall"))).to_be_visible()


@reads
def test_the_language_changes_every_word_and_keeps_the_filters(page: Page, site: str) -> None:
    shown(page, f"{site}/journey?lang=en&channel=app")
    assert "Along the journey" in text(page) or "weakest" in text(page)
    page.get_by_text("한국어", exact=True).click()
    page.wait_for_function("() => document.querySelector('[data-testid=stMain]').innerText.includes('여')")
    settled(page)
    words = text(page)
    assert "채널 앱" in words
    assert "customers" not in words


@reads
def test_a_finding_leads_to_the_place_itself(page: Page, site: str) -> None:
    shown(page, f"{site}/?lang=en&period=last_12_months&compare=year")
    look = page.get_by_role("button", name="Look closer")
    if look.count():
        look.first.click()
        page.wait_for_url(re.compile("/segments"))
        settled(page)
        assert "answers" in text(page)
    else:
        assert "No segment moved" in text(page)


@reads
def test_the_way_back_keeps_the_language_and_ends(page: Page, site: str) -> None:
    """The browser keeps an address without a language for each page that was gone to."""
    shown(page, f"{site}/?lang=en")
    for name in ("Journey", "Trends"):
        page.get_by_role("link", name=name, exact=True).click()
        expect(page).to_have_url(re.compile(f"{name.lower()}.*lang=en"))
        settled(page)
    for _ in range(5):
        if page.url == f"{site}/?lang=en":
            break
        page.go_back()
        settled(page)
        expect(page.get_by_role("link", name="Journey", exact=True)).to_be_visible()
    assert page.url == f"{site}/?lang=en"


@reads
def test_five_key_figures_are_three_above_two_on_a_tablet(page: Page, site: str) -> None:
    page.set_viewport_size({"width": 820, "height": 1100})
    shown(page, f"{site}/?lang=en")
    expect(page.locator("[data-testid=stMetric]")).to_have_count(5)
    tops = [box["y"] for one in page.locator("[data-testid=stMetric]").all() if (box := one.bounding_box())]
    assert tops[0] == tops[1] == tops[2] < tops[3] == tops[4]


@writes
def test_a_saved_question_becomes_a_card_and_a_broken_one_an_error_card(page: Page, own_site: str, data: Path) -> None:
    own = data / "queries" / "custom"
    own.mkdir(parents=True, exist_ok=True)
    file = own / "by_channel.sql"
    file.write_text(
        '-- title: "NPS per channel"\n-- grain: one row per channel\n-- chart: {kind: bar, x: channel}\n'
        "select channel, tally(n, w, w2, wx, wx2) as figure from scores where metric = 'nps' group by channel\n"
    )
    try:
        shown(page, f"{own_site}/explore?lang=en")
        assert "NPS per channel" in text(page)
        file.write_text(file.read_text().replace("from scores", "from scors"))
        shown(page, f"{own_site}/explore?lang=en")
        words = text(page)
        assert "There is no table “scors”" in words
        assert "“scores”" in words
        assert "NPS by day of the week" in words
    finally:
        file.unlink()


@writes
def test_a_folder_is_a_page_whose_cards_follow_a_saved_file(page: Page, own_site: str, data: Path) -> None:
    folder = data / "queries" / "custom" / "returns"
    folder.mkdir(parents=True)
    question = folder / "by_channel.sql"
    sql = "select channel, tally(n, w, w2, wx, wx2) as figure from scores where metric = 'nps' group by channel\n"
    question.write_text(
        f"-- title: First words\n-- grain: one row per channel\n-- chart: {{kind: bar, x: channel}}\n{sql}"
    )
    (folder / "page.yaml").write_text("title: {en: Returned goods, ko: 반품}\nintro: How returns are lived through.\n")
    shown(page, f"{own_site}/?lang=en")
    page.get_by_text("Our pages").first.click()
    page.get_by_text("Returned goods").first.click()
    expect(page.locator("h1")).to_contain_text("Returned goods")
    expect(page.locator("h5", has_text="First words")).to_be_visible()
    assert "How returns are lived through." in text(page)
    question.write_text(question.read_text().replace("First words", "Second words"))
    expect(page.locator("h5", has_text="Second words")).to_be_visible(timeout=5_000)
    shutil.rmtree(folder)


@reads
def test_a_question_can_be_tried_on_the_workbench(page: Page, site: str) -> None:
    shown(page, f"{site}/explore?lang=en")
    page.get_by_role("button", name="Run").click()
    expect(page.locator("h5", has_text="A new question")).to_be_visible()
    expect(page.locator("[data-testid=stPlotlyChart]").first).to_be_visible()
    page.locator("textarea").first.fill("-- title: Wrong\n-- grain: one row\nselect chanel from scores\n")
    page.keyboard.press("Control+Enter")
    settled(page)
    page.get_by_role("button", name="Run").click()
    expect(page.get_by_text("Did you mean “channel”?")).to_be_visible()


@reads
def test_a_card_offers_its_data_sql_and_definition(page: Page, site: str) -> None:
    shown(page, f"{site}/journey?lang=en")
    page.locator("[data-testid=stPopover] button").nth(1).click()
    page.get_by_role("tab", name="SQL").click()
    settled(page)
    with page.expect_download() as download:
        page.get_by_role("tab", name="Data").click()
        page.get_by_role("button", name="Download CSV").first.click()
    rows = Path(download.value.path()).read_text(encoding="utf-8-sig").splitlines()
    assert rows[0].startswith("touchpoint,")


@reads
def test_on_a_phone_korean_words_stay_whole_texts_are_read_whole_and_a_copy_holds_no_invisible_sign(
    phone: BrowserContext, site: str
) -> None:
    opened = phone.new_page()
    shown(opened, f"{site}/voice?lang=ko&view=texts")
    told = text(opened)
    assert not re.search("[\u200b-\u200f\u2060-\u2064\ufeff]", told)
    assert not opened.evaluate(BROKEN)
    texts = opened.locator("[data-testid=stMain] p").all_inner_texts()
    assert any(len(one) > 30 and one.endswith((".", "요.", "다.")) for one in texts)
    opened.close()


@reads
@pytest.mark.parametrize("width", [1440, 390])
def test_no_page_is_wider_than_the_window_or_calls_an_outside_host(
    desk: BrowserContext, phone: BrowserContext, site: str, width: int
) -> None:
    """From page to page by its links, as a reader goes."""
    opened = (phone if width < 500 else desk).new_page()
    opened.emulate_media(color_scheme="dark")
    foreign: list[str] = []
    opened.on("request", lambda request: foreign.append(request.url) if "127.0.0.1" not in request.url else None)
    shown(opened, f"{site}/data?lang=ko")
    for name in sorted(path.stem for path in (settings.PROJECT / "pages").glob("*.py")):
        # A phone's menu covers the page while it is open, but its links are there.
        opened.evaluate(LINK, "" if name == "overview" else name)
        opened.wait_for_url(re.compile(rf"/{'' if name == 'overview' else name}(\?|$)"))
        settled(opened)
        described = opened.evaluate(
            "() => [...document.querySelectorAll('[data-testid=stPlotlyChart]')]"
            ".every(e => e.querySelector('[aria-label]') || e.getAttribute('aria-label') || e.closest('[aria-label]'))"
        )
        assert opened.evaluate(BEYOND) <= 0 and described, name
    assert not [url for url in foreign if not url.startswith(("data:", "blob:"))]
    opened.close()


@writes
def test_nobody_sees_a_stack_trace_when_a_page_fails(page: Page, own_site: str, data: Path) -> None:
    toml = data / "cx.toml"
    kept = toml.read_text(encoding="utf-8")
    toml.write_text(kept + "\nnot toml", encoding="utf-8")
    try:
        page.goto(f"{own_site}/?lang=en")
        page.wait_for_selector("h5")
        settled(page)
        words = text(page)
        assert "cx.toml" in words
        assert "Traceback" not in words
    finally:
        toml.write_text(kept, encoding="utf-8")


@writes
def test_markup_in_a_comment_is_shown_letter_by_letter_and_runs_nothing(page: Page, own_site: str) -> None:
    shown(page, f"{own_site}/segments?lang=en&by=channel&touchpoint=pay&period=custom&from=2026-11-20&to=2026-11-20")
    dialog = behind_the_first_card(page)
    expect(dialog.get_by_text(HOSTILE, exact=False).first).to_be_visible()
    assert page.evaluate("() => window.hit") is None
    assert not page.locator("img[src*='9/x'], script[src*='9/x'], a[href*='javascript']").count()


@writes
def test_a_new_export_is_shown_without_a_restart(page: Page, own_site: str, data: Path) -> None:
    shown(page, f"{own_site}/data?lang=en")
    before = (data / ".published" / "CURRENT").read_text()
    source = next((data / "responses").glob("2026-11.parquet"))
    pq.write_table(pq.read_table(source).slice(0, 50), data / "responses" / "again.parquet")
    try:
        for _ in range(120):
            if (data / ".published" / "CURRENT").read_text() != before:
                break
            time.sleep(0.5)
        assert (data / ".published" / "CURRENT").read_text() != before
        shown(page, f"{own_site}/data?lang=en")
        assert (data / ".published" / "CURRENT").read_text().strip() in text(page)
    finally:
        (data / "responses" / "again.parquet").unlink()
