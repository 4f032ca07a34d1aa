import { useQueryClient } from "@tanstack/react-query";
import { Button, Checkbox, Input, Segmented } from "antd";
import { useEffect, useRef, useState } from "react";
import { api, body } from "../../api-client/client";
import { useAct } from "../../ui/act";
import { AskReason } from "../../ui/AskReason";
import { useWords } from "../../ui/language";
import { Refused } from "../../ui/Refused";
import { useZone, written } from "../../ui/zone";
import { REACHES, type Reach, type Sighting, type SightingDesk } from "./use-sightings";

interface Props {
  desk: SightingDesk;
  onGo: (sighting: Sighting) => void;
  onAdd: () => void;
}

/** What people noted that they saw, the newest first: where one goes from, and where one's own are withdrawn. */
export function SightingRows({ desk, onGo, onAdd }: Props) {
  const { t } = useWords();
  const { asked, setAsked } = desk;
  const [typed, setTyped] = useState(asked.caseNumber);
  const [gone, setGone] = useState<Sighting>();
  return (
    <div className="sightings">
      <div className="sighting-bar">
        <Button size="small" type="primary" data-testid="add-sighting" onClick={onAdd}>
          {t("sighting.add")}
        </Button>
        <Segmented<Reach> size="small" value={asked.reach} onChange={(reach) => setAsked({ ...asked, reach })} options={(Object.keys(REACHES) as Reach[]).map((one) => ({ value: one, label: t(`sighting.reach.${one}`) }))} />
        <Input size="small" allowClear value={typed} maxLength={64} aria-label={t("sighting.case")} placeholder={t("sighting.case.filter")} data-testid="sighting-case-filter" onChange={(event) => { setTyped(event.target.value); if (event.target.value === "") setAsked({ ...asked, caseNumber: "" }); }} onPressEnter={() => setAsked({ ...asked, caseNumber: typed.trim() })} />
        <Checkbox checked={asked.withdrawn} onChange={(event) => setAsked({ ...asked, withdrawn: event.target.checked })}>
          {t("mark.withdrawn")}
        </Checkbox>
      </div>
      {desk.error !== null && <Refused error={desk.error} />}
      {desk.pending && <div className="hint">{t("loading")}</div>}
      {!desk.pending && desk.error === null && desk.items.length === 0 && <div className="hint">{t("sighting.none")}</div>}
      {!desk.whole && <p className="notice">{t("sighting.cut")}</p>}
      <ul className="sighting-rows" data-testid="sightings">
        {desk.items.map((one) => (
          <Row key={one.id} sighting={one} chosen={one.id === desk.chosen?.id} onGo={onGo} onWithdraw={setGone} />
        ))}
      </ul>
      {gone !== undefined && <Withdrawal key={gone.id} sighting={gone} onClose={() => setGone(undefined)} />}
    </div>
  );
}

function Row({ sighting, chosen, onGo, onWithdraw }: { sighting: Sighting; chosen: boolean; onGo: (sighting: Sighting) => void; onWithdraw: (sighting: Sighting) => void }) {
  const { t } = useWords();
  const zone = useZone();
  const line = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (chosen) line.current?.scrollIntoView({ block: "nearest" });
  }, [chosen]);
  const gone = sighting.withdrawn;
  return (
    <li ref={line} className={[chosen ? "picked" : "", gone === null ? "" : "gone"].join(" ").trim()} data-testid={`sighting-${sighting.id}`}>
      <button aria-pressed={chosen} onClick={() => onGo(sighting)}>
        <span className="when">{written(sighting.at, zone)}</span> <span className="how">{t(`sighting.kind.${sighting.kind}`)}</span>
        <span className="words">{sighting.text}</span>
      </button>
      <small className="quiet">{[sighting.area_name, sighting.case_number, sighting.author, sighting.unit].filter((one) => one !== "").join(" · ")}</small>
      {gone !== null && <small className="doubtful">{t("mark.gone", { by: gone.by, time: written(gone.at, zone), reason: gone.reason })}</small>}
      {sighting.own && gone === null && (
        <Button size="small" type="link" data-testid="withdraw-sighting" onClick={() => onWithdraw(sighting)}>
          {t("mark.withdraw")}
        </Button>
      )}
    </li>
  );
}

function Withdrawal({ sighting, onClose }: { sighting: Sighting; onClose: () => void }) {
  const { t } = useWords();
  const { act } = useAct();
  const queries = useQueryClient();
  const send = (reason: string) =>
    act(async () => {
      await body(api.POST("/api/v1/sightings/{sighting_id}/withdrawal", { params: { path: { sighting_id: sighting.id } }, body: { reason } }));
      await queries.invalidateQueries({ queryKey: ["sightings"] });
    });
  return <AskReason name="sighting" open title={t("sighting.withdraw")} help={sighting.text} label={t("mark.withdraw.why")} okText={t("mark.withdraw")} danger least={1} onClose={onClose} onSure={send} />;
}
