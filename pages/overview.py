"""Overview: what changed, is it real, where, and what next."""

from cx import ui

page = ui.page("overview")
page.header(ui.card("overview/kpi"))
page.key_figures("overview/kpi", sparkline="overview/sparkline")
page.moved("overview/moved", actions="overview/actions", rivals="competitors/rating")
page.row(
    ui.card("overview/trend", metric=page.leading()),
    ui.card("competitors/over_time", grain="month", window="12 months"),
)
page.row(ui.card("journey/touchpoints", metric=page.leading(journey=True)))
