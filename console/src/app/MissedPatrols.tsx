import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { api } from "../api-client/client";
import { ActButton } from "../ui/act";
import { useDuePatrols } from "../ui/due-patrols";
import { useWords } from "../ui/language";
import { useMay } from "../ui/signed-in";
import { useTime } from "../ui/time";

/** For supervisors: each round that was missed or broken off, until one of them takes note. */
export function MissedPatrols() {
  const { t } = useWords();
  const time = useTime();
  const queries = useQueryClient();
  const supervises = useMay()("manage-duty");
  const due = useDuePatrols();
  if (!supervises || due === undefined) return null;
  const note = async (round: number) => {
    await api.POST("/api/v1/video-patrols/rounds/{round}/note", { params: { path: { round } } });
    await queries.invalidateQueries({ queryKey: ["duty"] });
  };
  return due.untold.map((one) => (
    <div key={one.id} className="banner" role="status" data-testid={`missed-${one.id}`}>
      ▲ {one.state === "missed" ? t("patrol.bar.missed", { plan: one.plan_name, centre: one.centre_name, due: time(one.due_from) }) : t("patrol.bar.broken", { plan: one.plan_name, centre: one.centre_name, reason: one.reason })}{" "}
      <Link to="/patrols/rounds/$round" params={{ round: String(one.id) }}>
        {t("patrol.look")}
      </Link>{" "}
      <ActButton size="small" type="text" act={() => note(one.id)} data-testid={`note-${one.id}`}>
        {t("patrol.bar.note")}
      </ActButton>
    </div>
  ));
}
