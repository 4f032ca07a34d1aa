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

const tests = readdirSync("src", { recursive: true, encoding: "utf-8" }).filter((one) => /\.test\.tsx?$/.test(one));
/** Tests that put another module in the place of one, which all that loaded it before them have already. */
const apart = tests.filter((one) => readFileSync(`src/${one}`, "utf-8").includes("vi.mock(")).map((one) => `src/${one}`);

export default defineConfig({
  plugins: [react(), guidePages("../docs/guide"), compressed],
  // The node puts a nonce of its own in each page it sends.
  html: { cspNonce: "{{csp-nonce}}" },
  // tokens.test.ts reads the style sheets; a busy machine is slow and not wrong.
  test: {
    css: true,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    setupFiles: ["src/ui/patience.ts"],
    // Loading the console anew for each file takes longer than its tests.
    projects: [
      { extends: true, test: { name: "together", isolate: false, include: ["src/**/*.test.{ts,tsx}"], exclude: apart } },
      { extends: true, test: { name: "apart", include: apart } },
    ],
  },
  build: { outDir: "../src/fengsui/web_console", emptyOutDir: true, chunkSizeWarningLimit: 1400, rolldownOptions: { input: { index: "index.html", panic: "panic.html" } } },
});
