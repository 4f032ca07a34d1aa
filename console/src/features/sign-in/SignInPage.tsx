import { Button, Input } from "antd";
import { useEffect, useState, type FormEvent } from "react";
import { ApiProblem, api, body, type Problem, type Schemas, type User } from "../../api-client/client";
import { useWords } from "../../ui/language";
import { passkeysPossible, provePasskey } from "../../ui/passkey";
import type { SignInNotice } from "../../ui/signed-in";
import { written } from "../../ui/zone";
import { leaveFor, takeAnswer, type ProviderAnswer } from "./provider-answer";
import { Wrong } from "./Wrong";
import "./sign-in.css";

/**
 * Name and password, then a code where one is set up; a passkey alone; or an identity provider, which sends the person back here.
 * A generated first password is changed before anything else. `why`: what ended the session that was here.
 */
export function SignInPage({ why, onSignedIn }: { why?: Problem | undefined; onSignedIn: (user: User, notices: SignInNotice[]) => void }) {
  const { t, language, setLanguage } = useWords();
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [fresh, setFresh] = useState("");
  const [code, setCode] = useState<string>();
  const [changing, setChanging] = useState<User>();
  const [notices, setNotices] = useState<SignInNotice[]>([]);
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState(why);
  const [providers, setProviders] = useState<Schemas["ProviderShape"][]>([]);
  /** Whose own second factor is asked for after an identity provider. */
  const [provider, setProvider] = useState<string>();
  const [coming, setComing] = useState(false);

  const tried = async (act: () => Promise<void>) => {
    setBusy(true);
    setWrong(undefined);
    try {
      await act();
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      if (error.problem.code === "access.second_factor_needed") setCode("");
      else setWrong(error.problem);
      if (error.problem.code === "access.provider_not_begun") leaveProvider();
    } finally {
      setBusy(false);
    }
  };
  const enter = ({ user, cut }: Schemas["Session"]) => {
    const found: SignInNotice[] = [];
    if (cut.length > 0) found.push({ about: "cut", what: cut.map((one) => one.address).join(", ") });
    if (user.new_factors.length > 0) {
      const what = user.new_factors.map((one) => `${one.kind === "passkey" ? `${t("account.passkeys")} ${one.name}` : t("account.authenticator")} ${written(one.added_at, user.zone)}`).join("; ");
      found.push({ about: "newFactor", what });
    }
    setNotices(found);
    if (user.must_change_password) setChanging(user);
    else onSignedIn(user, found);
  };
  const leaveProvider = () => {
    setProvider(undefined);
    setCode(undefined);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void tried(async () => {
      if (changing !== undefined) {
        await api.POST("/api/v1/session/password", { body: { old: password, new: fresh, proof: "" } });
        onSignedIn({ ...changing, must_change_password: false }, notices);
      } else if (provider !== undefined) {
        enter(await body(api.POST("/api/v1/session/providers/{provider}/code", { params: { path: { provider } }, body: { code: code ?? "" } })));
      } else {
        enter(await body(api.POST("/api/v1/session", { body: { name, password, otp: code ?? null } })));
      }
    });
  };
  const byPasskey = () =>
    tried(async () => {
      const { options } = await body(api.POST("/api/v1/session/passkey/options"));
      const credential = await provePasskey(options);
      if (credential !== undefined) enter(await body(api.POST("/api/v1/session/passkey", { body: { credential } })));
    });
  const byProvider = (id: string) => tried(async () => leaveFor((await body(api.POST("/api/v1/session/providers/{provider}", { params: { path: { provider: id } } }))).url));
  const finish = ({ provider: id, ...answer }: ProviderAnswer) => {
    setProvider(id);
    setComing(true);
    const posted = tried(async () => enter(await body(api.POST("/api/v1/session/providers/{provider}/answer", { params: { path: { provider: id } }, body: answer }))));
    void posted.then(() => setComing(false));
  };
  useEffect(() => {
    const answer = takeAnswer();
    if (answer !== undefined) finish(answer);
    body(api.GET("/api/v1/session/providers"))
      .then((found) => setProviders(found.items))
      .catch(() => undefined); // the way by password stays
    // Once: the answer of a provider is taken when the page opens.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);

  const proving = provider !== undefined && code !== undefined;
  return (
    <main className="gate">
      <form onSubmit={submit}>
        <h1>{t("product")}</h1>
        {coming ? (
          <span role="status">{t("signIn.coming")}</span>
        ) : changing !== undefined ? (
          <>
            <span>{t("signIn.mustChange")}</span>
            <Input.Password autoFocus size="large" autoComplete="new-password" aria-label={t("signIn.newPassword")} placeholder={t("signIn.newPassword")} value={fresh} data-testid="new-password" onChange={(event) => setFresh(event.target.value)} />
          </>
        ) : (
          <>
            {!proving && (
              <>
                <Input autoFocus size="large" autoComplete="username" aria-label={t("signIn.name")} placeholder={t("signIn.name")} value={name} data-testid="sign-in-name" onChange={(event) => setName(event.target.value)} />
                <Input.Password size="large" autoComplete="current-password" aria-label={t("signIn.password")} placeholder={t("signIn.password")} value={password} data-testid="sign-in-password" onChange={(event) => setPassword(event.target.value)} />
              </>
            )}
            {code !== undefined && (
              <>
                <Input autoFocus size="large" maxLength={16} inputMode="numeric" autoComplete="one-time-code" aria-label={t("signIn.code")} placeholder={t("signIn.code")} value={code} data-testid="sign-in-code" onChange={(event) => setCode(event.target.value)} />
                <span className="quiet">{t("signIn.code.help")}</span>
              </>
            )}
          </>
        )}
        {wrong !== undefined && <Wrong problem={wrong} />}
        {!coming && (
          <Button type="primary" size="large" htmlType="submit" loading={busy} data-testid="sign-in-submit">
            {changing === undefined ? t("signIn.submit") : t("signIn.change")}
          </Button>
        )}
        {!coming && proving && (
          <Button type="link" size="small" data-testid="sign-in-otherwise" onClick={leaveProvider}>
            {t("signIn.otherwise")}
          </Button>
        )}
        {!coming && !proving && changing === undefined && (
          <>
            {passkeysPossible() && (
              <Button size="large" data-testid="sign-in-passkey" onClick={() => void byPasskey()}>
                {t("signIn.passkey")}
              </Button>
            )}
            {providers.map((one) => (
              <Button key={one.id} size="large" disabled={busy} data-testid={`sign-in-${one.id}`} onClick={() => void byProvider(one.id)}>
                {language === "en" ? one.en : one.zh}
              </Button>
            ))}
          </>
        )}
        <Button type="link" size="small" data-testid="language" lang={language === "en" ? "zh-CN" : "en"} onClick={() => setLanguage(language === "en" ? "zh-CN" : "en")}>
          {language === "en" ? "中文" : "English"}
        </Button>
      </form>
    </main>
  );
}
