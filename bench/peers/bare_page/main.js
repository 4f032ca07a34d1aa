// The least that an admin page of the same parts is: React, antd's frame, and a table of ten rows. No data is asked for.
import { Button, ConfigProvider, Input, Layout, Menu, Select, Table, theme } from "antd";
import zhCN from "antd/locale/zh_CN";
import { createElement as h } from "react";
import { createRoot } from "react-dom/client";

const rows = Array.from({ length: 10 }, (_, at) => ({ key: at, name: `摄像机 ${at}`, code: `5201000000132${at}` }));
const columns = ["name", "code"].map((name) => ({ title: name, dataIndex: name }));
const page = h(
  Layout,
  null,
  h(Layout.Header, null, h(Menu, { mode: "horizontal", items: [{ key: "1", label: "实时" }] })),
  h(Layout.Content, null, h(Input, { placeholder: "搜索" }), h(Select, { options: [{ value: 1, label: "全部" }] }), h(Button, { type: "primary" }, "查询"), h(Table, { dataSource: rows, columns })),
);
createRoot(document.getElementById("root")).render(h(ConfigProvider, { locale: zhCN, theme: { algorithm: theme.darkAlgorithm } }, page));
