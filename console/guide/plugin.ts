import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import type { Plugin } from "vite";
import { renderGuide, wholePage } from "./render.ts";

/** Beginning with the console; the rest by name. */
const FIRST = ["console", "journeys", "first-camera", "duty"];
const place = (name: string) => (FIRST.includes(name) ? FIRST.indexOf(name) : FIRST.length);

/** Puts docs/guide, rendered, with its pictures beside the built console: whoever has the node has the guide, without a network. */
export function guidePages(docs: string): Plugin {
  return {
    name: "guide-pages",
    apply: "build",
    writeBundle({ dir = "" }) {
      const names = readdirSync(docs).filter((name) => name.endsWith(".md"));
      const pages = names
        .map((name) => renderGuide({ name: name.slice(0, -3), markdown: readFileSync(`${docs}/${name}`, "utf8") }))
        .sort((one, other) => place(one.name) - place(other.name) || one.name.localeCompare(other.name));
      mkdirSync(`${dir}/help`, { recursive: true });
      for (const page of pages) writeFileSync(`${dir}/help/${page.name}.html`, wholePage(page, pages));
      writeFileSync(`${dir}/help/guide.css`, ["src/ui/tokens.css", "guide/guide.css"].map((path) => readFileSync(path, "utf8")).join("\n"));
      cpSync("guide/guide.js", `${dir}/help/guide.js`);
      cpSync(`${docs}/pictures`, `${dir}/help/pictures`, { recursive: true });
    },
  };
}
