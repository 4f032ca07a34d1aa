import { Input } from "antd";
import type { Schemas } from "../api-client/client";
import { useWords } from "./language";

export type LegalDocument = Schemas["DocumentShape"];
export const NO_DOCUMENT: LegalDocument = { number: "", issuer: "", rank: "", issued_on: "" };

export const isWhole = (document: LegalDocument) => Object.values(document).every((text) => text.trim() !== "");

/** The paper behind an act of two persons, by its number (rule A16). */
export function DocumentFields({ document, onChange }: { document: LegalDocument; onChange: (document: LegalDocument) => void }) {
  const { t } = useWords();
  const field = (name: keyof LegalDocument, label: string) => <Input key={name} value={document[name]} aria-label={label} placeholder={label} data-testid={`document-${name}`} onChange={(event) => onChange({ ...document, [name]: event.target.value })} />;
  return (
    <div className="two document-fields">
      {field("number", t("policy.doc.number"))}
      {field("issuer", t("policy.doc.issuer"))}
      {field("rank", t("policy.doc.rank"))}
      {field("issued_on", t("policy.doc.date"))}
    </div>
  );
}
