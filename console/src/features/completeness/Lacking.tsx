import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Table } from "antd";
import { api, body, type Schemas } from "../../api-client/client";
import { CauseMarks } from "../../ui/days/CauseMarks";
import { DayPicture } from "../../ui/days/DayPicture";
import { missingOf, percent, shareOf } from "../../ui/days/day-facts";
import { span } from "../../ui/figures";
import { useWords } from "../../ui/language";
import { Refused } from "../../ui/Refused";
import { stacked } from "../../ui/stacked";

type One = Schemas["LackingCamera"];

/** The cameras of an area's day that lack the most. */
export function Lacking({ area, name, day }: { area: string; name: string; day: string }) {
  const { t } = useWords();
  const found = useQuery({ queryKey: ["lacking", area, day], retry: false, queryFn: () => body(api.GET("/api/v1/recorded-areas/lacking", { params: { query: { area, day } } })) });
  if (found.isError) return <Refused error={found.error} />;
  if (found.data === undefined) return <div className="hint">{t("loading")}</div>;
  const facts = { area: name, day };
  return (
    <section className="card" data-testid="lacking" aria-live="polite">
      <h3>{t(found.data.items.length === 0 ? "completeness.lacking.none" : "completeness.lacking", facts)}</h3>
      {found.data.items.length > 0 && (
        <Table<One>
          size="small"
          className="stacked"
          rowKey="camera"
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
            {
              title: t("completeness.share"),
              width: 110,
              render: (_, one) => (
                <>
                  <DayPicture day={one.day} /> {percent(shareOf(one.day))}%
                </>
              ),
            },
            { title: t("completeness.missing"), width: 100, render: (_, one) => span(missingOf(one.day)) },
            { title: t("completeness.gapCount"), width: 70, render: (_, one) => one.day.gaps },
            { title: t("completeness.causes"), render: (_, one) => <CauseMarks missing={one.day.missing} /> },
          ])}
        />
      )}
    </section>
  );
}
