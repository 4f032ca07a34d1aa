import { useQuery, useQueryClient } from "@tanstack/react-query";
import { api, body } from "../../api-client/client";
import { useWords } from "../../ui/language";
import { ActButton } from "../../ui/act";
import { workstationName } from "../../ui/workstation-name";
import { useTime } from "../../ui/time";

/** Where one is signed in; another's hand on one's account is seen here first. */
export function Sessions() {
  const { t } = useWords();
  const time = useTime();
  const queries = useQueryClient();
  const sessions = useQuery({ queryKey: ["sessions"], refetchInterval: 15_000, queryFn: () => body(api.GET("/api/v1/account/sessions")) });
  const end = (session: string) => api.DELETE("/api/v1/account/sessions/{session}", { params: { path: { session } } }).then(() => queries.invalidateQueries({ queryKey: ["sessions"] }));
  return (
    <div className="sessions">
      {sessions.data?.items.map((session) => (
        <div className="line" key={session.id} data-testid="session">
          <span className="grow" title={session.workstation}>
            <b>{session.address}</b> <span className="quiet">{workstationName(session.workstation)}</span>
          </span>
          <span className="quiet">{t("account.used", { time: time(session.used_at) })}</span>
          {session.locked && <span className="status-unknown">{t("lock.session")}</span>}
          {session.current ? (
            <span className="status-online">{t("account.sessions.this")}</span>
          ) : (
            <ActButton size="small" danger act={() => end(session.id)}>
              {t("account.sessions.end")}
            </ActButton>
          )}
        </div>
      ))}
    </div>
  );
}
