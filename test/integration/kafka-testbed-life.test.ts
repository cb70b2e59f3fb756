import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { connect } from "node:net";
import path from "node:path";
import { createInterface } from "node:readline";
import { describe, expect, inject, it, vi } from "vitest";
import { kafkaAdmin } from "../testbed/kafka-admin.ts";
import { produce, readTopic } from "../testbed/kafka-records.ts";
import { startKafka } from "../testbed/kafka-server.ts";

const part = inject("kafka");
const PATIENCE = { timeout: 20_000, interval: 100 };

const texts = (records: readonly { readonly value: Buffer | null }[]): readonly (string | undefined)[] =>
  records.map(({ value }) => value?.toString("utf8"));

/** Whether somebody listens at `host:port`. */
async function listens(address: string): Promise<boolean> {
  const [host = "", port] = address.split(":");
  const socket = connect(Number(port), host);
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

describe.skipIf(part.state === "absent")("the life of a Kafka of the testbed", () => {
  it("keeps its data over a restart and over a kill, and nothing when it is stopped", async () => {
    const server = await startKafka(part);
    const admin = kafkaAdmin(server);
    await admin.createTopic("kept");
    await admin.close();
    await produce(server, [{ topic: "kept", value: "before" }]);
    const first = server.pid();
    await server.restart();
    expect(server.pid()).not.toBe(first);
    expect(texts(await readTopic(server, "kept"))).toEqual(["before"]);
    await produce(server, [{ topic: "kept", value: "after" }], "zstd");
    await server.kill();
    expect(await listens(server.brokers)).toBe(false);
    await server.restart();
    expect(texts(await readTopic(server, "kept"))).toEqual(["before", "after"]);
    await server.stop();
    expect(existsSync(server.dataDir)).toBe(false);
    expect(await listens(server.brokers)).toBe(false);
  });

  it("leaves neither process nor files when whoever started it is killed", async () => {
    const script = path.join(import.meta.dirname, "../testbed/start.ts");
    const starter = spawn(process.execPath, [script, "kafka"], { stdio: ["pipe", "pipe", "inherit"] });
    const [line] = await once(createInterface({ input: starter.stdout }), "line");
    const started: { brokers: string; dataDir: string } = JSON.parse(String(line));
    expect(existsSync(started.dataDir)).toBe(true);
    expect(await listens(started.brokers)).toBe(true);
    starter.kill("SIGKILL");
    await vi.waitFor(async () => {
      expect(await listens(started.brokers)).toBe(false);
      expect(existsSync(path.dirname(started.dataDir))).toBe(false);
    }, PATIENCE);
  });

  it("says with the end of its log why it does not start", async () => {
    await expect(startKafka(part, { settings: { "node.id": "nobody" } })).rejects.toThrow("nobody");
  });
});
