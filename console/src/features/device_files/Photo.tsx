import { Button, Space } from "antd";
import { useRef } from "react";
import { api, body } from "../../api-client/client";
import { useAct } from "../../ui/act";
import { useWords } from "../../ui/language";
import type { DeviceFile } from "./use-files";

/** The point as it looks: sent as it was taken, kept without where and by what. */
export function Photo({ file, onDone }: { file: DeviceFile; onDone: (file: DeviceFile) => Promise<unknown> }) {
  const { t } = useWords();
  const { busy, act } = useAct();
  const chosen = useRef<HTMLInputElement>(null);
  const path = { params: { path: { code: file.code } } };
  const send = (picture: File) => act(async () => onDone(await body(api.PUT("/api/v1/device-files/{code}/photo", { ...path, body: picture as unknown as string, bodySerializer: (sent: unknown) => sent as Blob, headers: { "content-type": "application/octet-stream" } }))));
  const remove = () => act(async () => onDone(await body(api.DELETE("/api/v1/device-files/{code}/photo", path))));
  return (
    <section className="card" data-testid="file-photo">
      <h3>{t("file.photo")}</h3>
      {file.photo === "" ? <p className="quiet">{t("file.photo.none")}</p> : <img className="file-photo" src={`/api/v1/device-files/${file.code}/photo?${file.photo}`} alt={t("file.photo")} />}
      {file.may_write && (
        <Space>
          <input
            ref={chosen}
            type="file"
            hidden
            accept="image/jpeg,image/png,image/webp"
            data-testid="photo-file"
            onChange={(event) => {
              const picture = event.target.files?.[0];
              if (picture !== undefined) void send(picture);
              event.target.value = "";
            }}
          />
          <Button size="small" loading={busy} data-testid="add-photo" onClick={() => chosen.current?.click()}>
            {file.photo === "" ? t("file.photo.add") : t("file.photo.other")}
          </Button>
          {file.photo !== "" && (
            <Button size="small" danger loading={busy} onClick={() => void remove()}>
              {t("file.photo.remove")}
            </Button>
          )}
        </Space>
      )}
    </section>
  );
}
