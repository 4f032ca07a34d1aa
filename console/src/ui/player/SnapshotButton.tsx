import { App } from "antd";
import { useCallback, useContext, useEffect, type RefObject } from "react";
import { api, body } from "../../api-client/client";
import { useAct } from "../act";
import { useWords } from "../language";
import { useTime } from "../time";
import { ViewerContext } from "../viewer";
import { isWriting } from "../writing";
import { frameOf, keep, marked } from "./snapshot";

interface Props {
  take: () => void;
  busy?: boolean;
  /** Key P keeps one. */
  keyed?: boolean;
  testId: string;
}

/** Keeps a still of a picture. */
export function SnapshotButton({ take, busy = false, keyed = false, testId }: Props) {
  const { t } = useWords();
  useEffect(() => {
    if (!keyed) return;
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== "p" || event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.defaultPrevented || isWriting(event.target)) return;
      event.preventDefault();
      take();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [keyed, take]);
  return (
    <button title={`${t("player.snapshot")} (P)`} aria-label={t("player.snapshot")} aria-busy={busy} data-testid={`${testId}-snapshot`} onClick={take}>
      <svg viewBox="0 0 16 16" width="15" height="15" fill="none" stroke="currentColor" strokeWidth="1.5" aria-hidden>
        <path d="M1.5 4.5h3l1.2-2h4.6l1.2 2h3v9h-13zM8 6.2a2.6 2.6 0 1 0 0 5.2a2.6 2.6 0 1 0 0-5.2" />
      </svg>
    </button>
  );
}

interface LiveProps extends Pick<Props, "keyed" | "testId"> {
  video: RefObject<HTMLVideoElement | null>;
  session: string;
}

/** The same of a live picture: it is taken at once, and given only when the node has it on record. */
export function LiveSnapshot({ video, session, ...rest }: LiveProps) {
  const { t } = useWords();
  const time = useTime();
  const viewer = useContext(ViewerContext);
  const { notification } = App.useApp();
  const { busy, act } = useAct();
  const take = useCallback(() => {
    const frame = video.current === null ? undefined : frameOf(video.current);
    if (frame === undefined) return;
    void act(async () => {
      const facts = await body(api.POST("/api/v1/live/{session}/snapshot", { params: { path: { session } } }));
      const at = time(facts.at);
      const still = marked(frame, { camera: facts.camera, name: facts.name, time: at, viewer: [viewer.name, viewer.unit].filter((part) => part !== "").join(" · "), ticket: facts.ticket });
      await keep(still, `${facts.name}_${facts.camera}_${at}`);
      notification.success({ title: t("player.snapshot.kept", { name: facts.name }), description: t("player.snapshot.recorded"), placement: "bottomRight", duration: 3 });
    });
  }, [video, session, act, time, viewer, notification, t]);
  return <SnapshotButton take={take} busy={busy} {...rest} />;
}
