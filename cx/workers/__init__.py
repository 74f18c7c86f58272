"""Processes of their own that answer statements, and what starts them.

Nothing heavy is imported here, so that the first of them can load beside the web process itself.
"""

import struct

NUMBER = struct.Struct("!i")
"""All that is said to the server of forks: 0 beside a socket asks for a worker, another number is that of one to be
killed. It answers with the number of the worker, 0 where none could be made."""
