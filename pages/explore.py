"""Explore: the analysts' own questions."""

from cx import ui

page = ui.page("explore")
page.header()
page.own_questions()
