import { Button, Drawer, Input, Typography } from "antd";
import { useState } from "react";
import { api, type Schemas } from "../../api-client/client";
import { ActButton, useAct } from "../../ui/act";
import { DocumentFields, isWhole, NO_DOCUMENT, type LegalDocument } from "../../ui/DocumentFields";
import { bytes } from "../../ui/figures";
import { useKept } from "../../ui/kept";
import { useWords } from "../../ui/language";
import { useMay } from "../../ui/signed-in";
import { useAsk } from "../../ui/use-ask";
import { useZone, written } from "../../ui/zone";
import type { Period } from "../../ui/footage/pieces";
import { ClipRecordings } from "./ClipRecordings";
import { useRecordings, type ClipRecording } from "./clip-recordings";
import { FetchHere } from "./FetchHere";
import { LinkClip } from "./LinkClip";
import type { Stream } from "./streams";
import { useFilled } from "./use-footage";
import { takeClip, takeManifest, useClipFiles, useClips, type Clip } from "./use-clips";

interface Props {
  open: boolean;
  onClose: () => void;
  camera: { code: string; name: string } | undefined;
  /** Between in and out; undefined until both are marked. */
  span: Period | undefined;
  /** Whose footage is played there. */
  stream: Stream;
  /** Of which the camera has footage. */
  streams: readonly Stream[];
  /** What is played is the device's own recording. */
  ofDevice: boolean;
}

const iso = (us: number) => new Date(us / 1_000).toISOString();

/** Footage as a file: asked for here, approved by somebody else, taken here with its hash. */
export function ClipDrawer({ open, onClose, camera, span, stream, streams, ofDevice }: Props) {
  const { t } = useWords();
  const clips = useClips(open);
  const [first] = clips.data?.pages ?? [];
  const mine = clips.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Drawer open={open} onClose={onClose} size={620} title={t("clip.title")} destroyOnHidden>
      <p className="quiet dialog-help">{t("clip.help")}</p>
      {!ofDevice && camera !== undefined && <Filling code={camera.code} />}
      {ofDevice ? <FetchHere camera={camera} span={span} stream={stream} /> : <Marked camera={camera} span={span} stream={stream} streams={streams} needsDocument={first?.needs_document === true} />}
      <h3>{t("clip.mine")}</h3>
      {first?.total === 0 && <p className="hint">{t("clip.none")}</p>}
      <ul className="clips" data-testid="clips">
        {mine.map((one) => (
          <ClipRow key={one.id} clip={one} needsDocument={first?.needs_document === true} />
        ))}
      </ul>
      {clips.hasNextPage && (
        <Button size="small" data-testid="more-clips" onClick={() => void clips.fetchNextPage()}>
          {t("file.more", { shown: mine.length, total: first?.total ?? 0 })}
        </Button>
      )}
    </Drawer>
  );
}

/** What would be missing from a clip is there in a moment. */
function Filling({ code }: { code: string }) {
  const { t } = useWords();
  const filled = useFilled(code);
  return filled === undefined ? null : (
    <p className="notice" role="status" data-testid="clip-filling">
      {t("clip.filling", { percent: filled })}
    </p>
  );
}

function Marked({ camera, span, ...rest }: Pick<Props, "camera" | "span" | "stream" | "streams"> & { needsDocument: boolean }) {
  const { t } = useWords();
  const may = useMay();
  if (!may("export")) return <p className="notice">{t("clip.noRight")}</p>;
  if (camera === undefined || span === undefined) return <p className="notice">{t("clip.unmarked")}</p>;
  return <NewClip key={`${camera.code} ${span.fromUs} ${span.toUs}`} camera={camera} span={span} {...rest} />;
}

interface NewProps extends Pick<Props, "stream" | "streams"> {
  camera: NonNullable<Props["camera"]>;
  span: Period;
  needsDocument: boolean;
}

/** Of several recordings of the time the main stream's first, until another is chosen. */
function NewClip({ camera, span, stream, streams, needsDocument }: NewProps) {
  const { t } = useWords();
  const zone = useZone();
  const ask = useAsk();
  const recordings = useRecordings(camera.code, span, streams.length > 0 ? streams : [stream]);
  const [chosen, choose] = useState<ClipRecording>();
  const [busy, setBusy] = useState(false);
  const [reason, setReason] = useKept("reason of a clip", "");
  const [document, setDocument] = useKept<LegalDocument>("document of a clip", NO_DOCUMENT);
  const wanted = chosen ?? recordings?.[0];
  const isTwice = (recordings ?? []).some((one) => one.stream === wanted?.stream && one.recording > 1);
  const ready = recordings !== undefined && reason.trim().length >= 2 && (!needsDocument || isWhole(document));
  const send = async () => {
    setBusy(true);
    const body = { from: iso(span.fromUs), to: iso(span.toUs), stream: wanted?.stream ?? stream, recording: wanted?.recording ?? 1, reason: reason.trim(), document: needsDocument ? document : null };
    if (await ask(() => api.POST("/api/v1/cameras/{code}/clips", { params: { path: { code: camera.code } }, body }))) setReason("");
    setBusy(false);
  };
  return (
    <section className="card" data-testid="new-clip">
      <dl className="facts">
        <dt>{t("clip.camera")}</dt>
        <dd>
          {camera.name} <span className="mono">{camera.code}</span>
        </dd>
        <dt>{t("clip.recording")}</dt>
        <dd data-testid="clip-recordings">{wanted === undefined ? t(`camera.${stream}`) : <ClipRecordings recordings={recordings ?? []} value={wanted} onChange={choose} />}</dd>
        <dt>{t("clip.span")}</dt>
        <dd>
          {written(span.fromUs / 1_000, zone)} – {written(span.toUs / 1_000, zone)} · {t("clip.length", { seconds: ((span.toUs - span.fromUs) / 1e6).toFixed(1) })}
        </dd>
      </dl>
      {isTwice && (
        <p className="notice" role="status" data-testid="clip-twice">
          {t("clip.twice", { count: wanted?.recording ?? 1 })}
        </p>
      )}
      <div className="fields">
        {needsDocument && <DocumentFields document={document} onChange={setDocument} />}
        <Input.TextArea rows={2} maxLength={500} value={reason} aria-label={t("clip.reason")} placeholder={t("clip.reason")} data-testid="clip-reason" onChange={(event) => setReason(event.target.value)} />
      </div>
      <Button type="primary" disabled={!ready} loading={busy} data-testid="ask-clip" onClick={() => void send()}>
        {t("clip.ask")}
      </Button>
    </section>
  );
}

