import { App, Button, Checkbox, Drawer, Switch } from "antd";
import { useState } from "react";
import { api, body } from "../../api-client/client";
import { ActButton } from "../../ui/act";
import { useWords } from "../../ui/language";
import { useZone, written } from "../../ui/zone";
import { OwnBookmarkDialog } from "./BookmarkDialog";
import { MARK_KINDS, type Bookmark, type Mark, type MarkKind } from "./marks";
import { MarkSign } from "./MarkSign";
import { useMarkWords } from "./MarkTold";
import type { MarkDesk } from "./use-mark-desk";

interface Props {
  desk: MarkDesk;
  names: ReadonlyMap<string, string>;
  onGo: (mark: Mark) => void;
}

/** Every mark of what the timeline shows, by time: where one goes from, and where one's own words are changed. */
export function MarkList({ desk, names, onGo }: Props) {
  const { t } = useWords();
  const [own, setOwn] = useState<{ bookmark: Bookmark; how: "change" | "withdraw" }>();
  return (
    <Drawer open={desk.listing} onClose={() => desk.setListing(false)} size={560} title={t("mark.list")} destroyOnHidden>
      <div className="mark-filter">
        <Checkbox.Group<MarkKind>
          value={[...desk.kinds]}
          onChange={(kinds) => desk.setKinds(new Set(kinds))}
          options={MARK_KINDS.map((kind) => ({
            value: kind,
            label: (
              <>
                <MarkSign kind={kind} /> {t(`mark.kind.${kind}`)}
              </>
            ),
          }))}
        />
        <label>
          <Switch size="small" checked={desk.withdrawn} onChange={desk.setWithdrawn} data-testid="marks-withdrawn" /> {t("mark.withdrawn")}
        </label>
      </div>
      {desk.cut && <p className="notice">{t("mark.cut")}</p>}
      {desk.beyond && <p className="notice">{t("mark.beyond")}</p>}
      {desk.failed && (
        <p className="notice" role="alert">
          {t("mark.failed")}{" "}
          <Button size="small" onClick={desk.again}>
            {t("mark.again")}
          </Button>
        </p>
      )}
      {desk.marks.length === 0 && <p className="hint">{t("mark.none")}</p>}
      <ul className="mark-list" data-testid="mark-list">
        {desk.marks.map((mark) => (
          <MarkLine key={mark.key} mark={mark} name={names.get(mark.camera) ?? mark.camera} several={names.size > 1} onGo={onGo} onOwn={(bookmark, how) => setOwn({ bookmark, how })} />
        ))}
      </ul>
      {own !== undefined && <OwnBookmarkDialog key={`${own.bookmark.id} ${own.how}`} {...own} onClose={() => setOwn(undefined)} />}
    </Drawer>
  );
}

interface LineProps {
  mark: Mark;
  name: string;
  several: boolean;
  onGo: (mark: Mark) => void;
  onOwn: (bookmark: Bookmark, how: "change" | "withdraw") => void;
}

function MarkLine({ mark, name, several, onGo, onOwn }: LineProps) {
  const { t } = useWords();
  const zone = useZone();
  const words = useMarkWords();
  const bookmark = mark.kind === "bookmark" ? mark.bookmark : undefined;
  const gone = bookmark?.withdrawn ?? undefined;
  const { notification } = App.useApp();
  const toMap = async () => {
    if (bookmark === undefined) return;
    await body(api.POST("/api/v1/sightings", { body: { kind: "footage", at: bookmark.from, text: bookmark.text, camera: bookmark.camera, area: "", case_number: "" } }));
    notification.success({ title: t("sighting.from.done"), placement: "bottomRight" });
  };
  return (
    <li className={gone === undefined ? undefined : "gone"} data-testid={`line-${mark.kind}`}>
      <MarkSign kind={mark.kind} mark={mark} />
      <div>
        <button className="mark-go" onClick={() => onGo(mark)}>
          {written(mark.fromUs / 1_000, zone)}
          {mark.kind !== "event" && mark.toUs > mark.fromUs && ` – ${written(mark.toUs / 1_000, zone).slice("2026-11-26 ".length)}`}
        </button>
        {several && <span className="quiet"> {name}</span>}
        <p>{words(mark)}</p>
        {bookmark !== undefined && (
          <small className="quiet">
            {[bookmark.author, bookmark.unit, bookmark.case_number, bookmark.use_ticket].filter((one) => one !== "").join(" · ")}
          </small>
        )}
        {bookmark !== undefined && bookmark.edited_at !== null && <small className="quiet">{t("mark.edited", { time: written(bookmark.edited_at, zone) })}</small>}
        {gone !== undefined && <p className="doubtful">{t("mark.gone", { by: gone.by, time: written(gone.at, zone), reason: gone.reason })}</p>}
      </div>
      {bookmark !== undefined && bookmark.own && gone === undefined && (
        <span className="mark-acts">
          <ActButton size="small" data-testid="mark-to-map" act={toMap}>
            {t("sighting.from")}
          </ActButton>
          <Button size="small" data-testid="change-mark" onClick={() => onOwn(bookmark, "change")}>
            {t("mark.change")}
          </Button>
          <Button size="small" data-testid="withdraw-mark" onClick={() => onOwn(bookmark, "withdraw")}>
            {t("mark.withdraw")}
          </Button>
        </span>
      )}
    </li>
  );
}
