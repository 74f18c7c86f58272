"""Competitors: rating of each brand, its stars, volume and low ratings, where and since when."""

from cx import ui

page = ui.page("competitors")
if page.has("reviews"):
    with page.choices():
        grain = page.grain()
        by = page.dimension("by", "source", table="ratings", without="version")
    page.header(ui.card("competitors/rating"))
    page.row(ui.card("competitors/over_time", grain=grain))
    page.row(
        ui.card("competitors/rating"),
        ui.card("competitors/rating", chart={"kind": "change"}),
    )
    page.row(
        ui.card("competitors/stars"),
        ui.card("competitors/low_ratings"),
    )
    page.row(ui.card("competitors/with_and_without"))
    page.rare(ui.card("competitors/replies"))
    page.row(ui.card("competitors/complaints"))
    page.row(ui.card("competitors/praise"))
    page.row(ui.card("competitors/theme_sentiment"))
    page.rare(
        ui.card("competitors/switching"),
        ui.card("competitors/reasons"),
    )
    page.rare(ui.card("competitors/named"))
    page.rare(ui.card("competitors/by_source", by=by))
    with page.choices():
        brand = page.brand()
        search = page.search()
    page.row(ui.card("competitors/reviews", brand=brand, search=search))