type Taken = Schemas["TakenShape"];

export function ClipRow({ clip, needsDocument }: { clip: Clip; needsDocument: boolean }) {
  const { t, pick } = useWords();
  const zone = useZone();
  const [every, showEvery] = useState(false);
  const [linking, link] = useState(false);
  const files = useClipFiles(clip.id, every);
  const shown = files.data?.pages.flatMap((page) => page.items) ?? [];
  const over = clip.state === "applied" && Date.parse(clip.usable_until) < Date.now();
  const state = over ? t("clip.state.over") : t(`clip.state.${clip.state}`, { until: written(clip.usable_until, zone) });
  const last = clip.taken.at(-1);
  const open = clip.state === "applied" && !over;
  return (
    <li data-testid={`clip-${clip.id}`} data-state={clip.state}>
      <div className="line">
        <span className="grow">
          <b>{clip.name}</b> {written(clip.from, zone)} – {written(clip.to, zone).slice("2026-11-26 ".length)}
          <br />
          <span className="quiet">
            {state}
            {clip.stream === "sub" && ` · ${t("camera.sub")}`}
            {clip.recording > 1 && ` · ${t("clip.recording.turn", { count: clip.recording })}`}
            {clip.approved_by !== "" && ` · ${t("clip.by", { name: clip.approved_by })}`} · {clip.use_ticket} · {clip.reason}
            {clip.linked_from !== null && ` · ${t("clip.link.from", { case: clip.linked_from.case, ticket: clip.linked_from.ticket })}`}
          </span>
          {clip.ended_reason !== null && (
            <div className="doubtful" data-testid="clip-why">
              {pick(clip.ended_reason.zh, clip.ended_reason.en)}
            </div>
          )}
        </span>
        {open && (
          <ActButton type={last === undefined ? "primary" : "default"} data-testid="take-clip" act={() => takeClip(clip.id)}>
            {t(last === undefined ? "clip.download" : "clip.again")}
          </ActButton>
        )}
        {clip.state === "applied" && (
          <Button size="small" data-testid="link-clip-open" onClick={() => link(true)}>
            {t("clip.link")}
          </Button>
        )}
      </div>
      {linking && <LinkClip clip={clip} needsDocument={needsDocument} open onClose={() => link(false)} />}
      {!every && clip.taken.map((one) => <TakenRow key={one.from} clip={clip} taken={one} />)}
      {every && shown.map((one, at) => <TakenRow key={at} clip={clip} taken={one} />)}
      {(every ? files.hasNextPage : clip.taken_total > clip.taken.length) && (
        <Button size="small" type="link" data-testid="more-files" onClick={() => (every ? void files.fetchNextPage() : showEvery(true))}>
          {t("file.more", { shown: every ? shown.length : clip.taken.length, total: clip.taken_total })}
        </Button>
      )}
      {open && last?.ended === "changed" && (
        <ActButton size="small" data-testid="take-rest" act={() => takeClip(clip.id, last.to)}>
          {t("clip.rest")}
        </ActButton>
      )}
    </li>
  );
}

function TakenRow({ clip, taken }: { clip: Clip; taken: Taken }) {
  const { t } = useWords();
  const { busy, act } = useAct();
  const broken = taken.ended === "revoked" || taken.ended === "left" || taken.ended === "unread" || taken.ended === "changed" ? taken.ended : undefined;
  const whole = taken.ended === "whole" || taken.ended === "changed";
  return (
    <div className="clip-taken" data-testid="clip-taken" data-ended={taken.ended}>
      <span className="mono">{taken.file}</span> · {t("clip.taken", { bytes: bytes(taken.bytes), pictures: taken.pictures })}
      {taken.damaged > 0 && <span className="doubtful"> · {t("clip.damaged", { count: taken.damaged })}</span>}
      {taken.missing_s > 0 && <span className="doubtful"> · {t("clip.missing", { seconds: taken.missing_s.toFixed(1) })}</span>}
      {broken !== undefined && <div className="doubtful">{t(`clip.ended.${broken}`)}</div>}
      {whole && (
        <div>
          SHA-256{" "}
          <Typography.Text copyable className="mono" data-testid="clip-sha256">
            {taken.sha256}
          </Typography.Text>
          <Button size="small" type="link" loading={busy} data-testid="take-manifest" onClick={() => void act(() => takeManifest(clip.id, taken))}>
            {t("clip.manifest")}
          </Button>
        </div>
      )}
    </div>
  );
}
