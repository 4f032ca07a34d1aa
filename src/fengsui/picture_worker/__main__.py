"""`python -m fengsui.picture_worker still` or `… transcode`: one worker process."""

import sys

from fengsui.picture_worker.still import serve_stills
from fengsui.picture_worker.transcode import transcode

if __name__ == "__main__":
    if sys.argv[1:2] == ["still"]:
        serve_stills()
    else:
        transcode(es_url=sys.argv[2], rtp_host=sys.argv[3], rtp_port=int(sys.argv[4]), ssrc=int(sys.argv[5]))
