import { stat } from "node:fs/promises";
import path from "node:path";
import type { Settings } from "../../config/settings.ts";
import type { Host } from "../../gitops/host.ts";
import { NetlearnError } from "../../lib/errors.ts";
import type { Base } from "../../propose.ts";
import type { Session } from "../session.ts";

/** What is proposed to: a directory, whose files can be changed, or a repository somewhere, that a host speaks for. */
export type Target =
  | { readonly kind: "directory"; readonly folder: string; readonly base: () => Promise<Base> }
  | { readonly kind: "host"; readonly host: Host; readonly base: () => Promise<Base> };

/**
 * Finds out what `--repo` means, and whether the delivery fits it.
 *
 * @throws NetlearnError `NETLEARN_USAGE` when it does not, `NETLEARN_INPUT_MISSING` when there is no such directory
 */
export async function openTarget(session: Session): Promise<Target> {
  const { io, settings } = session;
  const folder = path.resolve(io.cwd, settings.repo);
  const isDirectory = await stat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  );
  const isRemote = settings.deliver === "branch" || settings.deliver === "pull-request";
  if (isDirectory && !isRemote) return directoryTarget(folder, session);
  if (!isDirectory && !looksRemote(settings.repo)) {
    throw new NetlearnError(
      "NETLEARN_INPUT_MISSING",
      `--repo ${JSON.stringify(settings.repo)}: there is no such directory`,
      {
        hint: "Name the directory of a clone, or what git clone takes: https://..., ssh://..., git@host:path.",
      },
    );
  }
  if (settings.deliver === "dir") {
    throw new NetlearnError("NETLEARN_USAGE", "--output dir changes files of a directory, and --repo names none", {
      hint: "Clone the repository, and name the clone with --repo.",
    });
  }
  return await hostTarget(settings, session);
}

function looksRemote(repo: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//iu.test(repo) || /^[^/\s]+@[^/\s]+:/u.test(repo);
}

async function directoryTarget(folder: string, { io, log }: Session): Promise<Target> {
  const { readDirectory } = await import("../../gitops/hosts/read-directory.ts");
  const { env, signal } = io;
  const base = async (): Promise<Base> => {
    const repository = await readDirectory(folder, { env, signal });
    if (repository.isDirty) {
      log.say("info", "dirty", "The directory has changes that are not committed: they count as they are.");
    }
    return { repository, branch: "" };
  };
  return { kind: "directory", folder, base };
}

async function hostTarget(_settings: Settings, _session: Session): Promise<Target> {
  throw new NetlearnError("NETLEARN_USAGE", "repositories elsewhere are not proposed to yet");
}
