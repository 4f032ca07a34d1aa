import { useQuery } from "@tanstack/react-query";
import { api, body } from "../api-client/client";
import { useWords } from "./language";

/** Whose vetting, undertaking or training is missing, has lapsed or does so within thirty days: for who keeps people or duty (A9). */
export function Lapsing() {
  const { t } = useWords();
  const found = useQuery({ queryKey: ["lapsing"], queryFn: () => body(api.GET("/api/v1/lapsing-people")) }).data?.items ?? [];
  if (found.length === 0) return null;
  return (
    <section className="card" data-testid="lapsing">
      <h3>{t("lapsing.title", { count: found.length })}</h3>
      <p className="quiet">{t("lapsing.help")}</p>
      <table className="plain">
        <tbody>
          {found.map((one) => (
            <tr key={`${one.user_id} ${one.what}`}>
              <td className={one.state === "expiring" ? "status-unknown" : "status-fault"}>
                {one.state === "expiring" ? "◆" : "▲"} {t(`lapsing.${one.state}`)}
              </td>
              <td>
                {one.full_name === "" ? one.name : `${one.full_name} ${one.name}`} <span className="quiet">{one.unit}</span>
              </td>
              <td>{t(`lapsing.what.${one.what}`)}</td>
              <td>{one.until === null ? "" : t("lapsing.until", { day: one.until })}</td>
              <td className="quiet">{one.certificate_no === "" ? "" : t("lapsing.certificate", { number: one.certificate_no })}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
