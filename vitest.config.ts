import { configDefaults, defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: [...configDefaults.exclude, "test/integration/**"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: ["default", ["json", { outputFile: ".cache/tests.json" }]],
    coverage: { provider: "v8", include: ["src/**", "generators/**"], reporter: ["text-summary", "html"] },
  },
});
