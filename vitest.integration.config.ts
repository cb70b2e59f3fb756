import { defineConfig } from "vitest/config";

/** Against real servers (`make integration`): one file after the other, since each starts servers of its own. */
export default defineConfig({
  test: {
    include: ["test/integration/**/*.test.ts"],
    globalSetup: ["test/testbed/setup.ts"],
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 180_000,
    reporters: ["default", ["json", { outputFile: ".cache/integration.json" }]],
  },
});
