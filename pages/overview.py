"""Overview: what changed, is it real, where, why, and what next."""

from cx import ui

page = ui.page("overview")
leading = page.leading()
figures, moved, rivals = ui.card("overview/kpi"), ui.card("overview/moved"), ui.card("competitors/rating")
crossed, explained = ui.card("overview/crossed", metric=leading), ui.card("overview/explained")
trend = ui.card("overview/trend", metric=leading)
brands = ui.card("competitors/over_time", grain="month", window="12 months")
steps = ui.card("journey/touchpoints", metric=page.leading(journey=True))
page.ahead(crossed, explained, moved, figures, ui.card("overview/sparkline"), rivals, trend, brands, steps)
page.family(figures, moved, crossed)
page.header(figures)
page.key_figures("overview/kpi", sparkline="overview/sparkline")
page.moved("overview/moved", crossed, actions="overview/actions", rivals="competitors/rating")
page.why("segments/contributions", leading)
page.row(trend, brands)
page.row(steps)
