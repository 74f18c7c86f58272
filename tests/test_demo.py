"""The demo company keeps the contract, and its planted stories can be found with plain arithmetic."""

import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from cx import demo

TABLES = {  # table: its key, then the other required columns and those the pages live on
    "responses": "response_id responded_at metric score customer_id experienced_at survey question"
    " wording_version touchpoint channel unit_id comment language region tier country age_band",
    "reviews": "review_id reviewed_at brand rating source title body language country product version"
    " verified incentivised replied_at",
    "customers": "customer_id joined_at churned_at tier country age_band",
    "events": "event_id customer_id occurred_at kind order_id promised_at finished_at touchpoint channel"
    " department unit_id amount resolved transferred wait_seconds handling_seconds",
    "invitations": "invitation_id sent_at customer_id touchpoint channel response_id",
    "touchpoints": "touchpoint position stage owner label_en label_ko",
    "units": "unit_id parent_id valid_from valid_to label_en label_ko",
    "targets": "metric value from to",
    "benchmarks": "source year company value",
    "actions": "action_id title started_at owner raised_at answered_at finished_at touchpoint theme metric",
    "calendar": "day label label_en kind",
}
UNIQUE = ["responses", "reviews", "customers", "events", "invitations", "touchpoints", "actions"]


def read(directory: Path, table: str) -> pd.DataFrame:
    return pq.read_table(directory / table).to_pandas()


def contents(directory: Path) -> dict[str, object]:
    parquet = {str(f.relative_to(directory)): pq.read_table(f) for f in sorted(directory.rglob("*.parquet"))}
    return parquet | {name: (directory / name).read_text("utf-8") for name in ("cx.toml", "STORIES.md")}


def is_within(moments: pd.Series, first: str, last: str) -> pd.Series:
    day = moments.dt.tz_convert("Asia/Seoul").dt.tz_localize(None).dt.normalize()
    return day.between(first, last)


def difference(before: pd.Series, after: pd.Series) -> tuple[float, float]:
    """Return the change of the mean and how many standard errors it is."""
    change = after.mean() - before.mean()
    return change, change / np.sqrt(before.var() / len(before) + after.var() / len(after))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("demo")
    demo.write(directory)
    return directory


@pytest.fixture(scope="module")
def responses(home: Path) -> pd.DataFrame:
    table = read(home, "responses")
    nps = (table.score >= 9).astype(int) - (table.score <= 6).astype(int)
    csat = (table.score >= 4).astype(float)
    table["x"] = np.select([table.metric == "nps", table.metric == "csat"], [100 * nps, 100 * csat], table.score)
    return table


def test_the_same_arguments_write_the_same_tables(tmp_path: Path) -> None:
    for name in ("a", "b"):
        demo.write(tmp_path / name, answers=2_000, seed=3)
    first, second = contents(tmp_path / "a"), contents(tmp_path / "b")
    assert list(first) == list(second)
    assert all(first[name] == second[name] for name in first)


def test_another_seed_writes_other_answers(tmp_path: Path) -> None:
    for seed in (1, 2):
        demo.write(tmp_path / str(seed), answers=1_000, seed=seed)
    assert not read(tmp_path / "1", "responses").equals(read(tmp_path / "2", "responses"))


@pytest.mark.parametrize("answers", [1, 5, 50])
def test_a_handful_of_answers_is_enough_to_write(tmp_path: Path, answers: int) -> None:
    demo.write(tmp_path, answers=answers)
    assert len(read(tmp_path, "responses")) == answers


def test_the_default_company_fits_into_five_megabytes(home: Path) -> None:
    assert sum(f.stat().st_size for f in home.rglob("*") if f.is_file()) <= 5_000_000


@pytest.mark.parametrize("table", TABLES)
def test_every_table_has_the_columns_of_the_contract(home: Path, table: str) -> None:
    for file in (home / table).glob("*.parquet"):
        assert set(TABLES[table].split()) <= set(pq.read_schema(file).names), file.name


@pytest.mark.parametrize("table", UNIQUE)
def test_ids_are_unique(home: Path, table: str) -> None:
    assert read(home, table)[TABLES[table].split()[0]].is_unique


def test_each_month_of_local_time_has_its_own_file(home: Path) -> None:
    files = sorted((home / "responses").glob("*.parquet"))
    assert [f.stem for f in files] == [str(m) for m in pd.period_range("2024-10", "2026-11", freq="M")]
    for file in files:
        month = pq.read_table(file).to_pandas().responded_at.dt.tz_convert("Asia/Seoul").dt.strftime("%Y-%m")
        assert set(month) == {file.stem}


def test_moments_carry_a_zone_and_follow_each_other(home: Path, responses: pd.DataFrame) -> None:
    assert str(responses.responded_at.dt.tz) == "UTC"
    assert (responses.experienced_at < responses.responded_at).all()
    both = read(home, "invitations").merge(responses, on=["response_id", "customer_id", "touchpoint"])
    assert len(both) == (responses.channel == "email").sum()
    assert (both.sent_at < both.responded_at).all()


