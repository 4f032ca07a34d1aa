import { useNavigate } from "@tanstack/react-router";
import { Button, Checkbox, Input, Segmented } from "antd";
import { useEffect, useRef, useState } from "react";
import { api, body } from "../../api-client/client";
import { ActButton } from "../../ui/act";
import { useWords } from "../../ui/language";
import { Refused } from "../../ui/Refused";
import { useMay } from "../../ui/signed-in";
import { footageToPlay } from "../../ui/to-playback";
import { useZone, written } from "../../ui/zone";
import { OwnSightingDialog, type Own } from "./OwnSightingDialog";
import { REACHES, type Reach, type Sighting, type SightingDesk } from "./use-sightings";

interface Props {
  desk: SightingDesk;
  onGo: (sighting: Sighting) => void;
  onAdd: () => void;
}

/** What people noted that they saw, the newest first: where one goes from, and where one's own are corrected or withdrawn. */
export function SightingRows({ desk, onGo, onAdd }: Props) {
  const { t } = useWords();
  const { asked, setAsked } = desk;
  const [typed, setTyped] = useState(asked.caseNumber);
  const [own, setOwn] = useState<Own>();
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
      {!desk.pending && desk.error === null && desk.items.length === 0 && desk.beyond === 0 && <div className="hint">{t("sighting.none")}</div>}
      {!desk.whole && <p className="notice">{t("sighting.cut")}</p>}
      {desk.beyond > 0 && (
        <p className="notice" data-testid="sightings-beyond">
          {t("sighting.beyond", { count: desk.beyond })}
        </p>
      )}
      <ul className="sighting-rows" data-testid="sightings">
        {desk.items.map((one) => (
          <Row key={one.id} sighting={one} chosen={one.id === desk.chosen?.id} onGo={onGo} onOwn={setOwn} />
        ))}
      </ul>
      {own !== undefined && <OwnSightingDialog key={`${own.sighting.id} ${own.how}`} {...own} onCorrected={(id) => desk.choose(id)} onClose={() => setOwn(undefined)} />}
    </div>
  );
}

function Row({ sighting, chosen, onGo, onOwn }: { sighting: Sighting; chosen: boolean; onGo: (sighting: Sighting) => void; onOwn: (own: Own) => void }) {
  const { t } = useWords();
  const zone = useZone();
  const may = useMay();
  const navigate = useNavigate();
  const line = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (chosen) line.current?.scrollIntoView({ block: "nearest" });
  }, [chosen]);
  const gone = sighting.withdrawn;
  const play = async () => {
    const { code, name } = await body(api.GET("/api/v1/cameras/{code}", { params: { path: { code: sighting.camera } } }));
    footageToPlay({ cameras: [{ code, name }], atUs: Date.parse(sighting.at) * 1_000 });
    await navigate({ to: "/playback" });
  };
  const acts = { play: sighting.camera !== "" && may("view-recorded"), own: sighting.own && gone === null };
  return (
    <li ref={line} className={[chosen ? "picked" : "", gone === null ? "" : "gone"].join(" ").trim()} data-testid={`sighting-${sighting.id}`}>
      <button aria-pressed={chosen} onClick={() => onGo(sighting)}>
        <span className="when">{written(sighting.at, zone)}</span> <span className="how">{t(`sighting.kind.${sighting.kind}`)}</span>
        <span className="words">{sighting.text}</span>
      </button>
      <small className="quiet">{[sighting.area_name, sighting.case_number, sighting.author, sighting.unit].filter((one) => one !== "").join(" · ")}</small>
      {gone !== null && <small className="doubtful">{t("mark.gone", { by: gone.by, time: written(gone.at, zone), reason: gone.reason })}</small>}
      {(acts.play || acts.own) && (
        <span className="sighting-acts">
          {acts.play && (
            <ActButton size="small" type="link" title={t("sighting.play.title", { camera: sighting.camera })} data-testid="play-sighting" act={play}>
              {t("sighting.play")}
            </ActButton>
          )}
          {acts.own &&
            (["correct", "withdraw"] as const).map((how) => (
              <Button key={how} size="small" type="link" data-testid={`${how}-sighting`} onClick={() => onOwn({ sighting, how })}>
                {t(how === "correct" ? "sighting.correct" : "mark.withdraw")}
              </Button>
            ))}
        </span>
      )}
    </li>
  );
}
