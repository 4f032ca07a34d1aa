import { useEffect, useRef, useState } from "react";
import { ApiProblem, api, body } from "../../api-client/client";
import type { NodeEvent } from "../../api-client/events";
import { useNews } from "../../ui/news";
import type { WallPlan } from "../../ui/wall-state";
import { planOfView, type View } from "./use-views";

const SAY_MS = 10_000;

interface Ordered extends NodeEvent, Pick<View, "grid" | "tiles"> {
  screen: string;
  by: string;
}

const isOrdered = (event: NodeEvent): event is Ordered => event.type === "screen.ordered";

export type ScreenState = "opening" | "open" | "replaced";

/** This window as a screen of the node: it says that it is there, and takes the walls that are sent to it. */
export function useScreen(number: number, name: string, pictures: number, driven: boolean, onOrder: (plan: WallPlan, by: string) => void): ScreenState {
  const [state, setState] = useState<ScreenState>("opening");
  const { feed, epoch } = useNews();
  const told = useRef({ pictures, driven, onOrder });
  useEffect(() => {
    told.current = { pictures, driven, onOrder };
  }, [pictures, driven, onOrder]);
  useEffect(() => {
    let over = false;
    let screen: string | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const close = () => {
      if (screen !== undefined) void api.DELETE("/api/v1/screens/{screen}", { params: { path: { screen } } }).catch(() => undefined);
      screen = undefined;
    };
    const say = async (): Promise<void> => {
      try {
        if (screen === undefined) {
          const made = await body(api.POST("/api/v1/screens", { body: { number, name } }));
          screen = made.id;
          if (over) return close();
          setState("open");
        }
        await api.PUT("/api/v1/screens/{screen}", { params: { path: { screen } }, body: { pictures: told.current.pictures, driven: told.current.driven } });
      } catch (error) {
        const code = error instanceof ApiProblem ? error.problem.code : "";
        if (code === "views.screen_replaced") {
          screen = undefined;
          return over ? undefined : setState("replaced");
        }
        if (code === "views.unknown_screen") screen = undefined; // the node is another one by now, or was started anew
      }
      if (!over) timer = setTimeout(() => void say(), SAY_MS);
    };
    const leave = feed?.listen((event) => {
      if (isOrdered(event) && event.screen === screen) told.current.onOrder(planOfView(event), event.by);
    });
    void say();
    return () => {
      over = true;
      clearTimeout(timer);
      leave?.();
      close();
    };
  }, [number, name, feed, epoch]);
  return state;
}
