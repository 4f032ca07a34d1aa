import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Card, Space } from "antd";
import { useState, type ReactNode } from "react";
import { api, body } from "../../api-client/client";
import { useWords } from "../../ui/language";
import { Refused } from "../../ui/Refused";
import { Authenticator } from "./Authenticator";
import { OwnPassword } from "./OwnPassword";
import { Passkeys } from "./Passkeys";
import { Sessions } from "./Sessions";
import { Tokens } from "./Tokens";
import "./account.css";

/** How one signs in, where one is signed in, and what programs may do in one's name. `onEnrolled`: given where the policy demands a second factor first. */
export function AccountPage({ onEnrolled }: { onEnrolled?: () => void }) {
  const { t } = useWords();
  const queries = useQueryClient();
  const [changing, setChanging] = useState(false);
  const account = useQuery({ queryKey: ["account"], retry: false, queryFn: () => body(api.GET("/api/v1/account")) });
  const changed = () => {
    void queries.invalidateQueries({ queryKey: ["account"] });
  };
  if (account.isError) return <Refused error={account.error} />;
  const found = account.data;
  const enrolled = found !== undefined && (found.authenticator || found.passkeys > 0);
  return (
    <div className="padded account">
      {onEnrolled !== undefined && (
        <p className="notice" role="status">
          {t(enrolled ? "account.enrolled" : "account.mustEnrol")}
          {enrolled && (
            <Button type="primary" size="small" data-testid="go-on" style={{ marginLeft: 12 }} onClick={onEnrolled}>
              {t("account.goOn")}
            </Button>
          )}
        </p>
      )}
      <div className="cards">
        <Section title={t("account.authenticator")} help={t("account.authenticator.help")}>
          {found !== undefined && <Authenticator account={found} onChange={changed} />}
        </Section>
        {found?.provider === "" && (
          <>
            <Section title={t("account.passkeys")} help={t("account.passkeys.help")}>
              <Passkeys account={found} onChange={changed} />
            </Section>
            <Section title={t("account.password")} help={t("password.help")}>
              <Button data-testid="own-password" onClick={() => setChanging(true)}>
                {t("password.change")}
              </Button>
            </Section>
          </>
        )}
        {found !== undefined && found.provider !== "" && <Section title={t("account.password")} help={t("account.provider", { provider: found.provider })} />}
        <Section title={t("account.sessions")} help={t("account.sessions.help")}>
          <Sessions />
        </Section>
        <Section title={t("account.tokens")} help={t("account.tokens.help")}>
          <Tokens coded={found?.authenticator === true} />
        </Section>
      </div>
      {found !== undefined && (
        <OwnPassword
          open={changing}
          account={found}
          onClose={() => {
            setChanging(false);
            changed();
            void queries.invalidateQueries({ queryKey: ["passkeys"] });
          }}
        />
      )}
    </div>
  );
}

function Section({ title, help, children }: { title: string; help: string; children?: ReactNode }) {
  return (
    <Card size="small" title={title}>
      <Space orientation="vertical" style={{ width: "100%" }}>
        <span className="hint" style={{ padding: 0 }}>
          {help}
        </span>
        {children}
      </Space>
    </Card>
  );
}
