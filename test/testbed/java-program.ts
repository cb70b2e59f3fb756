import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { javaCommand } from "./java-command.ts";

/** Whom a client of Kafka talks to. */
export interface KafkaAccess {
  readonly classPath: string;
  /** `host:port`, several joined by commas. */
  readonly brokers: string;
  /** More settings of the Java client, such as `security.protocol`. */
  readonly settings?: Readonly<Record<string, string | number>>;
}

/** A program of test/testbed/kafka that runs. It ends when its standard input does. */
export interface JavaProgram {
  readonly stdin: Writable;
  readonly stdout: Readable;
  /**
   * Resolves when it has ended well.
   *
   * @throws Error with what it says when it ends otherwise
   */
  readonly ended: Promise<void>;
}

/** Starts a client program; its first argument is the settings of the client. */
export function javaProgram(access: KafkaAccess, main: string, args: readonly string[] = []): JavaProgram {
  const settings = JSON.stringify({ "bootstrap.servers": access.brokers, ...access.settings });
  const java = javaCommand(access.classPath, main);
  const child = spawn("java", [...java.arguments, settings, ...args]);
  const said = text(child.stderr);
  const ended = once(child, "close").then(async ([code, signal]) => {
    await java.ended(code === 0);
    if (code !== 0) throw new Error(`${main} ended with ${String(code ?? signal)}:\n${await said}`);
  });
  // Whoever waits for the answer sees how it ended; nobody else has to.
  ended.catch(() => {});
  return { stdin: child.stdin, stdout: child.stdout, ended };
}

/** Gives a program its lines and returns those that it prints, once it has ended. */
export async function linesOf(program: JavaProgram, input: Iterable<string>): Promise<readonly string[]> {
  const output: string[] = [];
  const written = pipeline(linesWithEnds(input), program.stdin).catch((error: unknown) => error);
  for await (const line of createInterface({ input: program.stdout })) output.push(line);
  await program.ended;
  const fault = await written;
  if (fault instanceof Error) throw fault;
  return output;
}

function* linesWithEnds(lines: Iterable<string>): Generator<string> {
  for (const line of lines) yield `${line}\n`;
}
