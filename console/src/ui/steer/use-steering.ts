import { useQuery, useQueryClient } from "@tanstack/react-query";
import { App } from "antd";
import { useContext, useEffect } from "react";
import { api, body, type Schemas } from "../../api-client/client";
import type { NodeEvent } from "../../api-client/events";
import { useWords } from "../language";
import { useNews } from "../news";
import { SignedIn } from "../signed-in";

export type Steering = Schemas["SteeringShape"];

interface SteeringEvent extends NodeEvent {
  type: "steering.changed";
  camera: string;
  user_id: number;
  name: string;
  reason: string;
  ended: string;
  lost_by: number;
}

function isSteering(event: NodeEvent): event is SteeringEvent {
  return event.type === "steering.changed";
}

const ENDINGS = ["idle", "session", "right"] as const;

/** Who steers a camera, kept up to date by the node's news; whoever loses it is told by whom, or by what. */
export function useSteering(code: string, name: string): Steering | undefined {
  const { feed, epoch } = useNews();
  const { notification } = App.useApp();
  const { t } = useWords();
  const me = useContext(SignedIn)?.user.id;
  const queries = useQueryClient();
  const found = useQuery({ queryKey: ["steering", code], retry: false, queryFn: () => body(api.GET("/api/v1/cameras/{code}/steering", { params: { path: { code } } })) });
  useEffect(() => {
    if (epoch > 0) void queries.invalidateQueries({ queryKey: ["steering", code] });
  }, [epoch, code, queries]);
  useEffect(
    () =>
      feed?.listen((event) => {
        if (!isSteering(event) || event.camera !== code) return;
        void queries.invalidateQueries({ queryKey: ["steering", code] });
        if (event.lost_by !== me || event.user_id === me) return;
        const ending = ENDINGS.find((one) => one === event.ended);
        const title = event.user_id !== 0 ? t("steer.lost.to", { name: event.name, camera: name }) : ending === undefined ? undefined : t(`steer.lost.${ending}`, { camera: name });
        if (title !== undefined) notification.warning({ key: `steering-lost-${code}`, title, description: event.reason === "" ? undefined : t("steer.lost.why", { reason: event.reason }), placement: "bottomRight", duration: event.user_id === 0 ? 6 : 0 });
      }),
    [feed, code, name, me, queries, notification, t],
  );
  return found.data;
}
