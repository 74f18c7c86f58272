"""The same dashboard with Dash and pandas. Runs in an environment of its own, which has Dash."""

import os
import sys

from dash import Dash, Input, Output, dcc, html

from driven.tutorial_data import DAYS, figures, filtered, key_figures, load

answers, reviews = load(os.environ["CX_DATA"])
regions = ["All", *sorted(answers["region"].cat.categories)]
app = Dash(__name__, serve_locally=True)
app.layout = html.Div(
    [
        dcc.RadioItems(list(DAYS), "Last 12 months", inline=True, id="period"),
        dcc.RadioItems(regions, "All", inline=True, id="region"),
        html.H1("Customer experience"),
        html.Div(id="figures"),
        html.Div(
            [dcc.Graph(id=f"chart-{place}") for place in range(4)],
            style={"display": "grid", "gridTemplateColumns": "1fr 1fr"},
        ),
    ]
)


@app.callback(
    [Output("figures", "children"), *(Output(f"chart-{place}", "figure") for place in range(4))],
    Input("period", "value"),
    Input("region", "value"),
)
def update(period: str, region: str) -> list:
    """All figures of the page."""
    rows, rated = filtered(answers, reviews, period, region)
    told = [html.H2(f"{name} {value}") for name, value in key_figures(rows).items()]
    return [told, *figures(rows, rated)]


app.run(port=int(sys.argv[1]), debug=False)
