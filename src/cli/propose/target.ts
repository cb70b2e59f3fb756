import { stat } from "node:fs/promises";
import path from "node:path";
import type { Host } from "../../gitops/host.ts";
import { UNKNOWN_ORIGIN } from "../../gitops/layout/origin.ts";
import { NetlearnError } from "../../lib/errors.ts";
import type { Base } from "../../propose.ts";
import type { Session } from "../session.ts";
import { openHost } from "./open-host.ts";

/** What is proposed to: a directory, whose files can be changed, or a repository that a host speaks for. */
export type Target =
  | { readonly kind: "directory"; readonly folder: string; readonly base: () => Promise<Base> }
  | { readonly kind: "host"; readonly host: Host; readonly base: () => Promise<Base> };

/** A target, and what has to be cleared away after the run. */
export interface OpenedTarget {
  readonly target: Target;
  readonly close: () => Promise<void>;
}

/**
 * Finds out what `--repo` means, and whether the delivery fits it.
 *
 * @throws NetlearnError `NETLEARN_USAGE` when it does not, `NETLEARN_INPUT_MISSING` when there is no such directory
 */
export async function openTarget(session: Session): Promise<OpenedTarget> {
  const { io, settings } = session;
  const folder = path.resolve(io.cwd, settings.repo);
  const isDirectory = await stat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (isDirectory && settings.deliver !== "branch" && settings.deliver !== "pull-request") {
    return { target: directoryTarget(folder, session), close: async () => {} };
  }
  if (!isDirectory && !looksRemote(settings.repo)) {
    throw new NetlearnError(
      "NETLEARN_INPUT_MISSING",
      `--repo ${JSON.stringify(settings.repo)}: there is no such directory`,
      { hint: "Name the directory of a clone, or what git clone takes: https://..., ssh://..., git@host:path." },
    );
  }
  if (settings.deliver === "dir") {
    throw new NetlearnError("NETLEARN_USAGE", "--output dir changes files of a directory, and --repo names none", {
      hint: "Clone the repository, and name the clone with --repo.",
    });
  }
  const { host, addresses, close } = await openHost(isDirectory ? folder : settings.repo, session);
  const base = async (): Promise<Base> => await baseOf(host, addresses, settings.baseBranch);
  return { target: { kind: "host", host, base }, close };
}

/** As git clone has it: a scheme, or `user@host:path`. */
function looksRemote(repo: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//iu.test(repo) || /^[^/\s]+@[^/\s]+:/u.test(repo);
}

async function baseOf(host: Host, addresses: readonly string[], wanted: string | undefined): Promise<Base> {
  const { base } = await host.find(wanted, []);
  const origin = { addresses, branch: base.branch, defaultBranch: wanted === undefined ? base.branch : undefined };
  return { repository: await host.read(base.head), branch: base.branch, origin };
}

function directoryTarget(folder: string, { io, log }: Session): Target {
  const { env, signal } = io;
  const base = async (): Promise<Base> => {
    const { readDirectory } = await import("../../gitops/hosts/read-directory.ts");
    const repository = await readDirectory(folder, { env, signal });
    if (repository.isDirty) {
      log.say("info", "dirty", "The directory has changes that are not committed: they count as they are.");
    }
    return { repository, branch: "", origin: UNKNOWN_ORIGIN };
  };
  return { kind: "directory", folder, base };
}
