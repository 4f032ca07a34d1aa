import { Button, Input } from "antd";
import { useState, type FormEvent } from "react";
import { ApiProblem, api, body, type User } from "../../api-client/client";
import { useWords } from "../../ui/language";
import { passkeysPossible, provePasskey } from "../../ui/passkey";

/** Name and password, then a code where one is set up, or a passkey alone; a generated first password is changed before anything else. */
export function SignInPage({ onSignedIn }: { onSignedIn: (user: User) => void }) {
  const { t, pick, language, setLanguage } = useWords();
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [fresh, setFresh] = useState("");
  const [code, setCode] = useState<string>();
  const [changing, setChanging] = useState<User>();
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<ApiProblem>();

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setWrong(undefined);
    try {
      if (changing !== undefined) {
        await api.POST("/api/v1/session/password", { body: { old: password, new: fresh } });
        onSignedIn({ ...changing, must_change_password: false });
        return;
      }
      enter(await body(api.POST("/api/v1/session", { body: { name, password, otp: code ?? null } })));
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      if (error.problem.code === "access.second_factor_needed") setCode("");
      else setWrong(error);
    } finally {
      setBusy(false);
    }
  };
  const enter = ({ user }: { user: User }) => {
    if (user.must_change_password) setChanging(user);
    else onSignedIn(user);
  };
  const byPasskey = async () => {
    setWrong(undefined);
    try {
      const { options } = await body(api.POST("/api/v1/session/passkey/options"));
      const credential = await provePasskey(options);
      if (credential !== undefined) enter(await body(api.POST("/api/v1/session/passkey", { body: { credential } })));
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      setWrong(error);
    }
  };
  return (
    <main className="gate">
      <form onSubmit={(event) => void submit(event)}>
        <h1>{t("product")}</h1>
        {changing === undefined ? (
          <>
            <Input autoFocus size="large" autoComplete="username" aria-label={t("signIn.name")} placeholder={t("signIn.name")} value={name} data-testid="sign-in-name" onChange={(event) => setName(event.target.value)} />
            <Input.Password size="large" autoComplete="current-password" aria-label={t("signIn.password")} placeholder={t("signIn.password")} value={password} data-testid="sign-in-password" onChange={(event) => setPassword(event.target.value)} />
            {code !== undefined && (
              <>
                <Input autoFocus size="large" maxLength={16} inputMode="numeric" autoComplete="one-time-code" aria-label={t("signIn.code")} placeholder={t("signIn.code")} value={code} data-testid="sign-in-code" onChange={(event) => setCode(event.target.value)} />
                <span className="quiet">{t("signIn.code.help")}</span>
              </>
            )}
          </>
        ) : (
          <>
            <span>{t("signIn.mustChange")}</span>
            <Input.Password autoFocus size="large" autoComplete="new-password" aria-label={t("signIn.newPassword")} placeholder={t("signIn.newPassword")} value={fresh} data-testid="new-password" onChange={(event) => setFresh(event.target.value)} />
          </>
        )}
        {wrong !== undefined && (
          <div className="wrong" role="alert">
            {pick(wrong.problem.zh, wrong.problem.en)}
            <br />
            {pick(wrong.problem.remedy_zh, wrong.problem.remedy_en)}
          </div>
        )}
        <Button type="primary" size="large" htmlType="submit" loading={busy} data-testid="sign-in-submit">
          {changing === undefined ? t("signIn.submit") : t("signIn.change")}
        </Button>
        {changing === undefined && passkeysPossible() && (
          <Button size="large" data-testid="sign-in-passkey" onClick={() => void byPasskey()}>
            {t("signIn.passkey")}
          </Button>
        )}
        <Button type="link" size="small" data-testid="language" lang={language === "en" ? "zh-CN" : "en"} onClick={() => setLanguage(language === "en" ? "zh-CN" : "en")}>
          {language === "en" ? "中文" : "English"}
        </Button>
      </form>
    </main>
  );
}
