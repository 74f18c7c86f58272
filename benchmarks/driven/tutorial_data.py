"""What both peers do with the exports, as tutorials do: all into pandas, a filter, group-bys, Plotly express."""

from pathlib import Path

import pandas as pd
import plotly.express as px

DAYS = {"Last 30 days": 30, "Last quarter": 92, "Last half-year": 184, "Last 12 months": 365, "All time": 100_000}
RIGHT = {"nps": lambda score: 100.0 * (score >= 9) - 100.0 * (score <= 6), "csat": lambda score: 100.0 * (score >= 4)}


def load(folder: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Answers and reviews, with a month and a value per row."""
    columns = ["responded_at", "metric", "score", "region", "tier", "touchpoint"]
    answers = pd.read_parquet(Path(folder) / "responses", columns=columns)
    for column in [*columns[3:], "metric"]:
        answers[column] = answers[column].astype("category")
    answers["month"] = answers["responded_at"].dt.tz_localize(None).dt.to_period("M").dt.to_timestamp()
    answers["value"] = answers["score"].astype(float)
    for metric, value in RIGHT.items():
        rows = answers["metric"] == metric
        answers.loc[rows, "value"] = value(answers.loc[rows, "score"])
    reviews = pd.read_parquet(Path(folder) / "reviews", columns=["reviewed_at", "brand", "rating"])
    reviews["month"] = reviews["reviewed_at"].dt.tz_localize(None).dt.to_period("M").dt.to_timestamp()
    return answers, reviews


def filtered(
    answers: pd.DataFrame, reviews: pd.DataFrame, period: str, region: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rows of a period and a region."""
    since = answers["responded_at"].max() - pd.Timedelta(days=DAYS[period])
    rows = answers[answers["responded_at"] > since]
    if region != "All":
        rows = rows[rows["region"] == region]
    return rows, reviews[reviews["reviewed_at"] > since]


def key_figures(rows: pd.DataFrame) -> dict[str, str]:
    """One figure per metric."""
    return {name: f"{value:.1f}" for name, value in rows.groupby("metric", observed=True)["value"].mean().items()}


def figures(rows: pd.DataFrame, reviews: pd.DataFrame) -> list:
    """Trend, breakdown, heat map and brands."""
    nps = rows[rows["metric"] == "nps"]
    trend = nps.groupby("month", as_index=False)["value"].mean()
    split = nps.groupby("region", as_index=False, observed=True)["value"].mean().sort_values("value")
    crossed = nps.pivot_table(index="touchpoint", columns="month", values="value", observed=True)
    brands = reviews.groupby(["month", "brand"], as_index=False)["rating"].mean()
    return [
        px.line(trend, x="month", y="value", markers=True),
        px.bar(split, x="value", y="region", orientation="h"),
        px.imshow(crossed, aspect="auto", text_auto=".0f"),
        px.line(brands, x="month", y="rating", color="brand"),
    ]