def test_scores_stay_on_their_scales_at_plausible_levels(responses: pd.DataFrame) -> None:
    for metric, lowest, highest, low, high in [
        ("nps", 0, 10, 35, 42),
        ("csat", 1, 5, 77, 84),
        ("ces", 1, 7, 5, 5.6),
    ]:
        asked = responses[responses.metric == metric]
        assert set(asked.score) == set(range(lowest, highest + 1))
        assert low < asked.x.mean() < high, metric


def test_comments_are_in_the_language_of_the_answer(responses: pd.DataFrame) -> None:
    written = responses[responses.comment.notna()]
    assert 0.1 < len(written) / len(responses) < 0.2
    assert (written.comment.str.contains("[가-힣]") == (written.language == "ko")).all()
    assert (written.comment.str.contains("[ぁ-ん]") == (written.language == "ja")).all()
    assert written.comment.nunique() > 2_000


def test_every_code_has_a_label_in_both_languages(home: Path, responses: pd.DataFrame) -> None:
    settings = tomllib.loads((home / "cx.toml").read_text("utf-8"))
    reviews, steps, actions = (read(home, table) for table in ("reviews", "touchpoints", "actions"))
    for column, label in settings["labels"].items():
        source = next(one for one in (responses, reviews, steps, actions) if column in one)
        assert set(source[column]) <= set(label["values"]), column
        assert all({"en", "ko"} <= set(entry) for entry in [label, *label["values"].values()])
    assert settings["brand"] in set(reviews.brand)


def test_late_deliveries_in_busan_hurt_until_the_logistics_centre_works(responses: pd.DataFrame) -> None:
    rows = responses[(responses.region == "busan") & (responses.touchpoint == "deliver")]
    for metric, least in (("nps", 40), ("csat", 20)):
        asked = rows[rows.metric == metric]
        before, late, after = (
            asked.x[is_within(asked.experienced_at, *days)]
            for days in [
                ("2025-12-01", "2026-02-28"),
                ("2026-03-01", "2026-05-31"),
                ("2026-07-01", "2026-09-30"),
            ]
        )
        fall, z_fall = difference(before, late)
        rise, z_rise = difference(late, after)
        assert fall < -least and z_fall < -4
        assert rise > least and z_rise > 4
        assert abs(difference(before, after)[1]) < 2


def test_purchases_come_late_in_busan_only_in_that_spell(home: Path) -> None:
    bought = read(home, "events").query("kind == 'purchase'").dropna(subset=["finished_at"])
    spell = (bought.region == "busan") & is_within(bought.occurred_at, "2026-03-01", "2026-05-31")
    late = bought.finished_at > bought.promised_at
    assert late[spell].mean() > 0.4
    assert late[~spell].mean() < 0.12


def test_late_deliveries_are_what_busan_writes_about(responses: pd.DataFrame) -> None:
    about = responses[responses.comment.fillna("").str.contains("부산인데 배송이 닷새나")]
    assert len(about) > 2
    assert set(about.region) == {"busan"} and set(about.touchpoint) == {"deliver"}
    assert is_within(about.experienced_at, "2026-03-01", "2026-06-30").all()


def test_the_app_release_hurts_gold_members_who_pay_in_the_app(responses: pd.DataFrame) -> None:
    step = responses[(responses.channel == "app") & (responses.touchpoint == "pay")]
    before, after = (
        step[is_within(step.responded_at, *days)]
        for days in [("2026-05-26", "2026-08-23"), ("2026-08-24", "2026-11-21")]
    )
    for metric in ("nps", "csat"):
        was, now = (rows.x[(rows.metric == metric) & (rows.tier == "gold")] for rows in (before, after))
        change, z = difference(was, now)
        assert change < -15 and z < -3, metric
    was, now = (rows.x[(rows.metric == "nps") & (rows.tier == "basic")] for rows in (before, after))
    assert difference(was, now)[1] > -2


def test_a_rival_overtakes_our_rating_and_another_falls(home: Path) -> None:
    reviews = read(home, "reviews")
    spring = reviews[is_within(reviews.reviewed_at, "2026-03-01", "2026-05-31")]
    autumn = reviews[is_within(reviews.reviewed_at, "2026-09-08", "2026-11-21")]
    ratings = {name: (t.rating[t.brand == "한빛몰"], t.rating[t.brand == "누리몰"]) for name, t in
               [("spring", spring), ("autumn", autumn)]}  # fmt: skip
    assert difference(*ratings["spring"])[0] < 0
    assert difference(*ratings["autumn"])[1] > 3
    daon = reviews[reviews.brand == "다온마켓"]
    first, last = daon.reviewed_at < "2025-10-01", daon.reviewed_at > "2026-04-01"
    assert difference(daon.rating[first], daon.rating[last])[1] < -3


