import { useQueryClient } from "@tanstack/react-query";
import { Input, Radio, Segmented } from "antd";
import { useState } from "react";
import { api, body } from "../../api-client/client";
import { useAct } from "../../ui/act";
import { AreaSelect } from "../../ui/AreaSelect";
import { AskReason } from "../../ui/AskReason";
import { DateField } from "../../ui/DateField";
import { useWords } from "../../ui/language";
import { momentOf, useZone, wallTime } from "../../ui/zone";
import type { Place } from "../../ui/map/geometry";
import type { Sighting } from "./use-sightings";

interface Props {
  /** The one that is chosen on the map. */
  camera: { code: string; name: string } | undefined;
  /** The middle of the map, and the area of what stands nearest to it. */
  middle: Place;
  area: string;
  onClose: () => void;
  onAdded: (sighting: Sighting) => void;
}

const KINDS = ["in-person", "live", "footage"] as const;

/** "Seen here, then": how one saw it, where, when, and in one's own words. */
export function SightingDialog({ camera, middle, area, onClose, onAdded }: Props) {
  const { t } = useWords();
  const zone = useZone();
  const { act } = useAct();
  const queries = useQueryClient();
  const [kind, setKind] = useState<Sighting["kind"]>(camera === undefined ? "in-person" : "live");
  const [atCamera, setAtCamera] = useState(camera !== undefined);
  const [when, setWhen] = useState(() => wallTime(Date.now(), zone));
  const [caseNumber, setCase] = useState("");
  const [where, setWhere] = useState(area);
  const ofPicture = kind !== "in-person";
  const byCamera = camera !== undefined && (ofPicture || atCamera);
  const ready = when !== "" && (byCamera || (!ofPicture && where !== ""));
  const send = (text: string) =>
    act(async () => {
      const [longitude, latitude] = middle;
      const place = byCamera ? { camera: camera.code, area: "" } : { camera: "", longitude, latitude, area: where };
      const made = await body(api.POST("/api/v1/sightings", { body: { kind, at: momentOf(when, zone).toISOString(), text, case_number: caseNumber.trim(), ...place } }));
      await queries.invalidateQueries({ queryKey: ["sightings"] });
      onAdded(made);
    });
  return (
    <AskReason name="a sighting" open title={t("sighting.add")} help={t("sighting.help")} label={t("mark.words")} okText={t("mark.keep")} least={1} ready={ready} onClose={onClose} onSure={send}>
      <div className="sighting-fields">
        <Segmented<Sighting["kind"]> block value={kind} onChange={setKind} options={KINDS.map((one) => ({ value: one, label: t(`sighting.kind.${one}`) }))} />
        {camera !== undefined && (
          <Radio.Group value={byCamera} disabled={ofPicture} onChange={(event) => setAtCamera(event.target.value === true)}>
            <Radio value={true}>{t("sighting.at.camera", { name: camera.name })}</Radio>
            <Radio value={false}>{t("sighting.at.middle")}</Radio>
          </Radio.Group>
        )}
        {ofPicture && camera === undefined && <p className="notice">{t("sighting.camera.needed")}</p>}
        {!byCamera && !ofPicture && (
          <div className="sighting-place">
            <span>{t("sighting.middle", { latitude: middle[1].toFixed(5), longitude: middle[0].toFixed(5) })}</span>
            <AreaSelect value={where === "" ? undefined : where} label={t("sighting.area")} testId="sighting-area" onChange={setWhere} />
          </div>
        )}
        <DateField value={when} precision="second" label={t("sighting.when")} testId="sighting-when" clearable={false} onChange={setWhen} />
        <Input value={caseNumber} maxLength={64} aria-label={t("sighting.case")} placeholder={t("sighting.case")} data-testid="sighting-case" onChange={(event) => setCase(event.target.value)} />
      </div>
    </AskReason>
  );
}
