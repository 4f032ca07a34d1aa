import { useQueryClient } from "@tanstack/react-query";
import { Button, Input } from "antd";
import { useState } from "react";
import { api } from "../../api-client/client";
import { useAct } from "../../ui/act";
import { DateField } from "../../ui/DateField";
import { useKept } from "../../ui/kept";
import { useWords } from "../../ui/language";
import { momentOf, useZone, wallTime } from "../../ui/zone";

/** Writes a patrol on foot into the log of one's own shift: where, when, what was seen. */
export function OnFoot() {
  const { t } = useWords();
  const { busy, act } = useAct();
  const zone = useZone();
  const queries = useQueryClient();
  const [place, setPlace] = useKept("place of a patrol on foot", "");
  const [text, setText] = useKept("words of a patrol on foot", "");
  const [at, setAt] = useState(() => wallTime(Date.now(), zone).slice(0, "2026-11-26T17:30".length));
  const ready = place.trim().length >= 2 && text.trim().length >= 2 && at !== "";
  const send = () => {
    if (!ready) return;
    void act(async () => {
      await api.POST("/api/v1/video-patrols/on-foot", { body: { place: place.trim(), at: momentOf(at, zone).toISOString(), text: text.trim() } });
      setPlace("");
      setText("");
      await queries.invalidateQueries({ queryKey: ["duty"] });
    });
  };
  return (
    <div className="patrol-foot">
      <Input value={place} maxLength={120} aria-label={t("patrol.foot.place")} placeholder={t("patrol.foot.place")} data-testid="foot-place" onChange={(event) => setPlace(event.target.value)} />
      <DateField value={at} precision="minute" label={t("patrol.foot.at")} clearable={false} testId="foot-at" onChange={setAt} />
      <Input value={text} maxLength={1000} aria-label={t("patrol.foot.text")} placeholder={t("patrol.foot.text")} data-testid="foot-text" onChange={(event) => setText(event.target.value)} onPressEnter={send} />
      <Button type="primary" loading={busy} disabled={!ready} data-testid="write-foot" onClick={send}>
        {t("patrol.foot.write")}
      </Button>
    </div>
  );
}
