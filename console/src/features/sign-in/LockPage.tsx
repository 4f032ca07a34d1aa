import { Button, Input } from "antd";
import { useEffect, useState, type FormEvent } from "react";
import { ApiProblem, api, body, type Problem, type Schemas } from "../../api-client/client";
import { useWords } from "../../ui/language";
import { Wrong } from "./Wrong";

const ASK_AGAIN_MS = 2_000;

/** Nothing of what was on screen, but a field for whoever locked it. `onGone`: the session has ended, here or elsewhere. */
export function LockPage({ onUnlocked, onGone }: { onUnlocked: () => void; onGone: () => void }) {
  const { t, language, setLanguage } = useWords();
  const [lock, setLock] = useState<Schemas["ScreenLockShape"]>();
  const [proof, setProof] = useState("");
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
      setProof("");
    } finally {
      setBusy(false);
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (proof.trim() === "" || busy) return;
    void tried(async () => {
      await api.POST("/api/v1/session/unlock", { body: { proof: lock?.way === "code" ? proof.trim() : proof } });
      onUnlocked();
    });
  };
  const leave = () =>
    tried(async () => {
      await api.DELETE("/api/v1/session");
      onGone();
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
            {lock.way === "password" && <Input.Password autoFocus size="large" autoComplete="current-password" aria-label={t("signIn.password")} placeholder={t("signIn.password")} value={proof} data-testid="unlock-proof" onChange={(event) => setProof(event.target.value)} />}
            {lock.way === "code" && (
              <>
                <Input autoFocus size="large" maxLength={16} inputMode="numeric" autoComplete="one-time-code" aria-label={t("signIn.code")} placeholder={t("signIn.code")} value={proof} data-testid="unlock-proof" onChange={(event) => setProof(event.target.value)} />
                <span className="quiet">{t("lock.code.help")}</span>
              </>
            )}
            {lock.way === "provider" && <span>{t("lock.provider.help")}</span>}
          </>
        )}
        {wrong !== undefined && <Wrong problem={wrong} />}
        {lock !== undefined && lock.way !== "provider" && (
          <Button type="primary" size="large" htmlType="submit" loading={busy} disabled={proof.trim() === ""} data-testid="unlock">
            {t("lock.submit")}
          </Button>
        )}
        <Button type={lock?.way === "provider" ? "primary" : "link"} size={lock?.way === "provider" ? "large" : "small"} disabled={busy} data-testid="lock-leave" onClick={() => void leave()}>
          {t("lock.leave")}
        </Button>
        <Button type="link" size="small" data-testid="language" lang={language === "en" ? "zh-CN" : "en"} onClick={() => setLanguage(language === "en" ? "zh-CN" : "en")}>
          {language === "en" ? "中文" : "English"}
        </Button>
      </form>
    </main>
  );
}
