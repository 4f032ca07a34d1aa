import { Link, useNavigate } from "@tanstack/react-router";
import { Button, Input, Select, Space, Table } from "antd";
import { AreaSelect } from "../../ui/AreaSelect";
import { useKept } from "../../ui/kept";
import { useWords } from "../../ui/language";
import { Refused } from "../../ui/Refused";
import { useMay } from "../../ui/signed-in";
import { stacked } from "../../ui/stacked";
import { useTime } from "../../ui/time";
import { Bar } from "./Bar";
import { FileMark, STATES } from "../../ui/files/FileMark";
import "./files.css";
import { useFileFields, useFilePages, type FileFilter, type FileRow, type FileState } from "./use-files";

/** One file a camera point: how whole and how right the files are, and which need work. */
export function FilesPage() {
  const { t, pick } = useWords();
  const may = useMay();
  const time = useTime();
  const go = useNavigate();
  const [filter, setFilter] = useKept<FileFilter>("filter of files", {});
  const set = (change: FileFilter) => setFilter((before) => ({ ...before, ...change }));
  const fields = useFileFields();
  const pages = useFilePages(filter);
  const first = pages.data?.pages[0];
  const rows = pages.data?.pages.flatMap((page) => page.items) ?? [];
  if (pages.isError && pages.data === undefined) return <Refused error={pages.error} />;
  const states = STATES.map((state) => ({ value: state, label: `${t(`file.state.${state}`)} ${first?.states[state] ?? 0}` }));
  const checks = (fields?.checks ?? [])
    .filter((one) => (first?.failing[one.code] ?? 0) > 0 || filter.failing === one.code)
    .map((one) => ({ value: one.code, label: `${pick(one.zh, one.en).replace(/\{\w+\}/g, "…")} · ${first?.failing[one.code] ?? 0}` }));
  return (
    <div className="padded files">
      <div className="page-head">
        <h1>{t("file.title")}</h1>
        <span className="quiet" data-testid="files-total">
          {t("file.total", { total: first?.total ?? 0 })}
        </span>
        <span className="file-share">
          {t("file.completeness")} <Bar label="file.completeness" share={first?.completeness ?? 0} />
        </span>
        <span className="file-share">
          {t("file.correctness")} <Bar label="file.correctness" share={first?.correctness ?? 0} />
        </span>
        <span className="grow" />
        <Button href={exportOf(filter, "xlsx")} data-testid="export-xlsx">
          {t("file.export", { form: "xlsx" })}
        </Button>
        <Button href={exportOf(filter, "csv")} data-testid="export-csv">
          {t("file.export", { form: "CSV" })}
        </Button>
        {may("manage-devices") && (
          <>
            <Button data-testid="import-files" onClick={() => void go({ to: "/file-import" })}>
              {t("file.import")}
            </Button>
            <NewFile />
          </>
        )}
      </div>
      <Space wrap className="filters">
        <Input.Search allowClear placeholder={t("file.search")} aria-label={t("file.search")} defaultValue={filter.q} data-testid="files-search" onSearch={(q) => set({ q: q.trim() || undefined })} />
        <AreaSelect value={filter.area} label={t("file.area")} clearable testId="files-area" onChange={(area) => set({ area: area || undefined })} />
        <Select<FileState> allowClear value={filter.state} placeholder={t("file.state")} aria-label={t("file.state")} data-testid="files-state" style={{ width: 150 }} options={states} onChange={(state: FileState | undefined) => set({ state })} />
        <Select<string> allowClear showSearch={{ optionFilterProp: "label" }} value={filter.failing} placeholder={t("file.failing")} aria-label={t("file.failing")} data-testid="files-failing" style={{ width: 300 }} options={checks} onChange={(failing: string | undefined) => set({ failing })} />
        {((first?.waiting ?? 0) > 0 || filter.waiting === true) && (
          <Button type={filter.waiting === true ? "primary" : "default"} aria-pressed={filter.waiting === true} data-testid="files-waiting" onClick={() => set({ waiting: filter.waiting === true ? undefined : true })}>
            {t("file.waiting", { count: first?.waiting ?? 0 })}
          </Button>
        )}
      </Space>
      <Table<FileRow>
        size="small"
        className="stacked"
        rowKey="code"
        loading={pages.isPending}
        dataSource={rows}
        pagination={false}
        locale={{ emptyText: <div className="hint">{t("file.none")}</div> }}
        columns={stacked<FileRow>([
          { title: t("file.state"), width: 110, render: (_, one) => <FileMark state={one.state} /> },
          {
            title: t("file.name"),
            render: (_, one) => (
              <Link to="/files/$code" params={{ code: one.code }} data-testid={`file-${one.code}`}>
                {one.name || t("file.unnamed")}
              </Link>
            ),
          },
          { title: t("file.code"), width: 190, render: (_, one) => <span className="figures">{one.code}</span> },
          { title: t("file.area"), width: 120, dataIndex: "area_name" },
          { title: t("file.completeness"), width: 150, render: (_, one) => <Bar label="file.completeness" share={one.completeness} /> },
          { title: t("file.correctness"), width: 150, render: (_, one) => <Bar label="file.correctness" share={one.correctness} /> },
          { title: t("file.issues"), width: 130, render: (_, one) => <Issues row={one} /> },
          {
            title: t("file.changed"),
            width: 230,
            render: (_, one) => (
              <span className="quiet">
                {time(one.changed_at)} {one.changed_by}
              </span>
            ),
          },
        ])}
      />
      {pages.hasNextPage && (
        <Button block loading={pages.isFetchingNextPage} data-testid="files-more" onClick={() => void pages.fetchNextPage()}>
          {t("file.more", { shown: rows.length, total: first?.total ?? 0 })}
        </Button>
      )}
    </div>
  );
}

/** What the list shows, as a table. */
function exportOf(filter: FileFilter, form: "xlsx" | "csv"): string {
  const asked = Object.entries(filter).filter(([, value]) => value !== undefined);
  return `/api/v1/device-file-export?${new URLSearchParams([["form", form], ...asked.map(([key, value]) => [key, String(value)])]).toString()}`;
}

function Issues({ row }: { row: FileRow }) {
  const { t } = useWords();
  return (
    <>
      {row.errors > 0 && <span className="file-error">{t("file.errors", { count: row.errors })} </span>}
      {row.warnings > 0 && <span className="file-warning">{t("file.warnings", { count: row.warnings })} </span>}
      {row.errors + row.warnings === 0 && <span className="status-online">✓</span>}
      {row.change_waits && <span className="file-warning"> ◔</span>}
    </>
  );
}

function NewFile() {
  const { t } = useWords();
  const go = useNavigate();
  const [code, setCode] = useKept("code of a new file", "");
  const right = /^\d{20}$/.test(code.trim());
  const open = () => right && void go({ to: "/files/$code", params: { code: code.trim() } });
  return (
    <Space.Compact>
      <Input value={code} maxLength={20} style={{ width: 210 }} placeholder={t("file.new.code")} aria-label={t("file.new.code")} status={code !== "" && !right ? "warning" : ""} data-testid="new-file-code" onChange={(event) => setCode(event.target.value)} onPressEnter={open} />
      <Button type="primary" disabled={!right} data-testid="new-file" onClick={open}>
        {t("file.new")}
      </Button>
    </Space.Compact>
  );
}
