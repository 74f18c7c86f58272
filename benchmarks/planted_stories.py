"""Which planted stories of the demo company the product flags, and how often it flags the noise.

    python benchmarks/planted_stories.py

Prints, per story of data/STORIES.md, what an answer says at the time of the story; then, for one
quarter ending on every month's first since there is a year of data, whether the dimension that has no
effect on anything (`age_band`) is named as an explanation, or one of its values as having moved.
"""

from datetime import date

from cx import findings, settings
from cx.engine import Engine
from cx.figures import Answer, together
from cx.periods import Period, comparison
from cx.scope import Filters

NOISE = "age_band"


def quarter(end: date) -> Filters:
    """The three months before a month's first day, compared with the three before them."""
    month = end.year * 12 + end.month - 1

    def first(back: int) -> date:
        return date((month - back) // 12, (month - back) % 12 + 1, 1)

    return Filters(Period(first(3), end), Period(first(6), first(3)))


def overview(engine: Engine, filters: Filters) -> tuple[Answer, Answer, Answer, Answer]:
    """Key figures, what moved, what moved where two meet and what explains it, judged as the Overview does."""
    names = ("overview/kpi", "overview/moved", "overview/crossed")
    asked = [engine.answer(name, filters) for name in names]
    kpi, moved, crossed = together(asked)
    return kpi, moved, crossed, engine.answer("overview/explained", filters)


def sentences(engine: Engine, filters: Filters) -> list[str]:
    """The Overview's findings in English."""
    _, moved, crossed, explained = overview(engine, filters)
    found = findings.moved(moved, explained, "en", lambda column, value: f"{column} {value}", crossed)
    return [finding.sentence for finding in found]


def stories(engine: Engine) -> None:
    """Print what is said of each planted story."""
    today = engine.snapshot().as_of
    assert today is not None
    ninety = Period(date.fromordinal(today.toordinal() - 89), date.fromordinal(today.toordinal() + 1))
    now = Filters(ninety, comparison(ninety, "previous", "last_90_days"))
    spring = Filters(Period(date(2026, 3, 1), date(2026, 6, 1)), Period(date(2025, 12, 1), date(2026, 3, 1)))
    january = Filters(Period(date(2026, 1, 1), date(2026, 4, 1)), Period(date(2025, 10, 1), date(2026, 1, 1)))
    print("1 Busan, spring 2026:", *sentences(engine, spring), sep="\n    ")
    print("2, 4 app v5.2 and mix shift, last 90 days:", *sentences(engine, now), sep="\n    ")
    year = engine.answer("competitors/over_time", Filters(Period(date(2025, 12, 1), ninety.end)), {"grain": "month"})
    title = findings.title(year, "en", lambda column, value: str(value), own=engine.settings.brand)
    print("3 overtaken, last 12 months:", title or "(nothing)", sep="\n    ")
    units = engine.answer("segments/units", now).frame
    closed = units[units["closed_on"].notna()]["unit_id"].tolist() if "closed_on" in units else []
    print("5 closed branches shown in the last 13 weeks:", closed or "(none has answers)", sep="\n    ")
    kpi = engine.answer("overview/kpi", january).frame.set_index("metric")
    print("6 effort across the new wording:", kpi.loc["ces", "verdict"], sep="\n    ")


def noise(engine: Engine) -> None:
    """Print how often the dimension without any effect is named, and how often any is."""
    named = values = pairs = windows = findings_of = 0
    for month in range(2025 * 12 + 6, 2026 * 12 + 11):
        filters = quarter(date(month // 12, month % 12 + 1, 1))
        _, moved, crossed, explained = overview(engine, filters)
        windows += 1
        own = explained.frame[explained.frame["dimension"] == NOISE]
        named += int((own["explains"] != "").sum())
        values += int(((moved.frame["dimension"] == NOISE) & (moved.frame["verdict"] == "real")).sum())
        either = (crossed.frame["dimension"] == NOISE) | (crossed.frame["dimension_2"] == NOISE)
        pairs += int((either & (crossed.frame["verdict"] == "real")).sum())
        found = findings.moved(moved, explained, "en", lambda column, value: f"{column} {value}", crossed)
        findings_of += sum(NOISE in (finding.column, finding.also[0]) for finding in found)
    print(f"7 {NOISE} over {windows} quarters (each against the one before):")
    print(f"    named as an explanation {named} times, in findings {findings_of} times,")
    print(f"    one of its values judged real {values} times, a pair with it {pairs} times")


if __name__ == "__main__":
    data = settings.data_folder()
    demo = Engine(data, settings.query_folders(data))
    try:
        stories(demo)
        noise(demo)
    finally:
        demo.close()
