"""Segments: any dimension, what it did to the total, two crossed, and the branches."""

from cx import ui

page = ui.page("segments")
with page.choices():
    metric = page.metric()
    by = page.dimension("by")
    by_2 = page.dimension("by2", "touchpoint", without=by)
breakdown = ui.card("segments/breakdown", metric=metric, by=by)
page.header(breakdown)
page.row(
    breakdown,
    ui.card("segments/groups", metric=metric, by=by),
)
page.row(ui.card("segments/contributions", metric=metric, by=by))
page.row(ui.card("segments/crossed", metric=metric, by=by, by_2=by_2))
page.rare(ui.card("segments/branches", metric=metric))
page.rare(ui.card("segments/units", metric=metric))
