import { useQueryClient } from "@tanstack/react-query";
import { Input, Modal, Select } from "antd";
import { useState } from "react";
import { api, body, type Schemas } from "../../api-client/client";
import { useAct } from "../../ui/act";
import { AreaSelect } from "../../ui/AreaSelect";
import { useWords } from "../../ui/language";
import { NAME, PRIORITIES } from "./names";

type News = Schemas["DispatchLinkOrder"]["news"][number];
const OF_INCIDENTS: News[] = ["opened", "changed", "closed"];
const ALONE: News[] = ["alarms", "forwarded", "upper"];

/** Another system that is told: of incidents, or of alarms, or of those alone that rules forward; or an upper node. */
export function NewLink({ onClose, onMade }: { onClose: () => void; onMade: (secret: string) => void }) {
  const { t } = useWords();
  const { busy, act } = useAct();
  const queries = useQueryClient();
  const [order, setOrder] = useState({ name: "", title: "", url: "", area: "", news: OF_INCIDENTS, least_urgent: 2, secret: "" });
  const upper = order.news.includes("upper");
  const whole = (!upper || order.secret.length >= 16) && NAME.test(order.name) && order.title.trim() !== "" && order.url.length > 8 && order.news.length > 0;
  const [choosing, setChoosing] = useState(false);
  const choose = (news: News[]) => {
    const alone = ALONE.some((one) => one === news.at(-1));
    setOrder({ ...order, news: alone ? news.slice(-1) : news.filter((one) => !ALONE.includes(one)) });
    if (alone) setChoosing(false); // an open list takes Tab for one more choice
  };
  const save = () =>
    void act(async () => {
      const made = await body(api.POST("/api/v1/dispatch-links", { body: { ...order, title: order.title.trim(), url: order.url.trim() } }));
      void queries.invalidateQueries({ queryKey: ["dispatch-links"] });
      onMade(made.secret);
    });
  return (
    <Modal open title={t("links.out.add")} okText={t("links.save")} cancelText={t("cancel")} confirmLoading={busy} okButtonProps={{ disabled: !whole, "data-testid": "save-link" }} onCancel={onClose} onOk={save} destroyOnHidden>
      <div className="link-form">
        <label>
          <span>{t("links.title")}</span>
          <Input autoFocus value={order.title} maxLength={64} data-testid="link-title" onChange={(event) => setOrder({ ...order, title: event.target.value })} />
        </label>
        <label>
          <span>{t("links.name")}</span>
          <Input value={order.name} maxLength={16} data-testid="link-name" onChange={(event) => setOrder({ ...order, name: event.target.value })} />
        </label>
        <label className="wide">
          <span>{t(upper ? "links.url.upper" : "links.url")}</span>
          <Input value={order.url} maxLength={512} placeholder={upper ? "https://…/api/v1/alarm-intake/…" : "https://"} data-testid="link-url" onChange={(event) => setOrder({ ...order, url: event.target.value })} />
        </label>
        <label className="wide">
          <span>{t("links.news")}</span>
          <Select<News[]> mode="multiple" optionFilterProp="label" open={choosing} onOpenChange={setChoosing} value={order.news} aria-label={t("links.news")} onChange={choose} options={[...OF_INCIDENTS, ...ALONE].map((value) => ({ value, label: t(`links.news.${value}`) }))} />
        </label>
        <label>
          <span>{t("links.area")}</span>
          <AreaSelect value={order.area || undefined} clearable label={t("rules.area.own")} testId="link-area" onChange={(area) => setOrder({ ...order, area })} />
        </label>
        <label>
          <span>{t("links.leastUrgent")}</span>
          <Select<number> value={order.least_urgent} disabled={order.news.includes("forwarded")} onChange={(least_urgent) => setOrder({ ...order, least_urgent })} options={PRIORITIES.map((value) => ({ value, label: t(`priority.${value}`) }))} />
        </label>
        <label className="wide">
          <span>{t(upper ? "links.secret.upper" : "links.secret.theirs")}</span>
          <Input.Password value={order.secret} maxLength={128} autoComplete="off" data-testid="link-secret" onChange={(event) => setOrder({ ...order, secret: event.target.value })} />
        </label>
      </div>
    </Modal>
  );
}
