import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { api, body } from "../api-client/client";
import { useWords } from "../ui/language";
import { useMay } from "../ui/signed-in";
import { useTime } from "../ui/time";

const SEEN = "fengsui.ended-shift";

/** Tells somebody whose shift was ended by a supervisor or by the node: who, when and why. */
export function EndedShift() {
  const { t } = useWords();
  const time = useTime();
  const [seen, setSeen] = useState(() => sessionStorage.getItem(SEEN) ?? "");
  const may = useMay();
  const enabled = may("look-around") || may("read-duty-log");
  const ended = useQuery({ queryKey: ["duty"], enabled, queryFn: () => body(api.GET("/api/v1/duty")) }).data?.ended;
  if (!ended || seen === String(ended.shift)) return null;
  const close = () => {
    sessionStorage.setItem(SEEN, String(ended.shift));
    setSeen(String(ended.shift));
  };
  const words = { ...ended, at: time(ended.at) };
  return (
    <div className="banner" role="status" data-testid="ended-shift">
      ▲ {t(ended.by === "" ? "shift.ended.node" : "shift.ended.by", words)}{" "}
      <Button size="small" onClick={close}>
        {t("shift.ended.seen")}
      </Button>
    </div>
  );
}
