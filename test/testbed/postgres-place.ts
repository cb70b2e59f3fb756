import path from "node:path";
import type { Part } from "./part.ts";
import { startPostgres } from "./postgres.ts";
import { type Databases, databasesOf, quoted } from "./postgres-databases.ts";
import type { PostgresPrograms } from "./postgres-programs.ts";

/** A PostgreSQL for tests that only use databases. */
export interface PostgresPlace extends Databases {
  readonly stop: () => Promise<void>;
}

/** The server that the variable DATABASE_URL names, where stop drops what was made; or else one of one's own. */
export async function postgresPlace(
  part: Part<PostgresPrograms>,
  environment: NodeJS.ProcessEnv,
): Promise<PostgresPlace> {
  const url = environment["DATABASE_URL"];
  if (url === undefined || url === "") return startPostgres(part);
  const databases = databasesOf(part.state === "ready" ? path.join(part.bin, "psql") : "psql", url);
  const made: string[] = [];
  return {
    ...databases,
    createDatabase: async (name) => {
      const database = await databases.createDatabase(name);
      made.push(database);
      return database;
    },
    stop: async () => {
      for (const database of made.splice(0)) {
        const name = decodeURIComponent(new URL(database).pathname.slice(1));
        await databases.psql(`DROP DATABASE ${quoted(name)} WITH (FORCE)`);
      }
    },
  };
}
