"""The shared code of the customer-experience dashboard; only `cx.ui` knows Streamlit."""
