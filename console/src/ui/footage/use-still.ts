import { App } from "antd";
import { useCallback, useContext, type RefObject } from "react";
import { api, body } from "../../api-client/client";
import { useAct } from "../act";
import { useWords } from "../language";
import { frameOf, marked } from "../player/snapshot";
import { ViewerContext } from "../viewer";
import { useZone, written } from "../zone";
import type { Footage } from "./use-footage-player";

const QUALITY = 0.92;

/** With what the node says of it, which its hash is of (rule A6). */
export const tagged = (file: Blob, tag: string, at: number): Blob => new Blob([file.slice(0, at), Uint8Array.from(atob(tag), (one) => one.charCodeAt(0)), file.slice(at)], { type: file.type });

/** Keeps a marked still of the recorded picture on screen: it is taken at once, and given only when its hash is on record. Where a message stands instead of a picture there is none. */
export function useStill(video: RefObject<HTMLVideoElement | null>, code: string, name: string, { playing, state }: Pick<Footage, "playing" | "state">): () => void {
  const { t } = useWords();
  const zone = useZone();
  const viewer = useContext(ViewerContext);
  const { notification } = App.useApp();
  const { act } = useAct();
  return useCallback(() => {
    const frame = video.current === null || state !== "showing" ? undefined : frameOf(video.current);
    const now = playing.current;
    const at = now?.shownUs;
    if (frame === undefined || now === undefined || at === undefined) {
      notification.warning({ title: t("clip.snapshot.none"), placement: "bottomRight", duration: 3 });
      return;
    }
    const time = written(at / 1_000, zone);
    const still = marked(frame, { camera: code, name, time, viewer: [viewer.name, viewer.unit].filter((part) => part !== "").join(" · "), ticket: now.ticket });
    void act(async () => {
      const file = await new Promise<Blob | null>((done) => still.toBlob(done, "image/jpeg", QUALITY));
      if (file === null) return;
      const query = { at: new Date(at / 1_000).toISOString() };
      const { sha256, tag, tag_at } = await body(api.POST("/api/v1/playback/{session}/snapshot", { params: { path: { session: now.session }, query }, body: file as unknown as string, bodySerializer: (whole) => whole, headers: { "content-type": "image/jpeg" } }));
      const link = document.createElement("a");
      link.href = URL.createObjectURL(tagged(file, tag, tag_at));
      link.download = `${name}_${code}_${time}.jpg`.replace(/[\\/:*?"<>|\s]+/g, "_");
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
      notification.success({ title: t("clip.snapshot.kept"), description: `SHA-256 ${sha256}`, placement: "bottomRight", duration: 8 });
    });
  }, [video, code, name, playing, state, zone, viewer, notification, act, t]);
}
