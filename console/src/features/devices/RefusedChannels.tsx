import { Link } from "@tanstack/react-router";
import { Alert } from "antd";
import type { Schemas } from "../../api-client/client";
import { useWords } from "../../ui/language";

const SHOWN = 5;

type Refused = Schemas["RefusedChannelShape"];

/** Clashes of channel codes with other devices: this device's refused channels, and whoever claims the codes of its cameras. */
export function RefusedChannels({ device, clashes }: { device: string; clashes: readonly Refused[] }) {
  const { t } = useWords();
  const own = clashes.filter((one) => one.device === device);
  const others = clashes.filter((one) => one.holder === device);
  return (
    <>
      {own.length > 0 && <Told title={t("tree.refused", { count: own.length })} help={t("tree.refused.help")} rows={own} word={t("tree.refused.of")} other={(one) => one.holder} testId="refused-channels" />}
      {others.length > 0 && <Told title={t("tree.claimed", { count: others.length })} help={t("tree.claimed.help")} rows={others} word={t("tree.claimed.by")} other={(one) => one.device} testId="claimed-channels" />}
    </>
  );
}

function Told({ title, help, rows, word, other, testId }: { title: string; help: string; rows: readonly Refused[]; word: string; other: (one: Refused) => string; testId: string }) {
  const { t } = useWords();
  const left = rows.length - SHOWN;
  return (
    <Alert
      type="warning"
      showIcon
      data-testid={testId}
      style={{ marginBottom: 12 }}
      title={title}
      description={
        <>
          <p style={{ margin: "0 0 4px" }}>{help}</p>
          <ul className="doubtful-list">
            {rows.slice(0, SHOWN).map((one) => (
              <li key={`${one.code}/${one.device}`}>
                {one.code} <span className="quiet">{word}</span>{" "}
                <Link to="/devices/$code" params={{ code: other(one) }}>
                  {other(one)}
                </Link>
              </li>
            ))}
            {left > 0 && <li className="quiet">{t("tree.refused.more", { count: left })}</li>}
          </ul>
        </>
      }
    />
  );
}
