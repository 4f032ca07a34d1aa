import { useCallback, useEffect, useRef, useState } from "react";
import type { Problem } from "../../api-client/client";
import type { Protocol } from "./player";
import { protocolFor, type Choice } from "./protocol";
import { UNREACHED, UNSHOWN } from "./stillness";

/** Ends without a picture shown, one after the other, after which another way is tried. */
const UNSHOWN_ENDS = 2;
/** What WebRTC cannot carry at all, as the media port names it. */
const NOT_BY_WEBRTC = "media.reordered_pictures";

/** Why a tile plays by another way than it began with. */
export type Turn = "unshown" | "reordered";

interface Way {
  protocol: Protocol;
  turn: Turn | undefined;
}

/** Pure. The way after one that shows nothing: all are tried in turn, from the one that a browser begins with. */
export function nextWay(protocol: Protocol, first: Protocol): Protocol {
  const order: Protocol[] = first === "ws" ? ["ws", "webrtc", "hls"] : ["hls", "webrtc"];
  return order[(order.indexOf(protocol) + 1) % order.length] ?? first;
}

interface ChosenWay extends Way {
  /** Told of each end with a reason; true when it goes on by another way. */
  noteEnd: (problem: Problem) => boolean;
  noteShown: () => void;
}

/** The way a tile plays by: the chosen one while it can; under automatic choice the next where nothing is shown. */
export function useWay(choice: Choice): ChosenWay {
  const [way, setWay] = useState<Way>({ protocol: protocolFor(choice), turn: undefined });
  const unshown = useRef(0);
  useEffect(() => {
    unshown.current = 0;
    setWay({ protocol: protocolFor(choice), turn: undefined });
  }, [choice]);
  const { protocol } = way;
  const noteEnd = useCallback(
    (problem: Problem) => {
      unshown.current = problem.code === UNSHOWN.code || problem.code === UNREACHED.code ? unshown.current + 1 : 0;
      const turn = problem.code === NOT_BY_WEBRTC && protocol === "webrtc" ? "reordered" : choice === "auto" && unshown.current >= UNSHOWN_ENDS ? "unshown" : undefined;
      if (turn === undefined) return false;
      unshown.current = 0;
      const first = protocolFor("auto");
      setWay({ protocol: turn === "reordered" ? first : nextWay(protocol, first), turn });
      return true;
    },
    [choice, protocol],
  );
  const noteShown = useCallback(() => (unshown.current = 0), []);
  return { ...way, noteEnd, noteShown };
}
