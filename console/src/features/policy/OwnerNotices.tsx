import { useQuery, useQueryClient } from "@tanstack/react-query";
import { api, body } from "../../api-client/client";
import { ActButton } from "../../ui/act";
import { useWords } from "../../ui/language";
import { useMay } from "../../ui/signed-in";
import { useTime } from "../../ui/time";

const ASK_AGAIN_MS = 60_000;

/** What one is told as the owner of cameras; none for anybody else. */
export function useOwnerNotices() {
  const enabled = useMay()("look-around");
  return useQuery({ queryKey: ["owner-notices"], enabled, refetchInterval: ASK_AGAIN_MS, queryFn: () => body(api.GET("/api/v1/policy/owner-notices")) }).data?.items ?? [];
}

/** Each notice, with when it takes effect; read by a click, on record. */
export function OwnerNotices() {
  const { t, pick } = useWords();
  const time = useTime();
  const queries = useQueryClient();
  const notices = useOwnerNotices();
  const newest = notices[0];
  if (newest === undefined) return null;
  const read = () => api.POST("/api/v1/policy/owner-notices/read", { body: { until: newest.id } }).then(() => queries.invalidateQueries({ queryKey: ["owner-notices"] }));
  return (
    <section className="card" data-testid="owner-notices">
      <div className="centre-head">
        <h3>{t("owner.notices")}</h3>
        <span className="quiet grow">{t("owner.notices.help")}</span>
        {newest.unread && (
          <ActButton size="small" type="primary" data-testid="read-notices" act={read}>
            {t("owner.notices.read")}
          </ActButton>
        )}
      </div>
      <table className="plain">
        <tbody>
          {notices.map((one) => (
            <tr key={one.id}>
              <td className="quiet">{time(one.at)}</td>
              <td>
                {one.unread && <b className="status-unknown">◆ </b>}
                {pick(one.zh, one.en)}
              </td>
              <td className={one.due_at === null ? "quiet" : ""}>{one.due_at === null ? t("owner.notices.done") : t("owner.notices.due", { due: time(one.due_at) })}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
