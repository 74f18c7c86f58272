"""The screen: the only package that knows Streamlit.

`frame` draws what every page shares (navigation, filter bar, language) and runs the page. A page then
asks, draws and says: `page()` gives it a `Page` with header, choices, key figures and rows of cards.
Session state, caching and error cards live here and nowhere else.
"""

from cx.ui.frame import frame, prepare
from cx.ui.page import page
from cx.ui.view import card

__all__ = ["card", "frame", "page", "prepare"]
