import { Link } from "@tanstack/react-router";
import { api, body, type Schemas } from "../../api-client/client";
import { useWords } from "../../ui/language";
import "../../ui/log.css";
import { useShortTime } from "../../ui/time";
import { Months } from "./Months";
import { OfCentre } from "./OfCentre";
import { OnFoot } from "./OnFoot";
import { Pages } from "./Pages";
import "./patrols.css";
import { SnapshotLink } from "./Snapshot";

/** Patrols by video and on foot in one line of time, and how many rounds were done in time. */
export function JointLogPage() {
  const { t } = useWords();
  const back = (
    <Link to="/patrols" className="page-link">
      {t("patrol.back")}
    </Link>
  );
  return (
    <OfCentre help={t("patrol.log.help")} link={back}>
      {({ id }, there) => (
        <div className="log-columns">
          <section className="card">
            <h2>{t("patrol.log.title")}</h2>
            {there && <OnFoot />}
            <Pages key={id} name={["log", id]} ask={(cursor) => body(api.GET("/api/v1/video-patrols/centres/{centre}/log", { params: { path: { centre: id }, query: { cursor } } }))} none={t("patrol.log.none")}>
              {(lines) => (
                <ol className="log patrol-log" data-testid="patrol-log">
                  {lines.map((one) => (
                    <LogLine key={`${one.kind} ${one.entry} ${one.round}`} line={one} />
                  ))}
                </ol>
              )}
            </Pages>
          </section>
          <Months centre={id} />
        </div>
      )}
    </OfCentre>
  );
}

function LogLine({ line }: { line: Schemas["PatrolLine"] }) {
  const { t, pick } = useWords();
  const time = useShortTime();
  return (
    <li className={`patrol-line-${line.kind}`} data-testid={`line-${line.kind}`}>
      <time>{time(line.at)}</time>
      <span className={`kind kind-${line.kind}`}>{t(`patrol.line.${line.kind}`)}</span>
      <span className="said">
        {line.kind === "missed" ? t("patrol.line.missed.said", { plan: line.text }) : line.text_en === "" ? line.text : pick(line.text, line.text_en)} <SnapshotLink camera={line.camera} digest={line.snapshot} />
      </span>
      <span className="quiet">
        {line.name}
        {line.entry > 0 && ` · ${t("patrol.line.entry", { entry: line.entry })}`}
        {line.round > 0 && (
          <>
            {" · "}
            <Link to="/patrols/rounds/$round" params={{ round: String(line.round) }}>
              {t("patrol.look")}
            </Link>
          </>
        )}
      </span>
    </li>
  );
}
