import js from "@eslint/js";
import prettier from "eslint-config-prettier";
import importSort from "eslint-plugin-simple-import-sort";
import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: ["node_modules/", ".platform/", "offline/plugins/", "client/dist/"] },
  js.configs.recommended,
  tseslint.configs.recommended,
  {
    plugins: { "import-sort": importSort },
    languageOptions: {
      globals: { process: "readonly", console: "readonly", URL: "readonly", Buffer: "readonly" },
    },
    rules: {
      curly: "error",
      eqeqeq: "error",
      "no-console": "error",
      "import-sort/imports": [
        "error",
        // Node's own modules, packages, then the project's files.
        { groups: [["^node:"], ["^@?\\w"], ["^\\."]] },
      ],
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
    },
  },
  {
    // Commands print to the console.
    files: ["cli/**", "tests/run.ts", "tests/drills.ts", "bench/**", "tools/**"],
    rules: { "no-console": "off" },
  },
  {
    // Expected messages are compared verbatim, with their double spaces.
    files: ["tests/**"],
    rules: { "no-regex-spaces": "off" },
  },
  {
    // Plain JavaScript that runs before the dependencies are installed, or that a tool reads.
    files: ["**/*.js", "**/*.cjs"],
    languageOptions: {
      sourceType: "commonjs",
      globals: { require: "readonly", module: "readonly", __dirname: "readonly" },
    },
    rules: { "@typescript-eslint/no-require-imports": "off" },
  },
  {
    files: ["index.ts", "components/**"],
    languageOptions: { parserOptions: { projectService: true } },
    rules: { "@typescript-eslint/restrict-template-expressions": "error" },
  },
  prettier,
);
