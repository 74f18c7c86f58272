"""A proposed source: what a foreign file's columns probably are, each guess marked as one.

It looks at a sample through the same reader as publishing does, matches names and values with the contract,
and writes the SELECT that a person then corrects.
"""

from cx.proposal.preview import Preview, preview, short, told
from cx.proposal.spelling import sql_name, yaml_plain, yaml_text
from cx.proposal.statement import source_text

__all__ = (
    "Preview",
    "preview",
    "short",
    "source_text",
    "sql_name",
    "told",
    "yaml_plain",
    "yaml_text",
)
