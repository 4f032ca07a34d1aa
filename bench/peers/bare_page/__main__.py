"""`python -m bench.peers.bare_page FOLDER PORT`."""

import sys

from bench.peers.bare_page import serve

serve(sys.argv[1], int(sys.argv[2]))
