import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Button, Progress, Space } from "antd";
import { useRef, useState, type DragEvent } from "react";
import { api, body } from "../../api-client/client";
import { useAct } from "../../ui/act";
import { useKept } from "../../ui/kept";
import { useWords } from "../../ui/language";
import { Refused } from "../../ui/Refused";
import { FaultyRows } from "./FaultyRows";
import "./files.css";
import { sendTable, useImport, type FileImport } from "./use-import";

/** Device files from a table: looked through first, then all rows or none, or the right ones. */
export function ImportPage() {
  const { t } = useWords();
  const { busy, act } = useAct();
  const queries = useQueryClient();
  const chosen = useRef<HTMLInputElement>(null);
  const [number, setNumber] = useKept<number>("import of files");
  const [over, setOver] = useState(false);
  const found = useImport(number);
  const one = found.data;
  const send = (table: File) =>
    act(async () => {
      const begun = await sendTable(table);
      queries.setQueryData(["file-import", begun.number], begun);
      setNumber(begun.number);
      await queries.invalidateQueries({ queryKey: ["file-import", begun.number] });
    });
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const table = event.dataTransfer.files[0];
    if (table !== undefined) void send(table);
  };
  const commit = (mode: "all" | "right") =>
    act(async () => {
      if (one === undefined) return;
      queries.setQueryData(["file-import", number], await body(api.POST("/api/v1/device-file-imports/{number}/commit", { params: { path: { number: one.number } }, body: { mode } })));
      await queries.invalidateQueries({ queryKey: ["files"] });
    });
  return (
    <div className="padded files">
      <div className="page-head">
        <Link to="/files">{t("file.back")}</Link>
        <h1>{t("import.title")}</h1>
        <span className="grow" />
        <Button href="/api/v1/device-file-template?form=xlsx" data-testid="template-xlsx">
          {t("import.template", { form: "xlsx" })}
        </Button>
        <Button href="/api/v1/device-file-template?form=csv">{t("import.template", { form: "CSV" })}</Button>
      </div>
      <section
        className={`card import-drop ${over ? "over" : ""}`}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
      >
        <input
          ref={chosen}
          type="file"
          hidden
          accept=".xlsx,.csv"
          data-testid="import-file"
          onChange={(event) => {
            const table = event.target.files?.[0];
            if (table !== undefined) void send(table);
            event.target.value = "";
          }}
        />
        <Button type="primary" loading={busy && (one === undefined || one.phase !== "ready")} data-testid="choose-table" onClick={() => chosen.current?.click()}>
          {t("import.choose")}
        </Button>
        <p className="quiet">{t("import.help")}</p>
      </section>
      {found.isError && <Refused error={found.error} />}
      {one !== undefined && <Looked one={one} busy={busy} onCommit={commit} />}
    </div>
  );
}

interface LookedProps {
  one: FileImport;
  busy: boolean;
  onCommit: (mode: "all" | "right") => Promise<unknown>;
}

function Looked({ one, busy, onCommit }: LookedProps) {
  const { t, pick } = useWords();
  if (one.problem !== null) {
    return (
      <div className="notice" role="alert" data-testid="import-problem">
        <b>{pick(one.problem.zh, one.problem.en)}</b> {pick(one.problem.remedy_zh, one.problem.remedy_en)}
      </div>
    );
  }
  const { counts } = one;
  const right = (counts.new ?? 0) + (counts.changed ?? 0);
  const faulty = counts.faulty ?? 0;
  const percent = one.total === 0 ? 0 : Math.floor((one.done / one.total) * 100);
  return (
    <>
      <section className="card" data-testid="import-state" data-phase={one.phase}>
        <h3>
          {one.name} · {t(`import.phase.${one.phase}`)} <span className="figures">{t("import.took", { seconds: one.took_s.toFixed(1) })}</span>
        </h3>
        {one.phase !== "ready" && one.phase !== "done" && (
          <div className="import-progress">
            <Progress percent={percent} size="small" aria-label={t(`import.phase.${one.phase}`)} />
            <span className="quiet figures">
              {one.done} / {one.total} {one.seconds_left !== null && t("import.left", { seconds: Math.ceil(one.seconds_left) })}
            </span>
          </div>
        )}
        {(one.phase === "ready" || one.phase === "done") && (
          <>
            <dl className="import-counts">
              <Count label={t("import.new")} count={counts.new ?? 0} testId="import-new" />
              <Count label={t("import.changed")} count={counts.changed ?? 0} testId="import-changed" />
              <Count label={t("import.same")} count={counts.same ?? 0} testId="import-same" />
              <Count label={t("import.faulty")} count={faulty} testId="import-faulty" wrong={faulty > 0} />
              <Count label={t("import.warned")} count={one.warnings} testId="import-warned" />
            </dl>
            {one.phase === "done" && (
              <p className="status-online" data-testid="import-done">
                ✓ {t("import.written", { count: one.written })}
              </p>
            )}
            <Space wrap>
              {one.phase === "ready" && (
                <>
                  <Button type={faulty === 0 ? "primary" : "default"} disabled={faulty > 0 || right === 0} loading={busy} data-testid="commit-all" onClick={() => void onCommit("all")}>
                    {t("import.all", { count: right })}
                  </Button>
                  {faulty > 0 && (
                    <Button type="primary" disabled={right === 0} loading={busy} data-testid="commit-right" onClick={() => void onCommit("right")}>
                      {t("import.right", { count: right, faulty })}
                    </Button>
                  )}
                </>
              )}
              {faulty > 0 && (
                <Button href={`/api/v1/device-file-imports/${one.number}/result`} data-testid="import-result">
                  {t("import.result", { count: faulty })}
                </Button>
              )}
            </Space>
          </>
        )}
      </section>
      {one.faulty.length > 0 && <FaultyRows rows={one.faulty} total={faulty} />}
    </>
  );
}

function Count({ label, count, testId, wrong = false }: { label: string; count: number; testId: string; wrong?: boolean }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd className={wrong ? "file-error" : ""} data-testid={testId}>
        {count}
      </dd>
    </div>
  );
}
