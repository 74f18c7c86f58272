"""Made-up exports of any size: `python -m cx bench exports --answers 100_000_000 --reviews 10_000_000 --out DIR`.

One Parquet file a month and table, in time order, as a plain exporter writes them. Every value is a hash of the
row's number, so equal arguments give equal rows. `--shape hard` adds what is hard to sum up: 600 branches, twelve
dimensions, one of 2,000 values, weights, five years, customers who answer often and segments of very different size.
"""

import argparse
import time
from datetime import date
from itertools import pairwise
from pathlib import Path

import duckdb

END = date(2026, 11, 1)
MONTHS = {"plain": 36, "hard": 60}
CHANNELS = {"email": 0.34, "web": 0.25, "app": 0.19, "sms": 0.10, "phone": 0.08, "store": 0.04}
TIERS = {"basic": 0.55, "silver": 0.28, "gold": 0.13, "platinum": 0.04}
AGES = {"18-24": 0.11, "25-34": 0.24, "35-44": 0.23, "45-54": 0.18, "55-64": 0.14, "65+": 0.10}
REGIONS = {f"region_{number:02d}": 1 / number**0.8 for number in range(1, 18)}
STEPS = (
    "discovery website signup onboarding purchase delivery first_use billing support_chat support_call renewal "
    "cancellation"
).split()
TOUCHPOINTS = dict(zip(STEPS, (0.05, 0.14, 0.07, 0.08, 0.16, 0.13, 0.09, 0.08, 0.08, 0.06, 0.04, 0.02), strict=True))
METRICS = {"nps": 0.4, "csat": 0.4, "ces": 0.2}
BRANDS = {"ours": 0.24, "alfa": 0.22, "bravo": 0.19, "charlie": 0.16, "delta": 0.12, "echo": 0.07}
SOURCES = {"appstore": 0.30, "playstore": 0.38, "maps": 0.22, "forum": 0.10}
HARD = {
    "unit_id": ("branch_", 600, 2),
    "product": ("product_", 2_000, 3),
    "plan": ("plan_", 8, 2),
    "device": ("device_", 12, 2),
    "agent_team": ("team_", 30, 1),
    "campaign": ("campaign_", 3, 4),
    "tenure": ("year_", 10, 1),
}
"""Prefix, number of values, and how uneven they are (1 for equal shares)."""
COMMENTS = ("배송이 늦었어요", "친절해서 좋았어요", "the app crashed again", "quick and easy", "가격이 비싸요")


def uniform(salt: int) -> str:
    """SQL for a number in [0, 1) that depends on the row's number i and a salt."""
    return f"((hash(i * 64 + {salt}) >> 11) / 9007199254740992.0)"


def drawn(weights: dict[str, float] | tuple[str, int, int], salt: int) -> str:
    """SQL for a value drawn with these weights."""
    if isinstance(weights, tuple):
        prefix, many, uneven = weights
        return f"'{prefix}' || floor({many} * pow({uniform(salt)}, {uneven}))::integer"
    total, reached, steps = sum(weights.values()), 0.0, []
    for value, weight in weights.items():
        reached += weight / total
        steps.append(f"when {uniform(salt)} < {reached + 1e-9:.9f} then '{value}'")
    return f"case {' '.join(steps)} end"


