import { Button, Checkbox, Input, Select } from "antd";
import { useWords } from "../../ui/language";
import { earlier, MOST_CONTACTS, NOBODY, ROLES, type Contact } from "./form";

/** Whom to call, in that order. */
export function ContactLines({ contacts, onChange }: { contacts: Contact[]; onChange: (contacts: Contact[]) => void }) {
  const { t } = useWords();
  const put = (at: number, change: Partial<Contact>) => onChange(contacts.map((one, place) => (place === at ? { ...one, ...change } : one)));
  return (
    <fieldset className="site-contact-lines wide">
      <legend>{t("sites.contacts")}</legend>
      {contacts.map((one, at) => (
        <div key={at} className="site-contact-line">
          <Select value={one.role} aria-label={t("sites.contact.role")} data-testid={`contact-role-${at}`} options={ROLES.map((role) => ({ value: role, label: t(`sites.role.${role}`) }))} onChange={(role) => put(at, { role })} />
          <Input value={one.name} maxLength={64} aria-label={t("sites.contact.name")} placeholder={t("sites.contact.name")} data-testid={`contact-name-${at}`} onChange={(event) => put(at, { name: event.target.value })} />
          <Input value={one.phone} maxLength={32} type="tel" aria-label={t("sites.contact.phone")} placeholder={t("sites.contact.phone")} data-testid={`contact-phone-${at}`} onChange={(event) => put(at, { phone: event.target.value })} />
          <Checkbox checked={one.has_key} data-testid={`contact-key-${at}`} onChange={(event) => put(at, { has_key: event.target.checked })}>
            {t("sites.contact.key")}
          </Checkbox>
          <span className="site-contact-acts">
            <Button size="small" disabled={at === 0} aria-label={t("sites.contact.up", { number: at + 1 })} title={t("sites.contact.up", { number: at + 1 })} onClick={() => onChange(earlier(contacts, at))}>
              ↑
            </Button>
            <Button size="small" aria-label={t("sites.contact.remove", { number: at + 1 })} title={t("sites.contact.remove", { number: at + 1 })} onClick={() => onChange(contacts.filter((_, place) => place !== at))}>
              ×
            </Button>
          </span>
        </div>
      ))}
      <Button size="small" disabled={contacts.length >= MOST_CONTACTS} data-testid="add-contact" onClick={() => onChange([...contacts, NOBODY])}>
        {t("sites.contact.add")}
      </Button>
    </fieldset>
  );
}
