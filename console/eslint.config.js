import js from "@eslint/js";
import hooks from "eslint-plugin-react-hooks";
import ts from "typescript-eslint";

const features = ["sign-in", "wall", "camera", "devices", "node", "users", "duty", "patrols", "tickets", "situation"];

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
  // A feature imports ui/ and the client, never another feature.
  ...features.map((feature) => ({
    files: [`src/features/${feature}/**`],
    rules: { "no-restricted-imports": ["error", { patterns: ["../../../features/*", ...features.filter((other) => other !== feature).map((other) => `**/${other}/**`)] }] },
  })),
  { files: ["src/ui/**"], rules: { "no-restricted-imports": ["error", { patterns: ["**/features/**"] }] } },
);
