"""The frame of the dashboard: `streamlit run dashboard.py`."""

from cx import ui

ui.frame()
