"""Overview: what changed, is it real, where, why, and what next."""

from cx import ui

page = ui.page("overview")
leading = page.leading()
crossed = ui.card("overview/crossed", metric=leading)
steps = ui.card("journey/touchpoints", metric=page.leading(journey=True))
page.family(ui.card("overview/kpi"), ui.card("overview/moved"), crossed)
page.header(ui.card("overview/kpi"))
page.key_figures("overview/kpi", sparkline="overview/sparkline")
page.moved("overview/moved", crossed, actions="overview/actions", rivals="competitors/rating")
page.why("segments/contributions", leading)
page.row(
    ui.card("overview/trend", metric=leading),
    ui.card("competitors/over_time", grain="month", window="12 months"),
)
page.row(steps)
