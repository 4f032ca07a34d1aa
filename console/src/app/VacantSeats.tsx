import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { api, body } from "../api-client/client";
import { useWords } from "../ui/language";
import { personName } from "../ui/person-name";
import { useMay } from "../ui/signed-in";
import { useTime } from "../ui/time";

/** For supervisors: each seat whose rostered person has not come for ten minutes, and each shift that goes on because nobody has come. */
export function VacantSeats() {
  const { t } = useWords();
  const time = useTime();
  const enabled = useMay()("manage-duty");
  const duty = useQuery({ queryKey: ["duty"], enabled, queryFn: () => body(api.GET("/api/v1/duty")) }).data;
  if (!enabled || duty === undefined) return null;
  const why = (name: string, until: string) => t(name === "" ? "shift.nobody" : "shift.late", { name, until: time(until) });
  const late = (shift: (typeof duty.centres)[number]["shifts"][number]) => shift.state === "extended" && shift.extensions.at(-1)?.by === "";
  return duty.centres.flatMap((centre) => [
    ...centre.shifts.filter(late).map((shift) => (
      <div key={`late ${shift.id}`} className="banner" role="status" data-testid="late-successor">
        ▲ {t("shift.over", { centre: centre.name, seat: shift.seat, name: personName(shift) })} · {why(shift.extensions.at(-1)?.late ?? "", shift.until)} <Link to="/duty">{t("duty.absent.open")}</Link>
      </div>
    )),
    ...centre.absent.map((one) => (
      <div key={`${centre.id} ${one.seat}`} className="banner" role="status" data-testid="vacant-seat">
        ▲ {t(one.taken_away ? "shift.takenAway.bar" : "duty.absent.bar", { centre: centre.name, seat: one.seat, name: personName(one), since: time(one.since) })} <Link to="/duty">{t("duty.absent.open")}</Link>
      </div>
    )),
  ]);
}
