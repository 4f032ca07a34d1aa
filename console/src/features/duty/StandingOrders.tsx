import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Input, Modal } from "antd";
import { api, body } from "../../api-client/client";
import { useAct } from "../../ui/act";
import { useKept } from "../../ui/kept";
import { useWords } from "../../ui/language";
import { useMay } from "../../ui/signed-in";
import { useTime } from "../../ui/time";
import type { Centre } from "./seats";

/** The standing orders of a centre: the newest version, and those before it; the supervisor writes the next. */
export function StandingOrders({ centre }: { centre: Centre }) {
  const { t } = useWords();
  const time = useTime();
  const manages = useMay()("manage-duty");
  const [writing, setWriting] = useKept(`writing orders of ${centre.id}`, false);
  const found = useQuery({ queryKey: ["duty", "orders", centre.id], retry: false, queryFn: () => body(api.GET("/api/v1/duty/centres/{centre}/orders", { params: { path: { centre: centre.id } } })) });
  const [newest, ...earlier] = found.data?.items ?? [];
  return (
    <section className="card" data-testid="orders">
      <div className="centre-head">
        <h2>{t("orders.title")}</h2>
        <span className="grow" />
        {manages && (
          <Button size="small" data-testid="edit-orders" onClick={() => setWriting(true)}>
            {t("orders.edit")}
          </Button>
        )}
      </div>
      {newest === undefined && !found.isPending && <p className="quiet">{t("orders.none")}</p>}
      {newest !== undefined && (
        <>
          <p className="quiet">{t("orders.version", { version: newest.version, name: newest.name, at: time(newest.at) })}</p>
          <p className="difference-text" data-testid="orders-text">
            {newest.text}
          </p>
        </>
      )}
      {earlier.length > 0 && (
        <details>
          <summary>{t("orders.earlier", { count: earlier.length })}</summary>
          {earlier.map((one) => (
            <div key={one.version}>
              <p className="quiet">{t("orders.version", { version: one.version, name: one.name, at: time(one.at) })}</p>
              <p className="difference-text">{one.text}</p>
            </div>
          ))}
        </details>
      )}
      {writing && <WriteOrders key={newest?.version ?? 0} centre={centre} first={newest?.text ?? ""} onClose={() => setWriting(false)} />}
    </section>
  );
}

function WriteOrders({ centre, first, onClose }: { centre: Centre; first: string; onClose: () => void }) {
  const { t } = useWords();
  const { busy, act } = useAct();
  const queries = useQueryClient();
  const [text, setText] = useKept(`orders of ${centre.id}`, first);
  const said = text.trim();
  const save = () => act(() => api.POST("/api/v1/duty/centres/{centre}/orders", { params: { path: { centre: centre.id } }, body: { text: said } }).then(onClose)).finally(() => void queries.invalidateQueries({ queryKey: ["duty", "orders"] }));
  return (
    <Modal open width={720} title={t("orders.edit.title", { centre: centre.name })} okText={t("orders.save")} cancelText={t("cancel")} confirmLoading={busy} okButtonProps={{ disabled: said.length < 2 || said === first, "data-testid": "save-orders" }} onCancel={onClose} onOk={() => void save()} destroyOnHidden>
      <p className="quiet dialog-help">{t("orders.edit.help")}</p>
      <Input.TextArea autoFocus rows={12} maxLength={20_000} value={text} aria-label={t("orders.title")} data-testid="orders-field" onChange={(event) => setText(event.target.value)} />
    </Modal>
  );
}
