import type { TableColumnsType } from "antd";

/** Columns whose cells know their heading: on a phone each row is a card of lines instead (`.stacked` in narrow.css). */
export function stacked<T>(columns: TableColumnsType<T>): TableColumnsType<T> {
  return columns.map((one) => ({ ...one, onCell: (): object => ({ "data-label": typeof one.title === "string" ? one.title : "" }) }));
}
