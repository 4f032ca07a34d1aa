import { useQuery } from "@tanstack/react-query";
import { Select } from "antd";
import { useState, type ReactNode } from "react";
import { api, body, type Schemas } from "../../api-client/client";
import { useWords } from "../../ui/language";
import { Refused } from "../../ui/Refused";

const KEY = "fengsui.patrol-centre";
type Centre = Schemas["CentreShape"];

interface Props {
  help: string;
  /** To the other pages of patrols. */
  link: ReactNode;
  /** `there`: the reader is on duty at this centre. */
  children: (centre: Centre, there: boolean) => ReactNode;
}

/** A page of patrols is about one centre, the same on each of them: the one chosen last, else where one is on duty. */
export function OfCentre({ help, link, children }: Props) {
  const { t } = useWords();
  const [chosen, setChosen] = useState(() => Number(sessionStorage.getItem(KEY) ?? 0));
  const duty = useQuery({ queryKey: ["duty"], retry: false, queryFn: () => body(api.GET("/api/v1/duty")) });
  if (duty.data === undefined) return duty.isError ? <Refused error={duty.error} /> : <div className="hint">{t("loading")}</div>;
  const { centres, mine } = duty.data;
  const centre = centres.find((one) => one.id === chosen) ?? centres.find((one) => one.id === mine?.centre) ?? centres[0];
  if (centre === undefined) return <div className="hint">{t("patrol.noCentre")}</div>;
  const choose = (id: number) => {
    sessionStorage.setItem(KEY, String(id));
    setChosen(id);
  };
  return (
    <div className="padded">
      <div className="page-head">
        <Select<number> value={centre.id} aria-label={t("roster.centre")} data-testid="patrol-centre" style={{ minWidth: 200 }} onChange={choose} options={centres.map((one) => ({ value: one.id, label: one.name }))} />
        <p className="hint">{help}</p>
        {link}
      </div>
      {children(centre, mine?.centre === centre.id)}
    </div>
  );
}
