import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";
import { guidePages } from "./guide/plugin.ts";

/** Beside each script, style and page of the guide its compressed form, made once: the node sends it to whoever takes it. */
const compressed: Plugin = {
  name: "compressed",
  apply: "build",
  writeBundle({ dir = "" }) {
    for (const folder of ["assets", "help"]) {
      for (const name of readdirSync(`${dir}/${folder}`).filter((one) => /\.(css|html|m?js)$/.test(one))) {
        const path = `${dir}/${folder}/${name}`;
        writeFileSync(`${path}.gz`, gzipSync(readFileSync(path), { level: 9 }));
      }
    }
  },
};

export default defineConfig({
  plugins: [react(), guidePages("../docs/guide"), compressed],
  // The node puts a nonce of its own in each page it sends.
  html: { cspNonce: "{{csp-nonce}}" },
  test: { css: true }, // tokens.test.ts reads the style sheets
  build: { outDir: "../src/fengsui/web_console", emptyOutDir: true, chunkSizeWarningLimit: 1400 },
});
