import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Input, InputNumber, Modal, Popconfirm } from "antd";
import { useState } from "react";
import { api, body, type Schemas } from "../../api-client/client";
import { useAct } from "../../ui/act";
import { AreaSelect } from "../../ui/AreaSelect";
import { CameraPick } from "../../ui/CameraPick";
import { GuideLink } from "../../ui/GuideLink";
import { useWords } from "../../ui/language";
import { OutputLast, OutputState, OutputSwitch, outputsPace } from "../../ui/OutputSwitch";
import { Refused } from "../../ui/Refused";

/** Sirens, lamps and barriers at cameras: entered and tried here. */
export function Outputs() {
  const { t } = useWords();
  const [adding, setAdding] = useState(false);
  const found = useQuery({ queryKey: ["outputs"], retry: false, refetchInterval: (query) => outputsPace(query.state.data?.items), queryFn: () => body(api.GET("/api/v1/outputs")) });
  return (
    <section className="card" aria-labelledby="outputs-title">
      <div className="page-head links-top">
        <h2 id="outputs-title">{t("outputs.title")}</h2>
        <GuideLink place="alarm-rules#outputs" />
        <Button type="primary" data-testid="add-output" onClick={() => setAdding(true)}>
          {t("outputs.add")}
        </Button>
      </div>
      {found.error !== null && <Refused error={found.error} />}
      {found.data?.items.length === 0 && <p className="quiet">{t("outputs.none")}</p>}
      <ul className="links" data-testid="outputs">
        {found.data?.items.map((one) => (
          <Row key={one.id} output={one} />
        ))}
      </ul>
      {adding && <NewOutput onClose={() => setAdding(false)} />}
    </section>
  );
}

function Row({ output }: { output: Schemas["OutputShape"] }) {
  const { t } = useWords();
  const queries = useQueryClient();
  const { act } = useAct();
  const remove = () => act(() => api.DELETE("/api/v1/outputs/{output_id}", { params: { path: { output_id: output.id } } }).then(() => queries.invalidateQueries({ queryKey: ["outputs"] })));
  return (
    <li data-testid={`output-${output.id}`}>
      <div className="link-head">
        <OutputState output={output} />
        <b>{output.name}</b>
        <span className="quiet">{[output.area_name, output.camera, t("outputs.of", { number: output.switch })].filter((one) => one !== "").join(" · ")}</span>
        <span className="grow" />
        <OutputSwitch output={output} />
        <Popconfirm title={t("outputs.remove.sure", { name: output.name })} okText={t("links.remove")} cancelText={t("cancel")} onConfirm={remove}>
          <Button size="small" data-testid={`remove-output-${output.id}`}>
            {t("links.remove")}
          </Button>
        </Popconfirm>
      </div>
      <OutputLast output={output} />
    </li>
  );
}

function NewOutput({ onClose }: { onClose: () => void }) {
  const { t } = useWords();
  const { busy, act } = useAct();
  const queries = useQueryClient();
  const [order, setOrder] = useState({ name: "", area: "", camera: "", switch: 2 });
  const save = () =>
    void act(async () => {
      await body(api.POST("/api/v1/outputs", { body: order }));
      void queries.invalidateQueries({ queryKey: ["outputs"] });
      onClose();
    });
  return (
    <Modal open title={t("outputs.add")} okText={t("outputs.save")} cancelText={t("cancel")} confirmLoading={busy} okButtonProps={{ disabled: order.name.trim() === "" || order.camera === "", "data-testid": "save-output" }} onCancel={onClose} onOk={save} destroyOnHidden>
      <div className="link-form">
        <label>
          <span>{t("outputs.name")}</span>
          <Input autoFocus value={order.name} maxLength={64} data-testid="output-name" onChange={(event) => setOrder({ ...order, name: event.target.value })} />
        </label>
        <label>
          <span>{t("links.area")}</span>
          <AreaSelect value={order.area || undefined} clearable label={t("rules.area.own")} testId="output-area" onChange={(area) => setOrder({ ...order, area })} />
        </label>
        <label className="wide">
          <span>{t("outputs.camera")}</span>
          <CameraPick value={order.camera} testId="output-camera" onChange={(camera) => setOrder({ ...order, camera })} />
        </label>
        <label>
          <span>{t("outputs.switch")}</span>
          <InputNumber<number> value={order.switch} min={1} max={255} precision={0} data-testid="output-switch" onChange={(value) => setOrder({ ...order, switch: value ?? 2 })} style={{ width: "100%" }} />
          <span className="quiet">{t("outputs.switch.help")}</span>
        </label>
      </div>
    </Modal>
  );
}
