"""Competitors: how each brand is rated, where and since when, what is said of it, and the reviews themselves."""

from cx import ui

page = ui.page("competitors")
if page.has("reviews"):
    with page.choices():
        section = page.section("ratings", "themes", "reviews")
        if section == "ratings":
            grain = page.grain()
            by = page.dimension("by", "source", table="ratings", without="version")
        if section == "reviews":
            brand = page.brand()
            search = page.search()
    page.header(ui.card("competitors/rating"))
    if section == "ratings":
        page.row(ui.card("competitors/over_time", grain=grain))
        page.row(
            ui.card("competitors/rating"),
            ui.card("competitors/rating", chart={"kind": "change"}, title="title.ratings.change"),
        )
        page.row(
            ui.card("competitors/stars"),
            ui.card("competitors/low_ratings"),
        )
        page.rare(ui.card("competitors/by_source", by=by))
    elif section == "themes":
        page.rare(ui.card("competitors/newly_blamed"))
        page.row(ui.card("competitors/complaints"))
        page.row(ui.card("competitors/praise"))
        page.row(ui.card("competitors/theme_sentiment"))
        page.rare(
            ui.card("competitors/switching"),
            ui.card("competitors/reasons"),
        )
        page.rare(ui.card("competitors/named"))
    else:
        page.row(ui.card("competitors/reviews", brand=brand, search=search))
        page.row(ui.card("competitors/with_and_without"))
        page.rare(ui.card("competitors/replies"))
