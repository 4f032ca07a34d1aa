import { useQuery } from "@tanstack/react-query";
import { Button, InputNumber, Modal, Select } from "antd";
import { useState } from "react";
import type { Schemas } from "../../api-client/client";
import { useAct } from "../../ui/act";
import { useWords } from "../../ui/language";
import { shownTiles, type Wall } from "../../ui/wall-state";
import { ShareFields, type Named } from "./ShareFields";
import { fetchView, type ViewLine } from "./use-views";

type StepOrder = Schemas["StepOrder"];
interface Line extends StepOrder {
  name: string;
}

interface Props {
  /** The one that is changed; a new one without. */
  tour?: ViewLine;
  views: ViewLine[];
  wall: Wall;
  onSave: (value: Named, steps: StepOrder[]) => Promise<unknown>;
  onLeave: () => void;
}

const DWELL_S = 15;
const FIRST: Named = { name: "", sharing: "own", post: "", centre: 0 };

/** The steps of a tour: saved views, and cameras of the wall, each for its own time. */
export function TourDialog({ tour, views, wall, onSave, onLeave }: Props) {
  const { t } = useWords();
  const { busy, act } = useAct();
  const [value, setValue] = useState<Named>(tour ?? FIRST);
  const kept = useQuery({ queryKey: ["views", tour?.id], queryFn: () => fetchView(tour?.id ?? 0), enabled: tour !== undefined });
  const [changed, setLines] = useState<Line[]>();
  const lines: Line[] = changed ?? (kept.data?.steps ?? []).filter((step) => step.state === "shown").map(({ view, camera, name, stream, dwell_s }) => ({ view, camera, name, stream, dwell_s }));
  const cameras = shownTiles(wall).flatMap((tile) => (tile === undefined || tile.lack !== undefined ? [] : [tile]));
  const add = (key: string) => {
    const [kind, id = ""] = key.split(" ");
    const view = kind === "view" ? views.find((one) => String(one.id) === id) : undefined;
    const camera = cameras.find((one) => kind === "camera" && one.code === id);
    if (view !== undefined) setLines([...lines, { view: view.id, camera: "", name: view.name, stream: "auto", dwell_s: DWELL_S }]);
    if (camera !== undefined) setLines([...lines, { view: 0, camera: camera.code, name: camera.name, stream: camera.stream ?? "auto", dwell_s: DWELL_S }]);
  };
  const move = (at: number, by: number) => {
    const line = lines[at];
    if (line !== undefined) setLines(lines.toSpliced(at, 1).toSpliced(at + by, 0, line));
  };
  const ready = value.name.trim() !== "" && lines.length > 0;
  const save = async () => {
    const steps = lines.map(({ view, camera, stream, dwell_s }) => ({ view, camera, stream, dwell_s }));
    if (ready && (await act(() => onSave({ ...value, name: value.name.trim() }, steps)))) onLeave();
  };
  return (
    <Modal open title={t(tour === undefined ? "views.newTour" : "views.edit.tour")} okText={t("views.save")} okButtonProps={{ disabled: !ready, loading: busy }} onOk={() => void save()} onCancel={onLeave} width={560} destroyOnHidden>
      <ShareFields value={value} onChange={setValue} />
      <ol className="tour-steps">
        {lines.map((line, at) => (
          <li key={`${at} ${line.view} ${line.camera}`} data-testid={`tour-step-${at}`}>
            <span className="name">{line.name}</span>
            <InputNumber size="small" min={5} max={3600} value={line.dwell_s} suffix={t("views.seconds")} aria-label={t("views.dwell")} onChange={(dwell_s) => setLines(lines.with(at, { ...line, dwell_s: dwell_s ?? DWELL_S }))} />
            <Button type="text" size="small" disabled={at === 0} aria-label={t("views.step.up")} onClick={() => move(at, -1)}>↑</Button>
            <Button type="text" size="small" disabled={at === lines.length - 1} aria-label={t("views.step.down")} onClick={() => move(at, 1)}>↓</Button>
            <Button type="text" size="small" danger aria-label={t("views.step.remove")} onClick={() => setLines(lines.toSpliced(at, 1))}>✕</Button>
          </li>
        ))}
      </ol>
      <Select
        value={null}
        placeholder={t("views.step.add")}
        aria-label={t("views.step.add")}
        data-testid="tour-add"
        style={{ width: "100%" }}
        onChange={(key: string | null) => key !== null && add(key)}
        notFoundContent={t("views.step.nothing")}
        options={[
          { label: t("views.title"), options: views.map((one) => ({ value: `view ${one.id}`, label: one.name })) },
          { label: t("views.onWall"), options: cameras.map((one) => ({ value: `camera ${one.code}`, label: one.name })) },
        ].filter((group) => group.options.length > 0)}
      />
    </Modal>
  );
}
