import { type ExitCode, NetlearnError } from "../../lib/errors.ts";
import type { Session } from "../session.ts";

export async function runState(command: string, _inputs: readonly string[], _session: Session): Promise<ExitCode> {
  throw new NetlearnError("NETLEARN_USAGE", command);
}
