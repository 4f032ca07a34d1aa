import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Button, Table } from "antd";
import { api, body, type Schemas } from "../../api-client/client";
import { useWords } from "../../ui/language";
import { Refused } from "../../ui/Refused";
import { stacked } from "../../ui/stacked";
import { useZone, written } from "../../ui/zone";

export type Figure = "kept" | "over" | "playable";
type One = Schemas["FootageShortfall"];

const WHY = { damaged: "figures.why.damaged", away: "figures.why.away", nothing: "figures.why.nothing", undecoded: "figures.why.undecoded", device: "figures.why.device" } as const;
const isKnown = (why: string): why is keyof typeof WHY => why in WHY;

/** The cameras for which a figure is not whole. */
export function Shortfalls({ figure, area, name, onClose }: { figure: Figure; area: string; name: string; onClose: () => void }) {
  const { t } = useWords();
  const zone = useZone();
  const found = useQuery({ queryKey: ["footage-shortfalls", area, figure], retry: false, queryFn: () => body(api.GET("/api/v1/footage-figures/shortfalls", { params: { query: { area, figure } } })) });
  if (found.isError) return <Refused error={found.error} />;
  if (found.data === undefined) return <div className="hint">{t("loading")}</div>;
  const days = (count: number | null | undefined) => t("figures.days", { count: count ?? 0 });
  const at = (moment: string | null | undefined) => (typeof moment === "string" ? written(Date.parse(moment), zone) : "");
  const own =
    figure === "playable"
      ? [
          { title: t("figures.played"), width: 130, render: (_: unknown, one: One) => `${one.played ?? 0} / ${one.tries ?? 0}` },
          { title: t("figures.moment"), width: 180, render: (_: unknown, one: One) => at(one.failed_moment) },
          { title: t("completeness.causes"), render: (_: unknown, one: One) => (isKnown(one.failed_why) ? t(WHY[one.failed_why]) : one.failed_why) },
        ]
      : [
          { title: t("figures.oldest"), width: 130, render: (_: unknown, one: One) => days(one.kept_days) },
          { title: t(figure === "over" ? "figures.ceiling" : "figures.duty"), width: 130, render: (_: unknown, one: One) => days(figure === "over" ? one.ceiling_days : one.duty_days) },
        ];
  return (
    <section className="card" data-testid="shortfalls" aria-live="polite">
      <h3>
        {t(`figures.${figure}.list`, { area: name })}{" "}
        <Button size="small" onClick={onClose}>
          {t("figures.close")}
        </Button>
      </h3>
      <Table<One>
        size="small"
        className="stacked"
        rowKey={(one) => `${one.camera} ${one.day}`}
        dataSource={found.data.items}
        pagination={{ pageSize: 20, hideOnSinglePage: true, showSizeChanger: false }}
        columns={stacked<One>([
          {
            title: t("completeness.camera"),
            render: (_, one) => (
              <Link to="/cameras/$code" params={{ code: one.camera }}>
                {one.name}
              </Link>
            ),
          },
          { title: t("completeness.area"), width: 140, render: (_, one) => one.area_name },
          ...own,
        ])}
      />
    </section>
  );
}
