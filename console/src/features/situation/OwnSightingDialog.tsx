import { useQueryClient } from "@tanstack/react-query";
import { Input } from "antd";
import { useState } from "react";
import { api, body } from "../../api-client/client";
import { useAct } from "../../ui/act";
import { AskReason } from "../../ui/AskReason";
import { DateField } from "../../ui/DateField";
import { useWords } from "../../ui/language";
import { momentOf, useZone, wallTime } from "../../ui/zone";
import type { Sighting } from "./use-sightings";

export interface Own {
  sighting: Sighting;
  how: "correct" | "withdraw";
}

interface Props extends Own {
  onCorrected: (id: number) => void;
  onClose: () => void;
}

/** Other words, another time or case for one's own sighting; or why it is withdrawn. */
export function OwnSightingDialog({ sighting, how, onCorrected, onClose }: Props) {
  const { t } = useWords();
  const zone = useZone();
  const { act } = useAct();
  const queries = useQueryClient();
  const first = wallTime(Date.parse(sighting.at), zone);
  const [when, setWhen] = useState(first);
  const [caseNumber, setCase] = useState(sighting.case_number);
  const corrects = how === "correct";
  const path = { sighting_id: sighting.id };
  const send = (words: string) =>
    act(async () => {
      if (corrects) {
        const at = when === first ? null : momentOf(when, zone).toISOString(); // what is below a second stays
        const made = await body(api.POST("/api/v1/sightings/{sighting_id}/correction", { params: { path }, body: { text: words, at, case_number: caseNumber.trim() } }));
        onCorrected(made.id);
      } else {
        await body(api.POST("/api/v1/sightings/{sighting_id}/withdrawal", { params: { path }, body: { reason: words } }));
      }
      await queries.invalidateQueries({ queryKey: ["sightings"] });
    });
  return (
    <AskReason
      name={`sighting ${how} ${sighting.id}`}
      open
      first={corrects ? sighting.text : ""}
      title={t(corrects ? "sighting.correct.title" : "sighting.withdraw")}
      help={corrects ? t("sighting.correct.help") : sighting.text}
      label={t(corrects ? "mark.words" : "mark.withdraw.why")}
      okText={t(corrects ? "mark.keep" : "mark.withdraw")}
      danger={!corrects}
      least={1}
      wordsFirst
      ready={when !== ""}
      onClose={onClose}
      onSure={send}
    >
      {corrects && (
        <div className="sighting-fields">
          <DateField value={when} precision="second" label={t("sighting.when")} testId="sighting-when" clearable={false} onChange={setWhen} />
          <Input value={caseNumber} maxLength={64} aria-label={t("sighting.case")} placeholder={t("sighting.case")} data-testid="sighting-case" onChange={(event) => setCase(event.target.value)} />
        </div>
      )}
    </AskReason>
  );
}
