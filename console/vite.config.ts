import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

/** Beside each script and style its compressed form, made once: the node sends it to whoever takes it. */
const compressed: Plugin = {
  name: "compressed",
  apply: "build",
  writeBundle({ dir = "" }) {
    for (const name of readdirSync(`${dir}/assets`)) {
      const path = `${dir}/assets/${name}`;
      writeFileSync(`${path}.gz`, gzipSync(readFileSync(path), { level: 9 }));
    }
  },
};

export default defineConfig({
  plugins: [react(), compressed],
  // The node puts a nonce of its own in each page it sends.
  html: { cspNonce: "{{csp-nonce}}" },
  build: { outDir: "../src/fengsui/web_console", emptyOutDir: true, chunkSizeWarningLimit: 800 },
});
