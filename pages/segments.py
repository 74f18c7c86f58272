"""Segments: any dimension, what it did to the total, two crossed, and the branches."""

from cx import ui

page = ui.page("segments")
if page.has_dimensions():
    with page.choices():
        metric = page.metric()
        table = page.table_of(metric)
        by = page.dimension("by", table=table)
        by_2 = page.dimension("by2", "touchpoint", table=table, without=by)
    breakdown = ui.card("segments/breakdown", metric=metric, by=by)
    crossed = ui.card("segments/crossed", metric=metric, by=by, by_2=by_2)
    moved = ui.card(
        "segments/crossed", metric=metric, by=by, by_2=by_2, chart={"y": "change"}, title="title.crossed.change"
    )
    page.header(breakdown, moved=moved)
    page.row(
        breakdown,
        ui.card("segments/groups", metric=metric, by=by),
    )
    page.row(ui.card("segments/contributions", metric=metric, by=by))
    page.row(crossed)
    page.row(moved)
    page.rare(ui.card("segments/branches", metric=metric))
    page.rare(ui.card("segments/units", metric=metric))
