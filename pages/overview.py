"""Overview: what changed, is it real, where, why, and what next."""

from cx import ui

page = ui.page("overview")
leading = page.leading()
figures, moved = ui.card("overview/kpi"), ui.card("overview/moved", every=True)
crossed = ui.card("overview/crossed", metric=leading, every=True)
page.family(figures, moved, crossed)
page.header(figures)
page.key_figures("overview/kpi", sparkline="overview/sparkline")
page.moved(
    moved,
    crossed,
    actions="overview/actions",
    rivals="competitors/rating",
    complaints="voice/complaints",
    blamed="competitors/newly_blamed",
)
page.why("segments/contributions", leading)
page.row(
    ui.card("overview/trend", metric=leading),
    ui.card("competitors/over_time", grain="month", window="12 months"),
)
page.rare(ui.card("journey/touchpoints", metric=page.leading(journey=True)))
