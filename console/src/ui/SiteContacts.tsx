import type { Schemas } from "../api-client/client";
import { useWords } from "./language";

/** What a telephone takes of a number as people write it. Pure. */
export const dialled = (phone: string): string => phone.replace(/[^0-9+*#,]/g, "");

/** Whom to call at a protected place, in that order, and who opens the door. */
export function SiteContacts({ contacts }: { contacts: readonly Schemas["SiteContact"][] }) {
  const { t } = useWords();
  if (contacts.length === 0) return <p className="quiet">{t("sites.contacts.none")}</p>;
  return (
    <ol className="site-contacts" data-testid="site-contacts">
      {contacts.map(({ role, name, phone, has_key: hasKey }, at) => (
        <li key={at}>
          <span className="quiet">{t(`sites.role.${role ?? "other"}`)}</span> <b>{name}</b>
          {hasKey === true && <i>{t("sites.contact.key")}</i>}
          <a href={`tel:${dialled(phone)}`} aria-label={`${t("sites.contact.call", { name })} ${phone}`}>
            {phone}
          </a>
        </li>
      ))}
    </ol>
  );
}
