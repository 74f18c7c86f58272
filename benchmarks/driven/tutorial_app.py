"""The dashboard of a tutorial: cache_data, pandas, Plotly express."""

import os

import streamlit as st

from driven.tutorial_data import DAYS, figures, filtered, key_figures, load

st.set_page_config(layout="wide")
answers, reviews = st.cache_data(load, show_spinner=False)(os.environ["CX_DATA"])
with st.container(horizontal=True, key="filter_bar"):
    period = st.selectbox("Period", list(DAYS), index=3)
    region = st.selectbox("Region", ["All", *sorted(answers["region"].cat.categories)])
rows, rated = filtered(answers, reviews, period, region)
st.title("Customer experience")
for column, (name, value) in zip(st.columns(3), key_figures(rows).items(), strict=False):
    column.metric(name, value)
columns = st.columns(2)
for place, figure in enumerate(figures(rows, rated)):
    columns[place % 2].plotly_chart(figure, key=f"chart {place}")