def test_our_app_store_ratings_fall_with_the_release_and_naver_does_not(home: Path) -> None:
    own = read(home, "reviews").query("brand == '한빛몰'")
    released = is_within(own.reviewed_at, "2026-09-08", "2026-11-21")
    app = own.source != "naver"
    assert difference(own.rating[app & ~released], own.rating[app & released])[1] < -2.5
    assert difference(own.rating[~app & ~released], own.rating[~app & released])[1] > -2


def test_the_mix_shift_lowers_the_whole_while_no_tier_falls(responses: pd.DataFrame) -> None:
    nps = responses[responses.metric == "nps"]
    before, after = (
        nps[is_within(nps.responded_at, *days)] for days in [("2026-05-01", "2026-07-31"), ("2026-09-01", "2026-11-21")]
    )
    assert (after.tier == "basic").mean() - (before.tier == "basic").mean() > 0.2
    assert difference(before.x, after.x)[1] < -1.5
    for tier in ("basic", "silver", "gold", "vip"):
        assert difference(before.x[before.tier == tier], after.x[after.tier == tier])[1] > -1, tier
    weights = before.tier.value_counts(normalize=True)
    assert (after.groupby("tier").x.mean() * weights).sum() > before.x.mean()


def test_every_answer_names_a_unit_that_was_open_that_day(home: Path, responses: pd.DataFrame) -> None:
    units = read(home, "units")
    local = responses[responses.unit_id.notna()].copy()
    local["day"] = local.responded_at.dt.tz_convert("Asia/Seoul").dt.tz_localize(None).dt.normalize()
    both = local.merge(units, on="unit_id")
    start = pd.to_datetime(both.valid_from).fillna(pd.Timestamp("2000-01-01"))
    end = pd.to_datetime(both.valid_to).fillna(pd.Timestamp("2100-01-01"))
    assert len(both[(both.day >= start) & (both.day <= end)]) == len(local)


def test_the_december_reorganisation_closes_a_branch_and_moves_others(home: Path, responses: pd.DataFrame) -> None:
    units = read(home, "units").astype({"valid_from": str, "valid_to": str})
    closed = units[units.unit_id == "seoul_sinchon"]
    assert list(closed.valid_to) == ["2025-12-14"]
    answers = responses[responses.unit_id == "seoul_sinchon"].responded_at
    assert len(answers) > 100 and is_within(answers, "2024-10-01", "2025-12-14").all()
    moved = units[units.valid_from == "2025-12-15"].dropna(subset=["parent_id"])
    assert set(moved.parent_id) == {"hq_incheon", "hq_honam"} and len(moved) == 8


def test_the_new_wording_of_effort_jumps_without_a_change_underneath(responses: pd.DataFrame) -> None:
    ces = responses[responses.metric == "ces"]
    new = is_within(ces.responded_at, "2026-01-01", "2026-11-21")
    assert ((ces.wording_version == "v2") == new).all() and (ces.question.nunique() == 2)
    assert (responses.wording_version[responses.metric != "ces"] == "v1").all()
    old, quarter = (
        is_within(ces.responded_at, *days) for days in [("2025-10-01", "2025-12-31"), ("2026-01-01", "2026-03-31")]
    )
    change, z = difference(ces.x[old], ces.x[quarter])
    assert change > 0.25 and z > 5
    csat = responses[responses.metric == "csat"]
    was, now = (is_within(csat.responded_at, *d) for d in [("2025-10-01", "2025-12-31"), ("2026-01-01", "2026-03-31")])
    assert abs(difference(csat.x[was], csat.x[now])[1]) < 2


def test_age_makes_no_difference_to_any_metric(responses: pd.DataFrame) -> None:
    for metric in ("nps", "csat", "ces"):
        asked = responses[responses.metric == metric]
        for age in asked.age_band.unique():
            inside = asked.age_band == age
            assert abs(difference(asked.x[~inside], asked.x[inside])[1]) < 2.6, (metric, age)


def test_the_stories_state_what_is_true_by_construction(home: Path, responses: pd.DataFrame) -> None:
    lines = [line for line in (home / "STORIES.md").read_text("utf-8").splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines[1:]]
    for story, who, metric, n, seen, true, *_ in cells:
        spread = {"nps": 80, "csat": 45, "ces": 1.6, "rating": 1.3}[metric] / np.sqrt(int(n))
        assert abs(float(seen) - float(true)) < 3.5 * spread, (story, who)
    late = next(c for c in cells if c[:3] == ["1", "busan, deliver, 2026-03-01..2026-05-31", "nps"])
    rows = responses[
        (responses.region == "busan") & (responses.touchpoint == "deliver") & (responses.metric == "nps")
        & is_within(responses.responded_at, "2026-03-01", "2026-05-31")
    ]  # fmt: skip
    assert (len(rows), round(rows.x.mean(), 2)) == (int(late[3]), float(late[4]))
