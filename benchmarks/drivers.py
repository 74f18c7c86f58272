"""Key drivers against a library of reference: the relative importance of pingouin's `linear_regression`.

    python -m venv reference
    reference/bin/pip install -r requirements.txt pingouin
    PYTHONPATH=. reference/bin/python benchmarks/drivers.py

Pingouin is no requirement of the project; it stays in a folder to be thrown away. Without it our own column is printed
alone. Prints each driver's share of R² on made-up answers and, where CX_SHARED_DATA names the folder that holds
`sfo_customer_survey`, on the San Francisco Airport survey of 2017, and the largest difference. Only people who rated
everything are used here, as pingouin knows no others.
"""

import os
import time
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd

from cx import analyses

SFO = "sfo_customer_survey/2017_SFO_Customer_Survey_20250817.csv"
STEPS = {
    "Q7ART": "art",
    "Q7FOOD": "restaurants",
    "Q7STORE": "shops",
    "Q7SIGN": "signs",
    "Q7WALKWAYS": "walkways",
    "Q7SCREENS": "screens",
    "Q9BOARDING": "clean boarding area",
    "Q9RESTROOM": "clean restrooms",
}


def made_up(people: int = 2_000) -> tuple[pd.DataFrame, pd.Series]:
    """Seven steps coloured by one mood, of which each matters less than the one before; and the outcome."""
    dice = np.random.default_rng(20260302)
    mood = dice.normal(size=(people, 1))
    steps = pd.DataFrame(dice.normal(size=(people, 7)) + mood, columns=[f"step {place}" for place in range(1, 8)])
    weights = np.array([1.0, 0.7, 0.5, 0.3, 0.2, 0.1, 0.0])
    return steps, pd.Series(steps.to_numpy() @ weights + 3 * dice.normal(size=people), name="outcome")


def airport(folder: Path) -> tuple[pd.DataFrame, pd.Series]:
    """Ratings 1–5 of passengers of 2017 and how likely they would recommend, 0–10; 0, 6 and 11 are no answers."""
    columns = [*STEPS, "NETPRO"]
    answers = pd.read_csv(folder / SFO, usecols=columns, dtype=str, encoding="utf-8-sig")
    answers = answers[columns].apply(pd.to_numeric, errors="coerce")
    steps = answers[list(STEPS)]
    steps = steps.where(steps.isin(range(1, 6))).rename(columns=STEPS)
    outcome = answers["NETPRO"].where(answers["NETPRO"].isin(range(11)))
    complete = steps.notna().all(axis=1) & outcome.notna()
    return steps[complete], outcome[complete]


def compared(name: str, steps: pd.DataFrame, outcome: pd.Series) -> None:
    """Print our shares, Johnson's relative weights and the library's, and the largest difference."""
    matrix = np.corrcoef(np.column_stack([steps, outcome]).T)
    started = time.perf_counter()
    ours, relative = analyses.shapley(matrix), analyses.relative_weights(matrix)
    seconds = time.perf_counter() - started
    found = pd.DataFrame({"cx": ours, "relative weights": relative}, index=steps.columns)
    print(f"\n{name}: {len(steps):,} people, R² {ours.sum():.6f}, ours in {1000 * seconds:.1f} ms")
    if find_spec("pingouin"):
        import pingouin

        started = time.perf_counter()
        reference = pingouin.linear_regression(steps, outcome, relimp=True).set_index("names")
        seconds = time.perf_counter() - started
        found["pingouin"] = reference["relimp"].reindex(found.index)
    print("\n| driver | " + " | ".join(found) + " |\n|---|" + "--:|" * len(found.columns))
    for driver, row in found.iterrows():
        print(f"| {driver} | " + " | ".join(f"{value:.6f}" for value in row) + " |")
    if "pingouin" in found:
        largest = (found["cx"] - found["pingouin"]).abs().max()
        print(f"\nlargest difference from pingouin: {largest:.1e} (it took {1000 * seconds:.0f} ms)")
    else:
        print("\npingouin is not installed: nothing to compare with.")


def main() -> None:
    """Compare on made-up answers, and on real ones where they are."""
    compared("made-up answers", *made_up())
    shared = Path(os.environ.get("CX_SHARED_DATA", ""))
    if os.environ.get("CX_SHARED_DATA") and (shared / SFO).exists():
        compared("San Francisco Airport 2017, recommendation 0–10", *airport(shared))


if __name__ == "__main__":
    main()
