import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { App, ConfigProvider, theme, type ThemeConfig } from "antd";
import enUS from "antd/locale/en_US";
import zhCN from "antd/locale/zh_CN";
import { Suspense, useCallback, useEffect, useRef, useState } from "react";
import { ApiProblem, api, body, holdRequests, whenLocked, whenSignedOut, type Problem, type User } from "../api-client/client";
import { LockPage } from "../features/sign-in/LockPage";
import { SignInPage } from "../features/sign-in/SignInPage";
import { dropDrafts, giveBackDrafts, keepDrafts } from "../ui/kept";
import { useWords } from "../ui/language";
import { useTheme, type Theme } from "../ui/theme";
import { ViewerContext } from "../ui/viewer";
import { hearLocked, rememberWork, tellLocked } from "../ui/work-clock";
import { AccountPage } from "./pages";
import { router } from "./routes";
import { STYLE_NONCE } from "./style-nonce";
import { SignedIn, type SignInNotice } from "../ui/signed-in";
import { useWorkClock } from "./use-work-clock";

/** What the node has answered for good, a missing thing or right, is told at once: asking again only delays it. */
const mayPass = (error: Error) => !(error instanceof ApiProblem) || error.problem.status === 0 || error.problem.status >= 500;
const queries = new QueryClient({ defaultOptions: { queries: { retry: (failed, error) => failed < 1 && mayPass(error), staleTime: 2_000 } } });
const ASK_AGAIN_MS = 2_000;
const SIZES = { fontSize: 13, borderRadius: 5 };
/** Compact makes letters of 10 px out of 13: too small to read across a desk. Its distances stay. */
const readable: typeof theme.compactAlgorithm = (seed, map) => ({ ...(map ?? theme.defaultAlgorithm(seed)), fontSize: 13, fontSizeSM: 12 });
/** White letters on the accent of the dark theme could not be read: buttons stand on a deeper blue. */
const BUTTONS = { colorPrimary: "#2271c8", colorPrimaryHover: "#2f83de", colorPrimaryActive: "#1b5fa8" };
/** The same colours as in tokens.css. */
const THEMES: Record<Theme, ThemeConfig> = {
  dark: {
    algorithm: [theme.darkAlgorithm, theme.compactAlgorithm, readable],
    token: { ...SIZES, colorPrimary: "#4aa3ff", colorLink: "#6db4ff", colorLinkHover: "#9accff", colorLinkActive: "#9accff", colorError: "#ff7b6f", colorTextPlaceholder: "#8ea0b3", colorBgBase: "#0b0f14", colorBgContainer: "#121922", colorBgElevated: "#1a2430", colorBorder: "#263341" },
    components: { Button: { ...BUTTONS, dangerColor: "#1d0502" } }, // white could not be read on the light red
  },
  light: {
    algorithm: [theme.defaultAlgorithm, theme.compactAlgorithm, readable],
    token: { ...SIZES, colorPrimary: "#1160c4", colorLink: "#0f5cc0", colorLinkHover: "#0b478f", colorLinkActive: "#0b478f", colorError: "#9c1210", colorTextPlaceholder: "#5f6f7d", colorBorder: "#cfd8e1" },
    components: { Button: { colorPrimaryHover: "#0d52a8" } }, // the lighter one of the algorithm could not be read on white
  },
};

/** Lists, dialogs and notices lie in what fills the screen: beside it nobody sees them. */
const inFront = (): HTMLElement => (document.fullscreenElement instanceof HTMLElement ? document.fullscreenElement : document.body);

