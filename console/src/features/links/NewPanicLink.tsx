import { useQueryClient } from "@tanstack/react-query";
import { Input, InputNumber, Modal } from "antd";
import { useState } from "react";
import { api, body, type Schemas } from "../../api-client/client";
import { useAct } from "../../ui/act";
import { AreaSelect } from "../../ui/AreaSelect";
import { CameraPick } from "../../ui/CameraPick";
import { useWords } from "../../ui/language";

/** A place where somebody may press for help: where it is, who has the link, and where they answer. */
export function NewPanicLink({ onClose, onMade }: { onClose: () => void; onMade: (made: Schemas["PanicLinkMade"]) => void }) {
  const { t } = useWords();
  const { busy, act } = useAct();
  const queries = useQueryClient();
  const [order, setOrder] = useState({ place: "", holder: "", phone: "", area: "", camera: "" });
  const [longitude, setLongitude] = useState<number | null>(null);
  const [latitude, setLatitude] = useState<number | null>(null);
  const whole = order.place.trim() !== "" && order.holder.trim() !== "" && (longitude === null) === (latitude === null);
  const save = () =>
    void act(async () => {
      const made = await body(api.POST("/api/v1/panic-links", { body: { ...order, longitude, latitude } }));
      void queries.invalidateQueries({ queryKey: ["panic-links"] });
      onMade(made);
    });
  const line = (name: "place" | "holder" | "phone", most: number, first = false) => (
    <label>
      <span>{t(`panic.links.${name}`)}</span>
      <Input autoFocus={first} value={order[name]} maxLength={most} data-testid={`panic-${name}`} onChange={(event) => setOrder({ ...order, [name]: event.target.value })} />
    </label>
  );
  return (
    <Modal open title={t("panic.links.add")} okText={t("panic.links.save")} cancelText={t("cancel")} confirmLoading={busy} okButtonProps={{ disabled: !whole, "data-testid": "save-panic-link" }} onCancel={onClose} onOk={save} destroyOnHidden>
      <div className="link-form">
        {line("place", 64, true)}
        {line("holder", 64)}
        {line("phone", 32)}
        <label>
          <span>{t("links.area")}</span>
          <AreaSelect value={order.area || undefined} clearable label={t("rules.area.own")} testId="panic-area" onChange={(area) => setOrder({ ...order, area })} />
        </label>
        <label className="wide">
          <span>{t("panic.links.camera")}</span>
          <CameraPick value={order.camera} testId="panic-camera" onChange={(camera) => setOrder({ ...order, camera })} />
        </label>
        <label>
          <span>{t("panic.links.longitude")}</span>
          <InputNumber<number> value={longitude} min={-180} max={180} step={0.0001} data-testid="panic-longitude" onChange={setLongitude} style={{ width: "100%" }} />
        </label>
        <label>
          <span>{t("panic.links.latitude")}</span>
          <InputNumber<number> value={latitude} min={-90} max={90} step={0.0001} data-testid="panic-latitude" onChange={setLatitude} style={{ width: "100%" }} />
        </label>
      </div>
    </Modal>
  );
}
