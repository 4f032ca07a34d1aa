import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Modal, Select } from "antd";
import { useState } from "react";
import { api, body } from "../../api-client/client";
import { useAct } from "../act";
import { useIncidentWords } from "../incident-words";
import { useWords } from "../language";

interface Props {
  alarm: number;
  onClose: () => void;
  onAdded: (id: number) => void;
}

/** An alarm that is about the same as an incident which is worked on already. */
export function AddToIncident({ alarm, onClose, onAdded }: Props) {
  const { t } = useWords();
  const words = useIncidentWords();
  const queries = useQueryClient();
  const { busy, act } = useAct();
  const [id, setId] = useState<number>();
  const found = useQuery({ queryKey: ["incidents", "list", "to-add"], queryFn: () => body(api.GET("/api/v1/incidents", { params: { query: { open: true, limit: 500 } } })) });
  const send = () => {
    if (id === undefined) return;
    void act(() => api.POST("/api/v1/incidents/{incident_id}/alarms", { params: { path: { incident_id: id } }, body: { alarm, text: "" } })).then((done) => {
      if (!done) return;
      void queries.invalidateQueries({ queryKey: ["incidents"] });
      onAdded(id);
    });
  };
  return (
    <Modal open title={t("incident.add.title")} okText={t("incident.add.sure")} cancelText={t("cancel")} confirmLoading={busy} okButtonProps={{ disabled: id === undefined, "data-testid": "sure" }} onCancel={onClose} onOk={send} destroyOnHidden>
      <p className="quiet dialog-help">{t("incident.add.help")}</p>
      <Select<number>
        style={{ width: "100%" }}
        value={id}
        autoFocus
        loading={found.isPending}
        showSearch={{ optionFilterProp: "label" }}
        placeholder={t("incident.add.which")}
        aria-label={t("incident.add.which")}
        notFoundContent={t("incident.add.none")}
        data-testid="which-incident"
        options={(found.data?.items ?? []).map((one) => ({ value: one.id, label: `${one.number} · ${words("types", one.type)} · ${one.place}` }))}
        onChange={setId}
      />
    </Modal>
  );
}
