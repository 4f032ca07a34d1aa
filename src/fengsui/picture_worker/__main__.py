"""`python -m fengsui.picture_worker still`, `… changes`, `… playable`, `… transcode` or `… mask` (source on stdin): one worker."""

import sys

from fengsui.picture_worker.changes import search_changes
from fengsui.picture_worker.playable import count_pictures
from fengsui.picture_worker.still import serve_stills
from fengsui.picture_worker.transcode import transcode

if __name__ == "__main__":
    if sys.argv[1:2] == ["still"]:
        serve_stills()
    elif sys.argv[1:2] == ["changes"]:
        search_changes()
    elif sys.argv[1:2] == ["playable"]:
        count_pictures()
    else:
        host, port, ssrc = sys.argv[2:5]
        source = sys.stdin.readline().strip()
        transcode(es_url=source, rtp_host=host, rtp_port=int(port), ssrc=int(ssrc), masked=sys.argv[1] == "mask")
