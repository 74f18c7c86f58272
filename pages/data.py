"""Data: what was published, how fresh it is, what was set aside and why."""

from cx import ui

page = ui.page("data")
page.header()
page.published()
