import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Button, Checkbox, Select } from "antd";
import { useContext, useState } from "react";
import { useWords } from "../../ui/language";
import { SignedIn } from "../../ui/signed-in";
import { useTime } from "../../ui/time";
import { isOpen, type Details } from "./incident";
import type { IncidentActs } from "./use-incident-acts";
import { askedWatches, endWatch, giveWatch, linkOf, MINUTES, MOST_CAMERAS, watchesKey, type WatchList } from "./watch";

/** Who watches this incident by a link; whoever leads it gives and takes back. */
export function Watches({ incident, acts }: { incident: Details; acts: IncidentActs }) {
  const { t } = useWords();
  const time = useTime();
  const me = useContext(SignedIn)?.user.id;
  const found = useQuery({ queryKey: watchesKey(incident.id), enabled: isOpen(incident), queryFn: () => askedWatches(incident.id) }).data;
  const [copied, setCopied] = useState<number>();
  if (found === undefined || !isOpen(incident)) return null;
  const leads = incident.owner?.id === me;
  if (!leads && found.items.length === 0) return null;
  const copy = (id: number) => void navigator.clipboard.writeText(linkOf(location.origin, incident.id)).then(() => setCopied(id), () => undefined);
  return (
    <section className="incident-card incident-watches" aria-label={t("watch.title", { count: found.items.length })} data-testid="watches">
      <h2>{t("watch.title", { count: found.items.length })}</h2>
      {found.items.map((one) => (
        <div key={one.id} className="incident-watch" data-testid={`watch-of-${one.name}`}>
          <b>{one.name}</b>
          <span className="quiet">{t("watch.until", { until: time(one.until).slice(0, -3), count: one.cameras.length })}</span>
          {one.user_id === me && <Link to="/incidents/$id/watch" params={{ id: String(incident.id) }} data-testid="watch-open">{t("watch.open")}</Link>}
          {leads && <Button size="small" data-testid="watch-copy" onClick={() => copy(one.id)}>{t(copied === one.id ? "watch.copied" : "watch.copy")}</Button>}
          {leads && <Button size="small" type="text" danger disabled={acts.busy} data-testid="watch-end" onClick={() => void acts.done(() => endWatch(incident.id, one.id))}>{t("watch.end")}</Button>}
        </div>
      ))}
      {leads && <Give key={found.cameras.map(({ camera }) => camera).join()} incident={incident} acts={acts} list={found} />}
    </section>
  );
}

function Give({ incident, acts, list: { candidates, cameras } }: { incident: Details; acts: IncidentActs; list: WatchList }) {
  const { t } = useWords();
  const [user, setUser] = useState<number>();
  const [minutes, setMinutes] = useState<number>(MINUTES[1]);
  const [chosen, setChosen] = useState(() => cameras.slice(0, MOST_CAMERAS).map(({ camera }) => camera));
  const give = () => {
    if (user !== undefined) void acts.done(() => giveWatch(incident.id, { user, minutes, cameras: chosen })).then((done) => done && setUser(undefined));
  };
  if (candidates.length === 0) return <p className="quiet">{t("watch.nobody")}</p>;
  return (
    <div className="incident-watch-new">
      <Select showSearch optionFilterProp="label" placeholder={t("watch.who")} aria-label={t("watch.who")} value={user ?? null} onChange={(id: number) => setUser(id)} data-testid="watch-who" options={candidates.map((one) => ({ value: one.user_id, label: [one.full_name, one.name, one.unit].filter((part) => part !== "").join(" · ") }))} />
      <Select value={minutes} onChange={setMinutes} aria-label={t("watch.minutes")} data-testid="watch-minutes" options={MINUTES.map((one) => ({ value: one, label: one < 60 ? t("watch.forMinutes", { count: one }) : t("watch.forHours", { count: one / 60 }) }))} />
      {cameras.length > 0 && (
        <Checkbox.Group className="incident-watch-cameras" value={chosen} onChange={setChosen} options={cameras.map(({ camera, name }) => ({ value: camera, label: name, disabled: chosen.length >= MOST_CAMERAS && !chosen.includes(camera) }))} />
      )}
      <Button disabled={user === undefined || acts.busy} data-testid="watch-give" onClick={give}>{t("watch.give")}</Button>
    </div>
  );
}