/** Theme and language around sign-in and the signed-in console. */
export function Console() {
  const { language, t } = useWords();
  const { theme: chosen } = useTheme();
  const [user, setUser] = useState<User | null>();
  const [notices, setNotices] = useState<SignInNotice[]>([]);
  const [why, setWhy] = useState<Problem>();
  const [unreachable, setUnreachable] = useState(false);
  const [locked, setLocked] = useState(false);
  /** Whose page stands here; undefined while none does. */
  const mine = useRef<number>(undefined);
  /** Grows when the node is to be asked anew who is signed in. */
  const [asked, setAsked] = useState(0);

  const shut = useCallback(() => {
    if (mine.current !== undefined) keepDrafts(mine.current);
    mine.current = undefined;
    holdRequests(true);
    setLocked(true);
  }, []);
  const unshut = useCallback(() => {
    holdRequests(false);
    rememberWork(Date.now());
    setUser(undefined); // until the node says who it is: another tab may have let somebody else in
    setLocked(false);
    setAsked((old) => old + 1);
  }, []);
  /** The session has ended; whoever signs in anew as the same person goes on where it ended. */
  const ended = useCallback((told?: Problem) => {
    if (mine.current !== undefined) keepDrafts(mine.current);
    mine.current = undefined;
    setWhy(told?.code === "access.signed_in_elsewhere" ? told : undefined);
    holdRequests(false);
    queries.clear(); // the next person sees nothing of the last one's
    setLocked(false);
    setNotices([]);
    setUser(null);
  }, []);
  /** By hand: nothing is to be taken up again. */
  const leave = useCallback(
    (told?: Problem) => {
      ended(told);
      if (told === undefined) dropDrafts();
    },
    [ended],
  );
  const settle = useCallback((found: User) => {
    giveBackDrafts(found.id);
    mine.current = found.id;
    setUser(found);
  }, []);
  const lock = useCallback(
    (why: "hand" | "idle") => {
      shut();
      tellLocked(true);
      void api.POST("/api/v1/session/lock", { body: { why } }).catch(() => undefined); // the node locks it by itself soon
    },
    [shut],
  );
  const putAway = useCallback((about: SignInNotice["about"]) => setNotices((old) => old.filter((one) => one.about !== about)), []);
  const lockIdle = useCallback(() => lock("idle"), [lock]);
  const lockByHand = useCallback(() => lock("hand"), [lock]);
  const warning = useWorkClock(user === null || locked ? undefined : user?.lock_after_s, lockIdle);

  useEffect(() => {
    whenSignedOut(ended);
    whenLocked(shut);
    return hearLocked((elsewhere) => (elsewhere ? shut() : unshut()));
  }, [ended, shut, unshut]);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = () => {
      body(api.GET("/api/v1/session"))
        .then((found) => (found.must_change_password ? setUser(null) : settle(found)))
        .catch((error: unknown) => {
          const away = !(error instanceof ApiProblem) || error.problem.status === 0 || error.problem.status >= 500;
          setUnreachable(away);
          if (away) timer = setTimeout(ask, ASK_AGAIN_MS);
          else if (error.problem.code !== "access.screen_locked") setUser(null);
        });
    };
    ask();
    return () => clearTimeout(timer);
  }, [asked, settle]);
  const enter = (found: User, brought: SignInNotice[]) => {
    setNotices(brought);
    rememberWork(Date.now());
    settle(found);
  };
  return (
    <ConfigProvider csp={{ nonce: STYLE_NONCE }} getPopupContainer={inFront} button={{ autoInsertSpace: false }} locale={language === "en" ? enUS : zhCN} theme={THEMES[chosen]}>
      {/* Made anew: dialogs and notices that stand in it go with what is locked. */}
      <App key={locked ? "locked" : "open"} style={{ height: "100%" }}>
        <QueryClientProvider client={queries}>
          {user === undefined && unreachable && <div className="banner" role="alert">{t("connection.lost")}</div>}
          {locked && (
            <LockPage
              onUnlocked={() => {
                tellLocked(false);
                unshut();
              }}
              onGone={ended}
              onLeft={leave}
            />
          )}
          {!locked && warning !== undefined && (
            <div className="lock-warning" role="alert" data-testid="lock-warning">
              {t("lock.warning", { seconds: warning })}
            </div>
          )}
          {!locked && user === null && <SignInPage why={why} onSignedIn={enter} />}
          {!locked && user?.must_enrol === true && (
            <main className="enrol">
              <Suspense>
                <AccountPage onEnrolled={() => setUser({ ...user, must_enrol: false, has_second_factor: true })} />
              </Suspense>
            </main>
          )}
          {!locked && user !== null && user !== undefined && !user.must_enrol && (
            <SignedIn.Provider value={{ user, signOut: leave, lock: lockByHand, notices, putAway }}>
              <ViewerContext.Provider value={{ name: user.full_name === "" ? user.name : `${user.full_name} ${user.name}`, unit: user.unit }}>
                <RouterProvider router={router} />
              </ViewerContext.Provider>
            </SignedIn.Provider>
          )}
        </QueryClientProvider>
      </App>
    </ConfigProvider>
  );
}
