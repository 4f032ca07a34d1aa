import { Radio } from "antd";
import { useState } from "react";
import { api } from "../../api-client/client";
import { AskReason } from "../../ui/AskReason";
import { DocumentFields, isWhole, NO_DOCUMENT, type LegalDocument } from "../../ui/DocumentFields";
import { useWords } from "../../ui/language";
import { useAsk } from "../../ui/use-ask";
import type { Clip } from "./use-clips";
import { useTickets } from "./use-footage";

/** Asks that a clip be used for another case than it was made for (rule A6). */
export function LinkClip({ clip, needsDocument, open, onClose }: { clip: Clip; needsDocument: boolean; open: boolean; onClose: () => void }) {
  const { t } = useWords();
  const ask = useAsk();
  const tickets = useTickets() ?? [];
  const [chosen, choose] = useState<string>();
  const [document, setDocument] = useState<LegalDocument>(NO_DOCUMENT);
  const own = tickets.find((one) => one.number === clip.use_ticket)?.case_number;
  const fitting = tickets.filter(
    (one) =>
      one.state === "open" &&
      one.number !== clip.use_ticket &&
      one.case_number !== own &&
      one.opens.includes("export") &&
      (one.area !== "" || one.cameras.includes(clip.camera)) &&
      Date.parse(one.since) <= Date.parse(clip.from) &&
      Date.parse(clip.to) <= Date.parse(one.until),
  );
  const ready = chosen !== undefined && (!needsDocument || isWhole(document));
  const send = (reason: string) => (chosen === undefined ? Promise.resolve(false) : ask(() => api.POST("/api/v1/clips/{clip}/links", { params: { path: { clip: clip.id } }, body: { use_ticket: chosen, reason, document: needsDocument ? document : null } })));
  return (
    <AskReason name="clip link" open={open} title={t("clip.link")} help={t("clip.link.help")} label={t("clip.reason")} okText={t("clip.ask")} ready={ready} onClose={onClose} onSure={send}>
      <div className="fields" data-testid="link-clip">
        {fitting.length === 0 ? (
          <p className="notice">{t("clip.link.none")}</p>
        ) : (
          <Radio.Group value={chosen} onChange={(event) => choose(String(event.target.value))} aria-label={t("clip.link.ticket")} data-testid="link-ticket" options={fitting.map((one) => ({ value: one.number, label: `${one.case_number} · ${one.number}` }))} />
        )}
        {needsDocument && <DocumentFields document={document} onChange={setDocument} />}
      </div>
    </AskReason>
  );
}
