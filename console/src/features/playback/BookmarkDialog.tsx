import { useQueryClient } from "@tanstack/react-query";
import { Segmented } from "antd";
import { useState } from "react";
import { api, body } from "../../api-client/client";
import { useAct } from "../../ui/act";
import { AskReason } from "../../ui/AskReason";
import { useWords } from "../../ui/language";
import { useZone, written } from "../../ui/zone";
import type { Period } from "../../ui/footage/pieces";
import { isoOf, type Bookmark } from "./marks";

/** What is to be marked: an instant of one camera, and the span between in and out where both are set. */
export interface Marking {
  code: string;
  name: string;
  atUs: number;
  span: Period | undefined;
}

/** Sends a change of bookmarks, and has them read anew. */
export function useBookmarkAct(): (call: () => Promise<unknown>) => Promise<boolean> {
  const { act } = useAct();
  const queries = useQueryClient();
  return (call) =>
    act(async () => {
      await call();
      await queries.invalidateQueries({ queryKey: ["bookmarks"] });
    });
}

/** Words for an instant or a span of footage. */
export function BookmarkDialog({ marking, onClose }: { marking: Marking | undefined; onClose: () => void }) {
  const { t } = useWords();
  const zone = useZone();
  const act = useBookmarkAct();
  const [whole, setWhole] = useState(false);
  const span = whole ? marking?.span : undefined;
  const send = (text: string) => {
    if (marking === undefined) return Promise.resolve(false);
    const times = span === undefined ? { from: isoOf(marking.atUs), to: null } : { from: isoOf(span.fromUs), to: isoOf(span.toUs) };
    return act(() => body(api.POST("/api/v1/cameras/{code}/bookmarks", { params: { path: { code: marking.code } }, body: { ...times, text } })));
  };
  return (
    <AskReason name="bookmark" open={marking !== undefined} title={t("mark.add")} help={t("mark.add.help")} label={t("mark.words")} okText={t("mark.keep")} least={1} wordsFirst onClose={onClose} onSure={send}>
      {marking !== undefined && (
        <div className="marking">
          <b>{marking.name}</b>
          <span data-testid="marking-time">
            {span === undefined ? written(marking.atUs / 1_000, zone) : `${written(span.fromUs / 1_000, zone)} – ${written(span.toUs / 1_000, zone).slice("2026-11-26 ".length)}`}
          </span>
          {marking.span !== undefined && (
            <Segmented<"instant" | "span"> size="small" value={whole ? "span" : "instant"} onChange={(next) => setWhole(next === "span")} options={(["instant", "span"] as const).map((one) => ({ value: one, label: t(`mark.of.${one}`) }))} />
          )}
        </div>
      )}
    </AskReason>
  );
}

/** Other words for one's own bookmark, or why it is withdrawn. */
export function OwnBookmarkDialog({ bookmark, how, onClose }: { bookmark: Bookmark; how: "change" | "withdraw"; onClose: () => void }) {
  const { t } = useWords();
  const act = useBookmarkAct();
  const path = { code: bookmark.camera, bookmark_id: bookmark.id };
  const send = (words: string) =>
    act(() =>
      how === "change"
        ? body(api.PATCH("/api/v1/cameras/{code}/bookmarks/{bookmark_id}", { params: { path }, body: { text: words } }))
        : body(api.POST("/api/v1/cameras/{code}/bookmarks/{bookmark_id}/withdrawal", { params: { path }, body: { reason: words } })),
    );
  return (
    <AskReason name={`bookmark ${how}`} open title={t(`mark.${how}`)} help={bookmark.text} label={t(how === "change" ? "mark.words.new" : "mark.withdraw.why")} okText={t(how === "change" ? "mark.keep" : "mark.withdraw")} danger={how === "withdraw"} least={1} onClose={onClose} onSure={send} />
  );
}
