import { useQuery } from "@tanstack/react-query";
import { Button, Modal } from "antd";
import { useEffect, useMemo, useState } from "react";
import { api, body } from "../../api-client/client";
import { useWords } from "../../ui/language";
import { Refused } from "../../ui/Refused";

/** What a unit showed of the place, beside its line of the time line. Each look is on record: it is asked for when somebody opens it, and once. */
export function TaskPhoto({ task, photo }: { task: number; photo: string }) {
  const { t } = useWords();
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button type="link" size="small" data-testid="task-photo" onClick={() => setOpen(true)}>
        {t("task.photo.look")}
      </Button>
      <Modal open={open} title={t("task.photo.of")} footer={null} width="min(960px, 96vw)" destroyOnHidden onCancel={() => setOpen(false)}>
        <Looked task={task} photo={photo} />
      </Modal>
    </>
  );
}

/** The photo, or why there is none any more. */
function Looked({ task, photo }: { task: number; photo: string }) {
  const { t } = useWords();
  const path = { task_id: task, photo };
  const { data, error } = useQuery({ queryKey: ["task-photo", task, photo], retry: false, gcTime: 0, staleTime: Infinity, queryFn: async () => (await body(api.GET("/api/v1/tasks/{task_id}/photos/{photo}", { params: { path }, parseAs: "blob" }))) as Blob });
  const address = useMemo(() => (data === undefined ? undefined : URL.createObjectURL(data)), [data]);
  useEffect(() => () => void (address !== undefined && URL.revokeObjectURL(address)), [address]);
  if (error !== null) return <Refused error={error} />;
  return address === undefined ? <div className="hint">{t("loading")}</div> : <img className="task-photo-seen" src={address} alt={t("task.photo.of")} />;
}
