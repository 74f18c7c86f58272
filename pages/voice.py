"""Voice: what customers say, what is new in it, who says it, and their own words."""

from cx import ui

page = ui.page("voice")
if page.has("comments"):
    with page.choices():
        grain = page.grain()
        by = page.dimension("by", "channel")
        page = page.about_brand()
        search = page.search()
    leading = page.leading()
    complaints = ui.card("voice/complaints")
    page.header(complaints)
    page.unread()
    page.row(ui.card("voice/emerging"))
    page.row(
        complaints,
        ui.card("voice/praise"),
    )
    page.row(
        ui.card("voice/complaints", chart={"kind": "change"}),
        ui.card("voice/more_and_less"),
    )
    if page.own:
        page.row(ui.card("voice/impact", metric=leading))
        page.row(
            ui.card(
                "voice/impact",
                metric=leading,
                chart={"kind": "scatter", "x": "reach", "y": "impact", "label": "theme", "size": "n"},
            ),
            page.best("voice/promoters", leading),
        )
    page.row(ui.card("voice/kinds_over_time", grain=grain))
    page.row(ui.card("voice/themes_over_time"))
    page.row(ui.card("voice/themes_by_segment", by=by))
    page.row(ui.card("voice/by_version"))
    page.row(ui.card("voice/comments", search=search))
    if page.own:
        page.row(page.worst("voice/call_back", leading))
