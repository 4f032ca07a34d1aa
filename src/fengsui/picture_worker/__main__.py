"""`python -m fengsui.picture_worker still`, `… transcode` or `… mask`: one worker process."""

import sys

from fengsui.picture_worker.still import serve_stills
from fengsui.picture_worker.transcode import transcode

if __name__ == "__main__":
    if sys.argv[1:2] == ["still"]:
        serve_stills()
    else:
        address = sys.argv[2:]
        masked = sys.argv[1] == "mask"
        transcode(es_url=address[0], rtp_host=address[1], rtp_port=int(address[2]), ssrc=int(address[3]), masked=masked)
