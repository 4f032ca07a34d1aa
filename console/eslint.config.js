import { readdirSync } from "node:fs";
import js from "@eslint/js";
import hooks from "eslint-plugin-react-hooks";
import ts from "typescript-eslint";

const features = readdirSync(`${import.meta.dirname}/src/features`);
const only = (folder, group) => ({ files: [`src/${folder}/**`], rules: { "no-restricted-imports": ["error", { patterns: group }] } });

export default ts.config(
  { ignores: ["src/api-client/schema.ts"] },
  js.configs.recommended,
  ...ts.configs.strict,
  { plugins: { "react-hooks": hooks }, rules: { "react-hooks/rules-of-hooks": "error", "react-hooks/exhaustive-deps": "error" } },
  {
    rules: {
      "max-lines": ["error", 250],
      "no-console": "error",
      // Times are the node's, year first: ui/time and ui/DateField write and read them.
      "no-restricted-syntax": [
        "error",
        { selector: "CallExpression[callee.property.name=/^toLocale(Date|Time)?String$/]", message: "Use ui/time." },
        { selector: "JSXAttribute[name.name='type'][value.value=/^(date|time|datetime-local|month|week)$/]", message: "Use ui/DateField." },
      ],
    },
  },
  // A feature imports ui/ and the client, never another feature; what stands above is not known below.
  ...features.map((feature) => only(`features/${feature}`, ["**/app/**", "../../../features/*", ...features.filter((other) => other !== feature).map((other) => `**/${other}/**`)])),
  only("ui", ["**/app/**", "**/features/**"]),
  only("api-client", ["**/app/**", "**/features/**", "**/ui/**"]),
);
