import { randomBytes } from "node:crypto";
import { outcomeOf } from "./command.ts";

/** Databases of a server, its own or one that DATABASE_URL names. */
export interface Databases {
  /** Of the database that is there from the start, with user and password. */
  readonly url: string;
  /**
   * Makes an empty database and returns its URL. Its name begins with the one given, and no other has it.
   *
   * @throws Error with what the server says, when the user may not
   */
  readonly createDatabase: (name: string) => Promise<string>;
  /**
   * What psql prints: a row a line, the values parted by `|`. The statements are one transaction.
   *
   * @param url of the database: the one that is there from the start unless told
   * @throws Error with what psql says when a statement fails
   */
  readonly psql: (sql: string, url?: string) => Promise<string>;
}

/** @param psqlProgram path of psql */
export function databasesOf(psqlProgram: string, url: string): Databases {
  const psql = async (sql: string, database = url): Promise<string> => {
    const { status, stdout, stderr } = await outcomeOf({
      run: [psqlProgram, "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", sql, database],
      environment: process.env,
    });
    if (status !== 0) throw new Error(`psql ended with ${status}: ${stderr.trim()}`);
    return stdout.trimEnd();
  };
  return {
    url,
    psql,
    createDatabase: async (name) => {
      const unique = `${name}_${randomBytes(4).toString("hex")}`;
      await psql(`CREATE DATABASE ${quoted(unique)}`);
      const made = new URL(url);
      made.pathname = `/${encodeURIComponent(unique)}`;
      return made.href;
    },
  };
}

/** A name in SQL. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
