import { useQueryClient } from "@tanstack/react-query";
import { Button, Input, InputNumber, Modal, Select } from "antd";
import { useState } from "react";
import { api } from "../../api-client/client";
import { useAct } from "../../ui/act";
import { CameraPick } from "../../ui/CameraPick";
import { useWords } from "../../ui/language";
import { areWhole } from "../../ui/hours/week";
import { ArmingHours, USUAL } from "./ArmingHours";
import { withPoint, type Host, type Point } from "./host";

const ZONE = /^[0-9A-Za-z]{1,8}$/;
const MOST_CAMERAS = 9;
const KINDS = ["zone", "button", "detector"] as const;

interface Looking {
  camera: string;
  preset: number | null;
}

/** A zone, a button or a detector: what it is called, where it is, and what looks at it. */
export function PointForm({ host, point, onClose }: { host: Host; point: Point | undefined; onClose: () => void }) {
  const { t } = useWords();
  const { busy, act } = useAct();
  const queries = useQueryClient();
  const [zone, setZone] = useState(point?.zone ?? "");
  const [name, setName] = useState(point?.name ?? "");
  const [kind, setKind] = useState<(typeof KINDS)[number]>(point?.kind ?? "detector");
  const [longitude, setLongitude] = useState<number | null>(point?.longitude ?? null);
  const [latitude, setLatitude] = useState<number | null>(point?.latitude ?? null);
  const [arming, setArming] = useState(point?.arming ?? null);
  const [looking, setLooking] = useState<Looking[]>(point === undefined || point.camera === "" ? [] : [{ camera: point.camera, preset: point.preset }, ...point.others]);
  const whole = ZONE.test(zone) && name.trim() !== "" && (longitude === null) === (latitude === null) && (arming === null || areWhole(arming)) && looking.every(({ camera }) => camera !== "");
  const change = (at: number, to: Partial<Looking>) => setLooking(looking.map((one, place) => (place === at ? { ...one, ...to } : one)));
  const up = (at: number) => setLooking(looking.map((one, place) => (place === at - 1 ? (looking[at] ?? one) : place === at ? (looking[at - 1] ?? one) : one)));
  const save = () =>
    void act(async () => {
      const [first, ...others] = looking;
      const order = { zone, name, kind, camera: first?.camera ?? "", preset: first?.preset ?? null, others, longitude, latitude, arming };
      await api.PUT("/api/v1/alarm-hosts/{host_id}", { params: { path: { host_id: host.id } }, body: withPoint(host, point, order) }).finally(() => void queries.invalidateQueries({ queryKey: ["alarm-hosts"] }));
      onClose();
    });
  return (
    <Modal open width={640} title={point === undefined ? t("points.point.add") : t("points.point.change", { zone: point.zone })} okText={t("points.save")} cancelText={t("cancel")} confirmLoading={busy} okButtonProps={{ disabled: !whole, "data-testid": "save-point" }} onCancel={onClose} onOk={save} destroyOnHidden>
      <div className="point-form">
        <label>
          <span>{t("points.zone")}</span>
          <Input autoFocus={point === undefined} value={zone} maxLength={8} data-testid="point-zone" onChange={(event) => setZone(event.target.value)} />
        </label>
        <label>
          <span>{t("points.kind")}</span>
          <Select value={kind} aria-label={t("points.kind")} data-testid="point-kind" options={KINDS.map((value) => ({ value, label: t(`points.kind.${value}`) }))} onChange={setKind} />
        </label>
        <label className="wide">
          <span>{t("points.name")}</span>
          <Input autoFocus={point !== undefined} value={name} maxLength={128} data-testid="point-name" onChange={(event) => setName(event.target.value)} />
        </label>
        <label>
          <span>{t("points.longitude")}</span>
          <InputNumber<number> value={longitude} min={-180} max={180} step={0.0001} data-testid="point-longitude" onChange={setLongitude} style={{ width: "100%" }} />
        </label>
        <label>
          <span>{t("points.latitude")}</span>
          <InputNumber<number> value={latitude} min={-90} max={90} step={0.0001} data-testid="point-latitude" onChange={setLatitude} style={{ width: "100%" }} />
        </label>
        <label className="wide">
          <span>{t("points.arming.when")}</span>
          <Select value={arming !== null} aria-label={t("points.arming.when")} data-testid="point-arming" options={[false, true].map((value) => ({ value, label: t(value ? "points.arming.own" : "points.arming.host") }))} onChange={(own: boolean) => setArming(own ? (point?.arming ?? host.arming?.hours ?? USUAL) : null)} />
        </label>
        {arming !== null && <ArmingHours hours={arming} onChange={setArming} />}
        <div className="wide" role="group" aria-label={t("points.cameras")}>
          <span>
            {t("points.cameras")} <span className="quiet">{t("points.cameras.help")}</span>
          </span>
          {looking.map((one, at) => (
            <div key={at} className="point-looking">
              <span className="quiet">{at + 1}</span>
              <CameraPick value={one.camera} testId={`point-camera-${at}`} onChange={(camera) => change(at, { camera })} />
              <InputNumber<number> value={one.preset} min={1} max={255} precision={0} placeholder={t("points.preset")} aria-label={t("points.preset")} data-testid={`point-preset-${at}`} onChange={(preset) => change(at, { preset })} />
              <Button disabled={at === 0} aria-label={t("points.cameras.up", { number: at + 1 })} onClick={() => up(at)}>
                ↑
              </Button>
              <Button aria-label={t("points.cameras.drop", { number: at + 1 })} onClick={() => setLooking(looking.filter((_, place) => place !== at))}>
                ✕
              </Button>
            </div>
          ))}
          {(point?.hidden ?? 0) > 0 && <p className="quiet">{t("points.cameras.hidden", { count: point?.hidden ?? 0 })}</p>}
          <Button type="dashed" disabled={looking.length >= MOST_CAMERAS} data-testid="point-add-camera" onClick={() => setLooking([...looking, { camera: "", preset: null }])}>
            {t("points.cameras.add")}
          </Button>
        </div>
      </div>
    </Modal>
  );
}
