import { Button, Input } from "antd";
import { useEffect, useState, type FormEvent } from "react";
import { ApiProblem, api, body, type Problem, type Schemas } from "../../api-client/client";
import { useWords } from "../../ui/language";
import { passkeysPossible, provePasskey } from "../../ui/passkey";
import { Wrong } from "./Wrong";
import "./sign-in.css";

const ASK_AGAIN_MS = 2_000;

interface Props {
  onUnlocked: () => void;
  /** The session has ended elsewhere. */
  onGone: () => void;
  /** The session was ended here, so that somebody else can sign in. */
  onLeft: () => void;
}

/** Nothing of what was on screen, but the way in for whoever locked it: the same as at the sign-in. */
export function LockPage({ onUnlocked, onGone, onLeft }: Props) {
  const { t, language, setLanguage } = useWords();
  const [lock, setLock] = useState<Schemas["ScreenLockShape"]>();
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<Problem>();

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = () => {
      body(api.GET("/api/v1/session/lock"))
        .then((found) => {
          setWrong(undefined);
          setLock(found);
        })
        .catch((error: unknown) => {
          if (!(error instanceof ApiProblem)) throw error;
          if (error.problem.status === 401) return onGone();
          setWrong(error.problem);
          timer = setTimeout(ask, ASK_AGAIN_MS);
        });
    };
    ask();
    return () => clearTimeout(timer);
    // Once: the page is made anew for each lock.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);

  const tried = async (act: () => Promise<void>) => {
    setBusy(true);
    setWrong(undefined);
    try {
      await act();
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      if (error.problem.code === "access.not_signed_in") return onGone();
      setWrong(error.problem);
      setPassword("");
      setCode("");
    } finally {
      setBusy(false);
    }
  };
  const ways = lock?.ways ?? [];
  const wantsPassword = ways.includes("password") || ways.includes("password-and-code");
  const wantsCode = ways.includes("code") || ways.includes("password-and-code");
  const whole = (!wantsPassword || password !== "") && (!wantsCode || code.trim() !== "");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!whole || busy) return;
    void tried(async () => {
      await api.POST("/api/v1/session/unlock", { body: { password, code: code.trim() } });
      onUnlocked();
    });
  };
  const touch = () =>
    void tried(async () => {
      const { options } = await body(api.POST("/api/v1/session/unlock/options"));
      const credential = await provePasskey(options);
      if (credential === undefined) return;
      await api.POST("/api/v1/session/unlock", { body: { password: "", code: "", credential } });
      onUnlocked();
    });
  const leave = () =>
    tried(async () => {
      await api.DELETE("/api/v1/session");
      onLeft();
    });
  const named = lock === undefined ? "" : lock.full_name === "" ? lock.name : `${lock.full_name} ${lock.name}`;
  return (
    <main className="gate" data-testid="lock-page">
      <form onSubmit={submit}>
        <h1>{t("product")}</h1>
        <b>{t("lock.title")}</b>
        {lock !== undefined && (
          <>
            <span>{t("lock.help", { name: named })}</span>
            {/* For whatever keeps passwords in this browser. */}
            <input type="text" autoComplete="username" value={lock.name} readOnly hidden />
            {wantsPassword && <Input.Password autoFocus size="large" autoComplete="current-password" aria-label={t("signIn.password")} placeholder={t("signIn.password")} value={password} data-testid="unlock-proof" onChange={(event) => setPassword(event.target.value)} />}
            {wantsCode && (
              <>
                <Input autoFocus={!wantsPassword} size="large" maxLength={16} inputMode="numeric" autoComplete="one-time-code" aria-label={t("signIn.code")} placeholder={t("signIn.code")} value={code} data-testid="unlock-code" onChange={(event) => setCode(event.target.value)} />
                <span className="quiet">{t("lock.code.help")}</span>
              </>
            )}
            {ways.length === 0 && <span>{t("lock.provider.help")}</span>}
            {ways.join() === "passkey" && !passkeysPossible() && <span>{t("lock.passkey.impossible")}</span>}
          </>
        )}
        {wrong !== undefined && <Wrong problem={wrong} />}
        {(wantsPassword || wantsCode) && (
          <Button type="primary" size="large" htmlType="submit" loading={busy} disabled={!whole} data-testid="unlock">
            {t("lock.submit")}
          </Button>
        )}
        {ways.includes("passkey") && passkeysPossible() && (
          <Button type={ways.length === 1 ? "primary" : "default"} autoFocus={ways.length === 1} size="large" loading={busy} data-testid="unlock-passkey" onClick={touch}>
            {t("lock.passkey")}
          </Button>
        )}
        <Button type={lock !== undefined && ways.length === 0 ? "primary" : "link"} size={lock !== undefined && ways.length === 0 ? "large" : "small"} disabled={busy} data-testid="lock-leave" onClick={() => void leave()}>
          {t("lock.leave")}
        </Button>
        <Button type="link" size="small" data-testid="language" lang={language === "en" ? "zh-CN" : "en"} onClick={() => setLanguage(language === "en" ? "zh-CN" : "en")}>
          {language === "en" ? "中文" : "English"}
        </Button>
      </form>
    </main>
  );
}
