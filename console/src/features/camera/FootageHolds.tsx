import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { api, body, type Schemas } from "../../api-client/client";
import { AskReason } from "../../ui/AskReason";
import { DateField } from "../../ui/DateField";
import { DocumentFields, isWhole, NO_DOCUMENT, type LegalDocument } from "../../ui/DocumentFields";
import { useKept } from "../../ui/kept";
import { useWords } from "../../ui/language";
import { useAsk } from "../../ui/use-ask";
import { momentOf, useZone, wallTime, written } from "../../ui/zone";

type Hold = Schemas["HoldShape"];
const HOUR_MS = 3_600_000;
const REVIEW_MS = 90 * 24 * HOUR_MS;

function useHolds(camera: string) {
  return useQuery({ queryKey: ["footage-holds", camera], refetchInterval: 10_000, queryFn: () => body(api.GET("/api/v1/cameras/{code}/footage-holds", { params: { path: { code: camera } } })) }).data;
}

/** What is held, each with its case and the day by which somebody looks again. */
export function FootageHolds({ camera }: { camera: string }) {
  const { t } = useWords();
  const zone = useZone();
  const holds = useHolds(camera);
  return (
    <ul className="footage-holds" data-testid="footage-holds">
      {holds?.items.map((one) => (
        <li key={one.id} data-testid={`hold-${one.id}`}>
          <div className="hold-words">
            <b>{one.case_number === null ? t("hold.otherCase") : t("hold.row", { case: one.case_number })}</b> {written(one.from, zone)} – {written(one.to, zone)}
            <br />
            <span className="quiet">
              <span className={one.overdue ? "doubtful" : undefined}>{t(one.overdue ? "hold.isOverdue" : "hold.reviewBy", { day: written(one.review_at, zone).slice(0, 10) })}</span> · {t("hold.by", { asked: one.asked_by, approved: one.approved_by })}
              {one.reason !== "" && ` · ${one.reason}`}
            </span>
          </div>
          <Release camera={camera} hold={one} needsDocument={holds.needs_document} />
        </li>
      ))}
      {holds?.clips.map((one) => (
        <li key={`${one.from} ${one.to} ${one.asked_by}`} data-testid="hold-of-clip">
          <div className="hold-words">
            <b>{t("hold.clip")}</b> {written(one.from, zone)} – {written(one.to, zone)}
            <br />
            <span className="quiet">
              {t("hold.clip.until", { at: written(one.held_until, zone) })} · {one.approved_by === "" ? t("hold.clip.waits", { asked: one.asked_by }) : t("hold.by", { asked: one.asked_by, approved: one.approved_by })}
            </span>
          </div>
        </li>
      ))}
    </ul>
  );
}

function Release({ camera, hold, needsDocument }: { camera: string; hold: Hold; needsDocument: boolean }) {
  const { t } = useWords();
  const ask = useAsk();
  const [open, setOpen] = useState(false);
  const [document, setDocument] = useKept<LegalDocument>(`document of release ${hold.id}`, NO_DOCUMENT);
  const path = { params: { path: { code: camera, hold_id: hold.id } } };
  const send = (reason: string) => ask(() => api.POST("/api/v1/cameras/{code}/footage-holds/{hold_id}/release", { ...path, body: { reason, document: needsDocument ? document : null } }));
  return (
    <>
      <Button size="small" data-testid={`release-hold-${hold.id}`} onClick={() => setOpen(true)}>
        {t("hold.release")}
      </Button>
      <AskReason name={`release of hold ${hold.id}`} open={open} title={t("hold.release.title", { asked: hold.asked_by, day: hold.from.slice(0, 10) })} help={t("hold.release.help")} label={t("hold.release.reason")} okText={t("hold.send")} ready={!needsDocument || isWhole(document)} onClose={() => setOpen(false)} onSure={send}>
        {needsDocument && <DocumentFields document={document} onChange={setDocument} />}
      </AskReason>
    </>
  );
}

/** Asks that footage be held; at first of the last hour. */
export function NewHold({ camera }: { camera: string }) {
  const { t } = useWords();
  const zone = useZone();
  const ask = useAsk();
  const holds = useHolds(camera);
  const needsDocument = holds?.needs_document === true;
  const [times, setTimes] = useKept<{ from: string; to: string; review: string }>(`time of a hold on ${camera}`);
  const [document, setDocument] = useKept<LegalDocument>(`document of a hold on ${camera}`, NO_DOCUMENT);
  const begin = () => {
    const wall = (ms: number, length: number) => wallTime(Date.now() + ms, zone).slice(0, length);
    setTimes({ from: wall(-HOUR_MS, 16), to: wall(0, 16), review: wall(REVIEW_MS, 10) });
  };
  const send = (reason: string) => {
    const at = (wall: string) => momentOf(wall, zone).toISOString();
    const { from, to, review } = times ?? { from: "", to: "", review: "" };
    return ask(() => api.POST("/api/v1/cameras/{code}/footage-holds", { params: { path: { code: camera } }, body: { from: at(from), to: at(to), review_at: at(`${review}T00:00`), reason, document: needsDocument ? document : null } }));
  };
  const ready = times !== undefined && times.from !== "" && times.from < times.to && times.review !== "" && (!needsDocument || isWhole(document));
  return (
    <>
      <Button data-testid="ask-hold" onClick={begin}>
        {t("hold.ask")}
      </Button>
      {times !== undefined && (
        <AskReason name={`hold on ${camera}`} open title={t("hold.title")} help={t("hold.help")} label={t("hold.reason")} okText={t("hold.send")} ready={ready} onClose={() => setTimes(undefined)} onSure={send}>
          <div className="fields">
            <label>
              <span>{t("hold.from")}</span>
              <DateField value={times.from} precision="minute" label={t("hold.from")} testId="hold-from" wrong={times.from >= times.to} clearable={false} onChange={(from) => setTimes({ ...times, from })} />
            </label>
            <label>
              <span>{t("hold.to")}</span>
              <DateField value={times.to} precision="minute" label={t("hold.to")} testId="hold-to" wrong={times.from >= times.to} clearable={false} onChange={(to) => setTimes({ ...times, to })} />
            </label>
            <label>
              <span>{t("hold.review")}</span>
              <DateField value={times.review} label={t("hold.review")} testId="hold-review" clearable={false} onChange={(review) => setTimes({ ...times, review })} />
            </label>
          </div>
          {needsDocument && <DocumentFields document={document} onChange={setDocument} />}
        </AskReason>
      )}
    </>
  );
}
