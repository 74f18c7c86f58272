"""Voice: what customers say, what is new in it, what it costs, who says it, and their own words."""

from cx import ui

page = ui.page("voice")
if page.has("comments"):
    with page.choices():
        page = page.about_brand()
        section = page.section("themes", "impact", "spread", "texts", ours="impact")
        if section == "spread":
            grain = page.grain()
            by = page.dimension(default="channel")
        if section == "texts":
            search = page.search()
    leading = page.leading()
    complaints = ui.card("voice/complaints")
    page.header(complaints)
    page.unread()
    if section == "themes":
        page.among_brands("voice/emerging")
        page.row(
            complaints,
            ui.card("voice/praise"),
        )
        page.row(
            ui.card("voice/complaints", chart={"kind": "change"}, title="title.complaints.change"),
            ui.card("voice/more_and_less"),
        )
    elif section == "impact":
        page.row(
            ui.card(
                "voice/impact",
                metric=leading,
                chart={"kind": "scatter", "x": "reach", "y": "impact", "label": "theme", "size": "n"},
                title="title.impact.reach",
            ),
            page.best("voice/promoters", leading),
        )
        page.row(ui.card("voice/impact", metric=leading))
    elif section == "spread":
        page.row(ui.card("voice/kinds_over_time", grain=grain))
        page.row(ui.card("voice/themes_over_time"))
        page.row(ui.card("voice/themes_by_segment", by=by))
        page.row(ui.card("voice/by_version"))
    else:
        page.row(ui.card("voice/comments", search=search))
        page.ours(page.worst("voice/call_back", leading))
