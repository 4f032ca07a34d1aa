import type { Schemas } from "../../api-client/client";
import { useWords } from "../../ui/language";
import { grouped, type Group } from "./groups";

type Pack = Schemas["PackShape"];

/** A pack in force, by what it is about. */
export function PackContent({ pack }: { pack: Pack }) {
  const { t, pick, language } = useWords();
  const found = grouped(pack.entries);
  const value = (group: Group, key: string) => {
    const entry = group.entries[key];
    return entry === undefined ? "" : pick(entry.value_zh, entry.value_en);
  };
  const open = (group: Group) =>
    Object.values(group.entries)
      .filter((entry) => entry.value_en === "open")
      .map((entry) => pick(entry.zh, entry.en).split(" · ").at(-1));
  const comma = language === "en" ? ", " : "、";
  const semicolon = language === "en" ? "; " : "；";
  return (
    <div className="pack-content">
      <section className="card">
        <h3>{t("policy.group.retention")}</h3>
        <table className="plain">
          <thead>
            <tr>
              <th>{t("policy.class")}</th>
              <th>{t("policy.floor")}</th>
              <th>{t("policy.ceiling")}</th>
              <th>{t("policy.basis")}</th>
            </tr>
          </thead>
          <tbody>
            {found.retention.map((group) => (
              <tr key={group.key}>
                <td>{pick(group.zh, group.en)}</td>
                <td className="number">{value(group, "floor_days")}</td>
                <td className="number">{value(group, "ceiling_days")}</td>
                <td className="quiet">{value(group, "basis")}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <section className="card">
        <h3>{t("policy.group.limits")}</h3>
        <dl className="facts">
          {found.limits.map((entry) => (
            <div key={entry.field} className="pair">
              <dt>{pick(entry.zh, entry.en)}</dt>
              <dd>{pick(entry.value_zh, entry.value_en)}</dd>
            </div>
          ))}
        </dl>
      </section>
      <section className="card wide">
        <h3>{t("policy.group.purposes")}</h3>
        <table className="plain">
          <thead>
            <tr>
              <th>{t("policy.purpose")}</th>
              <th>{t("policy.functions")}</th>
              <th>{t("policy.case")}</th>
              <th>{t("policy.basis")}</th>
            </tr>
          </thead>
          <tbody>
            {found.purposes
              .filter((group) => open(group).length > 0)
              .map((group) => (
                <tr key={group.key}>
                  <td>{pick(group.zh, group.en).replace(/^(用途“|Purpose “)|”$/g, "")}</td>
                  <td>{open(group).join(comma)}</td>
                  <td>{value(group, "case_number")}</td>
                  <td className="quiet">{value(group, "basis").replaceAll("\n", semicolon)}</td>
                </tr>
              ))}
          </tbody>
        </table>
      </section>
      <section className="card">
        <h3>{t("policy.group.approvals")}</h3>
        <table className="plain">
          <thead>
            <tr>
              <th>{t("policy.act")}</th>
              <th>{t("policy.rank")}</th>
              <th>{t("policy.document")}</th>
            </tr>
          </thead>
          <tbody>
            {found.approvals.map((group) => (
              <tr key={group.key}>
                <td>{pick(group.zh, group.en)}</td>
                <td>{value(group, "rank")}</td>
                <td>{value(group, "document")}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <section className="card">
        <h3>{t("policy.group.notices")}</h3>
        {found.notices.map((entry) => (
          <p key={entry.field} title={entry.field}>
            {pick(entry.value_zh, entry.value_en)}
          </p>
        ))}
      </section>
    </div>
  );
}
