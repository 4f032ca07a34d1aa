import { useQuery } from "@tanstack/react-query";
import { Alert, Button, Input, InputNumber, Space } from "antd";
import { api, body } from "../../api-client/client";
import { useWords } from "../../ui/language";
import { useKept } from "../../ui/kept";
import { LiftRequest } from "../../ui/LiftRequest";
import { LiftReturn } from "../../ui/LiftReturn";
import { useTime } from "../../ui/time";
import type { Corner } from "./mask-shape";
import { RemovalRequest, type WantedView } from "./MaskRequests";

interface Props {
  code: string;
  masks: NonNullable<ReturnType<typeof useMasks>["data"]>;
  mayMask: boolean;
  mayAskLift: boolean;
  drawing: boolean;
  onDraw: (name: string, preset: number) => void;
  onClear: (preset: number) => void;
  /** A view that is black is asked to be seen again, with a mask that was drawn before. */
  onOpen: (wanted: WantedView) => void;
}

/** Whether the picture at this preset is black whole: the first mask there lets it be seen, which takes two persons. */
export function isBlackAt(masks: Props["masks"], preset: number): boolean {
  return masks.items.length > 0 && !masks.items.some((mask) => mask.valid && mask.preset === preset);
}

/** The masks of one camera, in the queries of its page. */
export function useMasks(code: string) {
  return useQuery({ queryKey: ["masks", code], queryFn: () => body(api.GET("/api/v1/cameras/{code}/masks", { params: { path: { code } } })) });
}

/** What of the picture is hidden, where the camera is known to look, and a way to hide more. */
export function Masks({ code, masks, mayMask, mayAskLift, drawing, onDraw, onClear, onOpen }: Props) {
  const { t } = useWords();
  const time = useTime();
  const [name, setName] = useKept(`name of a mask on ${code}`, "");
  const [preset, setPreset] = useKept(`preset of a mask on ${code}`, 1);
  const nameOf = (mask: Props["masks"]["items"][number]) => (mask.points.length === 0 ? t("mask.clear") : mask.name || t("mask.unnamed"));
  const at = masks.turns ? preset : 0;
  return (
    <section className="card" data-testid="masks">
      <h3>{t("mask.title")}</h3>
      {masks.items.length === 0 && <div className="hint">{t("mask.none")}</div>}
      {masks.items.length > 0 && masks.position === null && <Alert type="warning" showIcon title={t(masks.turns ? "mask.unknownPosition" : "mask.turned")} style={{ marginBottom: 8 }} />}
      {masks.lifted_until !== null && <Alert type="error" showIcon title={t("mask.lifted", { time: time(masks.lifted_until) })} action={<LiftReturn code={code} />} style={{ marginBottom: 8 }} />}
      {masks.items.map((mask) => (
        <div key={mask.id} className="mask-row">
          <MaskPicture points={mask.points as [number, number][]} />
          <span style={{ flex: 1 }}>
            {nameOf(mask)}
            {!mask.valid && <div className="hint">{t("mask.invalid")}</div>}
          </span>
          {masks.turns && <span className="quiet">{t("mask.preset", { number: mask.preset })}</span>}
          {mayMask && !mask.valid && isBlackAt(masks, mask.preset) && (
            <Button size="small" data-testid={`open-view-${mask.id}`} title={t("mask.again.help")} onClick={() => onOpen({ name: mask.name, preset: mask.preset, points: mask.points as Corner[] })}>
              {t("mask.again")}
            </Button>
          )}
          {mayMask && <RemovalRequest code={code} mask={mask.id} name={nameOf(mask)} />}
        </div>
      ))}
      {mayMask && (
        <Space wrap style={{ marginTop: 8 }}>
          {masks.turns && <InputNumber min={1} max={255} value={preset} aria-label={t("camera.presets")} onChange={(value) => setPreset(value ?? 1)} style={{ width: 64 }} />}
          <Input value={name} placeholder={t("mask.name")} maxLength={128} onChange={(event) => setName(event.target.value)} style={{ width: 150 }} />
          <Button type="primary" disabled={drawing} data-testid="draw-mask" onClick={() => onDraw(name, at)}>
            {t("mask.draw")}
          </Button>
          {masks.turns && (
            <Button disabled={drawing} title={t("mask.declareClear.help")} onClick={() => onClear(at)}>
              {t("mask.declareClear")}
            </Button>
          )}
        </Space>
      )}
      {mayMask && isBlackAt(masks, at) && <div className="hint">{t("mask.black")}</div>}
      {mayAskLift && masks.items.length > 0 && (
        <div style={{ marginTop: 8 }}>
          <LiftRequest code={code} />
        </div>
      )}
    </section>
  );
}

function MaskPicture({ points }: { points: [number, number][] }) {
  return (
    <svg className="mask-picture" viewBox="0 0 10000 10000" preserveAspectRatio="none" aria-hidden>
      <polygon points={points.map((point) => point.join(",")).join(" ")} />
    </svg>
  );
}