def month_starts(shape: str) -> list[date]:
    """The first days of the months, oldest first, and the day after the last."""
    last = END.year * 12 + END.month - 1
    return [date(index // 12, index % 12 + 1, 1) for index in range(last - MONTHS[shape], last + 1)]


def answers_sql(first: int, count: int, start: date, end: date, shape: str) -> str:
    """One month of answers."""
    dimensions: dict[str, dict[str, float] | tuple[str, int, int]] = {
        "channel": CHANNELS,
        "region": REGIONS,
        "tier": TIERS,
        "age_band": AGES,
        "touchpoint": TOUCHPOINTS,
    }
    if shape == "hard":
        dimensions |= HARD
    values = ", ".join(
        f"{drawn(weights, salt)} as {name}" for salt, (name, weights) in enumerate(dimensions.items(), 10)
    )
    seconds = (end - start).days * 86400
    latent = f"({uniform(40)} + {uniform(41)} + {uniform(42)} + {uniform(43)} - 2) * 1.7"
    often = "* pow(" + uniform(45) + ", 1.7)" if shape == "plain" else "* pow(" + uniform(45) + ", 6)"
    weight = f", 0.5 + {uniform(46)} as weight" if shape == "hard" else ""
    comments = "[" + ", ".join(f"'{text}'" for text in COMMENTS) + "]"
    return f"""
        with drawn as (
            select i, timestamptz '{start} 00:00:00+00' + to_seconds(((i - {first}) * {seconds}.0 / {count})::bigint) as responded_at,
                {drawn(METRICS, 1)} as metric, {values},
                (hash(floor(4000000 {often})::bigint) % 1000000007)::varchar as customer_id,
                {latent} as latent
            from range({first}, {first + count}) as numbers(i)
        ),
        felt as (
            select *, latent + (hash(touchpoint) % 7)::integer * 0.08 - (hash(channel) % 5)::integer * 0.05 - (hash(region) % 9)::integer * 0.03
                + (hash(tier) % 5)::integer * 0.05 as felt
            from drawn
        )
        select 'R' || lpad(i::varchar, 10, '0') as response_id, responded_at, metric,
            case metric when 'nps' then greatest(0, least(10, round(7.6 + 2.3 * felt)))
                when 'csat' then greatest(1, least(5, round(3.9 + 1.05 * felt)))
                else greatest(1, least(7, round(5 + 1.5 * felt))) end::tinyint as score,
            customer_id, {", ".join(dimensions)}{weight},
            case when hash(i) % 20 = 0 then {comments}[(hash(i + 7) % {len(COMMENTS)})::integer + 1] end as comment
        from felt
    """


def reviews_sql(first: int, count: int, start: date, end: date) -> str:
    """One month of public reviews."""
    seconds = (end - start).days * 86400
    return f"""
        select 'V' || lpad(i::varchar, 10, '0') as review_id,
            timestamptz '{start} 00:00:00+00' + to_seconds(((i - {first}) * {seconds}.0 / {count})::bigint) as reviewed_at,
            {drawn(BRANDS, 1)} as brand, {drawn(SOURCES, 2)} as source,
            greatest(1, least(5, round(3.8 + ({uniform(3)} + {uniform(4)} + {uniform(5)} - 1.5) * 2.4)))::tinyint as rating
        from range({first}, {first + count}) as numbers(i)
    """


def write(out: Path, answers: int, reviews: int = 0, shape: str = "plain", extra_day: int = 0) -> None:
    """Write the exports and a cx.toml into a folder; `extra_day` more answers come as a file of one day in the last month."""
    out.mkdir(parents=True, exist_ok=True)
    (out / "cx.toml").write_text(
        'company = "Bench"\nbrand = "ours"\ntime_zone = "UTC"\nlanguage = "en"\n', encoding="utf-8"
    )
    starts = month_starts(shape)
    months = list(pairwise(starts))
    with duckdb.connect(config={"threads": 2}) as connection:
        connection.execute("set timezone = 'UTC'")
        for table, total in (("responses", answers), ("reviews", reviews)):
            if not total:
                continue
            (out / table).mkdir(exist_ok=True)
            for number, (start, end) in enumerate(months):
                first, count = (
                    number * total // len(months),
                    (number + 1) * total // len(months) - number * total // len(months),
                )
                sql = (
                    answers_sql(first, count, start, end, shape)
                    if table == "responses"
                    else reviews_sql(first, count, start, end)
                )
                connection.execute(f"copy ({sql}) to '{out}/{table}/{start:%Y-%m}.parquet' (format parquet)")
        if extra_day:
            day, start = date(END.year, END.month - 1, 31), answers
            sql = answers_sql(start, extra_day, day, END, shape)
            connection.execute(f"copy ({sql}) to '{out}/daily-{day}.parquet' (format parquet)")


def number(text: str) -> int:
    """A count as people write it: 100_000_000."""
    return int(text.replace("_", "").replace(",", ""))


def main() -> None:
    """Write exports as the arguments say."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--answers", type=number, required=True)
    parser.add_argument("--reviews", type=number, default=0)
    parser.add_argument("--shape", choices=tuple(MONTHS), default="plain")
    parser.add_argument(
        "--extra-day", type=number, default=0, help="answers of one more day, beside the folder's tables"
    )
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    started = time.perf_counter()
    write(options.out, options.answers, options.reviews, options.shape, options.extra_day)
    size = sum(file.stat().st_size for file in options.out.rglob("*.parquet"))
    print(f"{options.answers + options.reviews:,} rows, {size / 1e6:,.0f} MB, {time.perf_counter() - started:.1f} s")


if __name__ == "__main__":
    main()
