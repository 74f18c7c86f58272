"""Trends: every metric over time, by segment, and how its answers are spread."""

from cx import ui

page = ui.page("trends")
with page.choices():
    metric = page.metric()
    grain = page.grain()
    by = page.dimension(none=True)
over_time = ui.card("trends/over_time", metric=metric, grain=grain, by=by)
page.header(over_time)
page.row(over_time)
page.row(
    ui.card("trends/groups_over_time", grain=grain, metric=metric),
    ui.card("trends/distribution", metric=metric),
)
page.row(ui.card("trends/events"))
