import { useEffect, useRef, useState } from "react";
import { ApiProblem, api, body, type Schemas } from "../../api-client/client";
import type { NodeEvent } from "../../api-client/events";
import { useNews } from "../../ui/news";

const SAY_MS = 10_000;

export type SentWall = Schemas["SentWall"];

interface Ordered extends NodeEvent, SentWall {
  screen: string;
}

const isOrdered = (event: NodeEvent): event is Ordered => event.type === "screen.ordered";

export type ScreenState = "opening" | "open" | "replaced";

/** This window as a screen of the node: it says that it is there, takes the walls that are sent to it, and asks for what it missed. */
export function useScreen(number: number, name: string, pictures: number, driven: boolean, onOrder: (sent: SentWall) => void): ScreenState {
  const [state, setState] = useState<ScreenState>("opening");
  const { feed, epoch } = useNews();
  const told = useRef({ pictures, driven, onOrder });
  useEffect(() => {
    told.current = { pictures, driven, onOrder };
  }, [pictures, driven, onOrder]);
  const shown = useRef(0);
  const sayNow = useRef<() => void>(undefined);
  useEffect(() => sayNow.current?.(), [epoch, driven]);
  useEffect(() => {
    let over = false;
    let silent = false; // while it is being said, and once another window has taken the number
    let screen: string | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const close = () => {
      if (screen !== undefined) void api.DELETE("/api/v1/screens/{screen}", { params: { path: { screen } } }).catch(() => undefined);
      screen = undefined;
    };
    const take = (sent: SentWall) => {
      if (sent.number <= shown.current) return;
      shown.current = sent.number;
      told.current.onOrder(sent);
    };
    const say = async (): Promise<void> => {
      clearTimeout(timer);
      silent = true;
      try {
        if (screen === undefined) {
          const made = await body(api.POST("/api/v1/screens", { body: { number, name } }));
          screen = made.id;
          shown.current = 0; // a node that was started anew counts anew
          if (over) return close();
          setState("open");
        }
        const { pictures, driven } = told.current;
        const { missed } = await body(api.PUT("/api/v1/screens/{screen}", { params: { path: { screen } }, body: { pictures, driven, shown: shown.current } }));
        if (missed !== null && !over) take(missed);
      } catch (error) {
        const code = error instanceof ApiProblem ? error.problem.code : "";
        if (code === "views.screen_replaced") {
          screen = undefined;
          return over ? undefined : setState("replaced");
        }
        if (code === "views.unknown_screen") screen = undefined; // the node is another one by now, or was started anew
      }
      silent = false;
      if (!over) timer = setTimeout(() => void say(), SAY_MS);
    };
    const leave = feed?.listen((event) => {
      if (isOrdered(event) && event.screen === screen) take(event);
    });
    sayNow.current = () => void (silent || say());
    void say();
    return () => {
      over = true;
      sayNow.current = undefined;
      clearTimeout(timer);
      leave?.();
      close();
    };
  }, [number, name, feed]);
  return state;
}
