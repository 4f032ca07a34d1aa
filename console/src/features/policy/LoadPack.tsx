import { useQueryClient } from "@tanstack/react-query";
import { App, Button, Input, Modal, Upload } from "antd";
import { api, body, type Schemas } from "../../api-client/client";
import { counts, Differences } from "../../ui/Differences";
import { DocumentFields, isWhole, NO_DOCUMENT, type LegalDocument } from "../../ui/DocumentFields";
import { useWords } from "../../ui/language";
import { useKept } from "../../ui/kept";
import { useAct } from "../../ui/act";

type Preview = Schemas["PackPreview"];

/** Choose a signed file, look at old and new side by side, give the reason, ask. Another administrator approves. */
export function LoadPack({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useWords();
  const { notification } = App.useApp();
  const { busy, act } = useAct();
  const queries = useQueryClient();
  const [pack, setPack] = useKept("pack", "");
  const [preview, setPreview] = useKept<Preview>("preview of a pack");
  const [reason, setReason] = useKept("reason of a pack", "");
  const [document, setDocument] = useKept<LegalDocument>("document of a pack", NO_DOCUMENT);
  const forget = () => {
    setPack("");
    setPreview(undefined);
    setReason("");
    setDocument(NO_DOCUMENT);
  };
  const read = async (file: File) => {
    forget();
    const text = await file.text();
    const found = await body(api.POST("/api/v1/policy/preview", { body: { pack: text } }));
    setPack(text);
    setPreview(found);
  };
  const ask = () =>
    void act(async () => {
      await api.POST("/api/v1/policy", { body: { pack, reason, document: preview?.needs_document ? document : null } });
      notification.success({ title: t("policy.load.asked"), placement: "bottomRight" });
      void queries.invalidateQueries({ queryKey: ["approvals"] });
      onClose();
    });
  const documented = !preview?.needs_document || isWhole(document);
  return (
    <Modal open={open} width={1000} title={t("policy.load.title")} okText={t("policy.load.ask")} cancelText={t("cancel")} confirmLoading={busy} okButtonProps={{ disabled: preview === undefined || reason.trim() === "" || !documented }} onCancel={onClose} onOk={ask} afterClose={forget}>
      <p className="quiet">{t("policy.load.help")}</p>
      <Upload accept=".fengsui-policy" maxCount={1} showUploadList={false} beforeUpload={(file) => (void act(() => read(file)), false)}>
        <Button data-testid="choose-pack">{t("policy.load.choose")}</Button>
      </Upload>
      {preview && (
        <div data-testid="pack-preview">
          <h3>{t("policy.label", { name: preview.name, version: preview.version })}</h3>
          <p>
            {preview.publisher} · <span className="mono">{preview.key}</span> · {t("approval.counts", counts(preview.differences))}
          </p>
          <div className="second-look">
            <Differences differences={preview.differences} />
          </div>
          <p className="notice">{preview.wait_hours > 0 ? t("policy.load.waits", { hours: preview.wait_hours }) : t("policy.load.atOnce")}</p>
          {preview.needs_document && <DocumentFields document={document} onChange={setDocument} />}
          <Input.TextArea rows={2} maxLength={500} value={reason} aria-label={t("policy.load.reason")} placeholder={t("policy.load.reason")} data-testid="pack-reason" onChange={(event) => setReason(event.target.value)} />
        </div>
      )}
    </Modal>
  );
}
