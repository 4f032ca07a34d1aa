import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Input, Select } from "antd";
import { useState, type KeyboardEvent } from "react";
import { api, body, type Schemas } from "../../api-client/client";
import { useAct } from "../../ui/act";
import { useKept } from "../../ui/kept";
import { useWords } from "../../ui/language";
import { Refused } from "../../ui/Refused";
import { useMay } from "../../ui/signed-in";
import { useTime } from "../../ui/time";
import type { Centre } from "./seats";
import "../../ui/log.css";

export type Entry = Schemas["LogEntry"];
type Kind = Entry["kind"];
const KINDS: Kind[] = ["alarm", "order", "fault", "patrol", "visitor", "use-request", "other"];

/** The entries of a centre, the newest first, and the line on which one is written. */
export function LogEntries({ centre, writes, reads }: { centre: Centre; writes: boolean; reads: boolean }) {
  const { t, gap } = useWords();
  const takesDuty = useMay()("take-duty");
  const [correcting, setCorrecting] = useState<Entry>();
  const path = { centre: centre.id };
  const found = useInfiniteQuery({
    queryKey: ["duty", "log", centre.id],
    enabled: reads,
    retry: false,
    initialPageParam: 0,
    queryFn: ({ pageParam }) => body(api.GET("/api/v1/duty/centres/{centre}/log", { params: { path, query: { cursor: pageParam } } })),
    getNextPageParam: (page) => page.next ?? undefined,
  });
  // what was read while it was allowed stays in memory for a while
  const entries = reads ? (found.data?.pages.flatMap((page) => page.items) ?? []) : [];
  const correctedBy = new Map(entries.filter((one) => one.corrects !== 0).map((one) => [one.corrects, one.number]));
  return (
    <section className="card" data-testid="log">
      <h2>{t("log.title")}</h2>
      {writes ? <WriteEntry centre={centre} correcting={correcting} onDone={() => setCorrecting(undefined)} /> : (!reads || takesDuty) && <p className="quiet">{[...(reads ? [] : [t("log.notRead")]), ...(takesDuty ? [t(reads ? "log.readOnly" : "log.signOn")] : [])].join(gap)}</p>}
      {found.isError && <Refused error={found.error} />}
      {reads && !found.isPending && entries.length === 0 && !found.isError && <p className="quiet">{t("log.none")}</p>}
      <ol className="log" data-testid="log-entries">
        {entries.map((one) => (
          <EntryLine key={one.number} entry={one} correctedBy={correctedBy.get(one.number)} onCorrect={writes ? setCorrecting : undefined} />
        ))}
      </ol>
      {reads && found.hasNextPage && (
        <Button size="small" loading={found.isFetchingNextPage} data-testid="log-more" onClick={() => void found.fetchNextPage()}>
          {t("log.more")}
        </Button>
      )}
    </section>
  );
}

/** One entry as it was written; what was put right later is struck through. */
export function EntryLine({ entry, correctedBy, onCorrect }: { entry: Entry; correctedBy?: number | undefined; onCorrect?: ((entry: Entry) => void) | undefined }) {
  const { t, pick } = useWords();
  const time = useTime();
  return (
    <li className={correctedBy === undefined ? "" : "put-right"} data-testid={`entry-${entry.number}`}>
      <span className="quiet number">{entry.number}</span>
      <time>{time(entry.at).slice("2026-".length)}</time>
      <span className={`kind kind-${entry.kind}`}>{t(`log.kind.${entry.kind}`)}</span>
      <span className="said">
        <span className="words">{entry.text_en === "" ? entry.text : pick(entry.text, entry.text_en)}</span>
        {entry.corrects !== 0 && <span className="quiet"> · {t("log.corrects", { number: entry.corrects })}</span>}
        {correctedBy !== undefined && <span className="quiet"> · {t("log.corrected", { number: correctedBy })}</span>}
      </span>
      <span className="quiet">{entry.name}</span>
      {onCorrect !== undefined && (
        <Button size="small" type="text" data-testid={`correct-${entry.number}`} onClick={() => onCorrect(entry)}>
          {t("log.correct")}
        </Button>
      )}
    </li>
  );
}

function WriteEntry({ centre, correcting, onDone }: { centre: Centre; correcting: Entry | undefined; onDone: () => void }) {
  const { t } = useWords();
  const { busy, act } = useAct();
  const queries = useQueryClient();
  const [kind, setKind] = useKept<Kind>(`kind of an entry at ${centre.id}`, "patrol");
  const [text, setText] = useKept(`entry at ${centre.id}`, "");
  const said = text.trim();
  const send = () => {
    if (busy || said.length < 2) return;
    const order = { kind: correcting?.kind ?? kind, text: said, corrects: correcting?.number ?? 0 };
    void act(async () => {
      await api.POST("/api/v1/duty/log", { body: order });
      setText("");
      onDone();
    }).finally(() => void queries.invalidateQueries({ queryKey: ["duty", "log"] }));
  };
  const onEnter = (event: KeyboardEvent) => {
    if (event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send();
  };
  return (
    <div className="write-entry">
      {correcting === undefined ? (
        <Select<Kind> value={kind} aria-label={t("log.kind")} data-testid="entry-kind" style={{ width: 104 }} onChange={setKind} options={KINDS.map((one) => ({ value: one, label: t(`log.kind.${one}`) }))} />
      ) : (
        <Button data-testid="stop-correcting" onClick={onDone}>
          {t("log.correcting", { number: correcting.number })} ✕
        </Button>
      )}
      <Input.TextArea rows={2} maxLength={4000} value={text} aria-label={t("log.text")} placeholder={t("log.text")} data-testid="entry-text" onChange={(event) => setText(event.target.value)} onPressEnter={onEnter} />
      <Button type="primary" loading={busy} disabled={said.length < 2} data-testid="write-entry" onClick={send}>
        {t("log.write")}
      </Button>
    </div>
  );
}
