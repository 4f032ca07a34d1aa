import { Alert } from "antd";
import type { Schemas } from "../../api-client/client";
import { span } from "../../ui/figures";
import { useWords } from "../../ui/language";
import { useTime } from "../../ui/time";

/** What somebody may have done to the machine: its clock set back, a key file that is not as it was when the node started. */
export function Tampering({ facts }: { facts: Pick<Schemas["NodeShape"], "clock_behind_s" | "key_findings"> }) {
  const { t } = useWords();
  const time = useTime();
  return (
    <>
      {facts.clock_behind_s > 0 && <Alert type="error" showIcon data-testid="clock-behind" style={{ marginBottom: 12 }} title={t("node.clockBehind", { span: span(facts.clock_behind_s) })} description={t("node.clockBehind.help")} />}
      {facts.key_findings.length > 0 && (
        <Alert
          type="error"
          showIcon
          data-testid="key-findings"
          style={{ marginBottom: 12 }}
          title={t("node.keys", { count: facts.key_findings.length })}
          description={
            <>
              <ul className="doubtful-list">
                {facts.key_findings.map((one) => (
                  <li key={`${one.at} ${one.name} ${one.what}`}>
                    <code>{one.name}</code> {t(`node.keys.${one.what}`)} <span className="quiet">{time(one.at)}</span>
                  </li>
                ))}
              </ul>
              {t("node.keys.help")}
            </>
          }
        />
      )}
    </>
  );
}
