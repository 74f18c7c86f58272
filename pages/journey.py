"""Journey: each step in order, which changed, which matters, since when, and whether channels agree."""

from cx import ui

page = ui.page("journey")
if page.has("responses") and page.has_steps():
    with page.choices():
        metric = page.metric(journey=True)
        by = page.dimension("by", "channel", without="touchpoint")
    steps = ui.card("journey/touchpoints", metric=metric)
    page.header(steps)
    page.row(steps)
    page.row(
        ui.card("journey/touchpoints", metric=metric, chart={"kind": "change"}, title="title.steps.change"),
        ui.card("journey/by_segment", metric=metric, by=by),
    )
    page.row(page.drivers("journey/drivers", metric))
    page.row(ui.card("actions/effects"))
    page.row(ui.card("journey/over_time", metric=metric))
    page.row(
        ui.card("journey/all_metrics"),
        ui.card("journey/touchpoints", metric=metric, chart={"kind": "table"}, title="title.steps.figures"),
    )
