import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { cached, cacheFolder, hashOf } from "../cache.ts";
import { outcomeOf } from "../command.ts";
import type { Absent, Part, Surroundings } from "../part.ts";
import { isRecord, type Json } from "./json.ts";

/** Where GitHub's description of its own API is, cut down to what the stand-in does. */
export interface GitHubDescription {
  /** A JSON file: OpenAPI 3.0. */
  readonly file: string;
}

const PACKAGE = "@octokit/openapi@23.0.2";
const INSIDE = "package/generated/api.github.com.json";

const REPOSITORY = "/repos/{owner}/{repo}";
/** The operations of the stand-in. */
export const OPERATIONS = [
  `get ${REPOSITORY}`,
  `get ${REPOSITORY}/git/ref/{ref}`,
  `get ${REPOSITORY}/git/matching-refs/{ref}`,
  `post ${REPOSITORY}/git/refs`,
  `patch ${REPOSITORY}/git/refs/{ref}`,
  `delete ${REPOSITORY}/git/refs/{ref}`,
  `post ${REPOSITORY}/git/commits`,
  `get ${REPOSITORY}/git/commits/{commit_sha}`,
  `post ${REPOSITORY}/git/trees`,
  `get ${REPOSITORY}/git/trees/{tree_sha}`,
  `post ${REPOSITORY}/git/blobs`,
  `get ${REPOSITORY}/git/blobs/{file_sha}`,
  `get ${REPOSITORY}/compare/{basehead}`,
  `get ${REPOSITORY}/pulls`,
  `post ${REPOSITORY}/pulls`,
  `get ${REPOSITORY}/pulls/{pull_number}`,
  `patch ${REPOSITORY}/pulls/{pull_number}`,
  `get ${REPOSITORY}/pulls/{pull_number}/reviews`,
  `post ${REPOSITORY}/pulls/{pull_number}/requested_reviewers`,
  `get ${REPOSITORY}/pulls/{pull_number}/commits`,
  `get ${REPOSITORY}/pulls/{pull_number}/files`,
  `post ${REPOSITORY}/issues`,
  `get ${REPOSITORY}/issues`,
  `get ${REPOSITORY}/issues/{issue_number}`,
  `patch ${REPOSITORY}/issues/{issue_number}`,
  `get ${REPOSITORY}/issues/{issue_number}/comments`,
  `post ${REPOSITORY}/issues/{issue_number}/comments`,
  `post ${REPOSITORY}/issues/{issue_number}/labels`,
  `get ${REPOSITORY}/installation`,
  "post /app/installations/{installation_id}/access_tokens",
  "get /rate_limit",
] as const;
export type Operation = (typeof OPERATIONS)[number];

/**
 * GitHub's description, which npm fetches when it is not yet in the cache folder: in
 * `netlearn/testbed/github-<hash of what is kept of it>`.
 */
export async function githubDescription({ say, environment }: Surroundings): Promise<Part<GitHubDescription>> {
  const hash = await hashOf(import.meta.dirname, ["description.ts"], [PACKAGE]);
  const folder = path.join(cacheFolder(environment), `github-${hash}`);
  const absent = await cached<Absent>(folder, async (unfinished) => {
    say("github: fetching the description of its API, which happens once");
    const pack = ["npm", "pack", "--silent", "--pack-destination", unfinished, PACKAGE] as const;
    const packed = await outcomeOf({ run: pack, environment, cwd: unfinished });
    if (packed.status === 127) return { state: "absent", why: "there is no `npm` on the PATH" };
    if (packed.status !== 0) return { state: "absent", why: `npm can't fetch ${PACKAGE}: ${packed.stderr.trim()}` };
    const tarball = path.join(unfinished, packed.stdout.trim());
    const extracted = await outcomeOf({ run: ["tar", "-xzf", tarball, INSIDE], environment, cwd: unfinished });
    if (extracted.status !== 0) throw new Error(`${PACKAGE} holds no ${INSIDE}: ${extracted.stderr}`);
    const whole: unknown = JSON.parse(await readFile(path.join(unfinished, INSIDE), "utf8"));
    const made = path.join(unfinished, "made");
    await mkdir(made);
    await writeFile(path.join(made, "api.json"), JSON.stringify(trimmed(whole)));
    return made;
  });
  return absent ?? { state: "ready", file: path.join(folder, "api.json") };
}

/** The operations used and what they refer to, without prose and examples. */
function trimmed(whole: unknown): Json {
  if (!isRecord(whole) || !isRecord(whole["paths"])) throw new Error(`${INSIDE} is no OpenAPI description`);
  const paths: Record<string, Record<string, unknown>> = {};
  for (const operation of OPERATIONS) {
    const [method = "", route = ""] = operation.split(" ");
    const item = whole["paths"][route];
    if (!isRecord(item) || item[method] === undefined) throw new Error(`${PACKAGE} does not describe ${operation}`);
    paths[route] = { ...paths[route], [method]: withoutProse(item[method]) };
  }
  const components: Record<string, Record<string, unknown>> = {};
  const follow = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(follow);
    if (!isRecord(value)) return;
    const reference = value["$ref"];
    if (typeof reference === "string") keep(reference);
    Object.values(value).forEach(follow);
  };
  const keep = (reference: string): void => {
    const [, , kind = "", name = ""] = reference.split("/");
    if (components[kind]?.[name] !== undefined) return;
    const all = whole["components"];
    const ofKind = isRecord(all) ? all[kind] : undefined;
    const kept = withoutProse(isRecord(ofKind) ? ofKind[name] : undefined);
    components[kind] = { ...components[kind], [name]: kept };
    follow(kept);
  };
  follow(paths);
  return { openapi: whole["openapi"], paths, components };
}

const PROSE = new Set(["description", "summary", "example", "examples", "externalDocs", "x-github", "x-multi-segment"]);

/** A property may be called `description`: what is directly in `properties` stays. */
function withoutProse(value: unknown, isNames = false): unknown {
  if (Array.isArray(value)) return value.map((item) => withoutProse(item));
  if (!isRecord(value)) return value;
  const kept = Object.entries(value).filter(([key]) => isNames || !PROSE.has(key));
  return Object.fromEntries(kept.map(([key, item]) => [key, withoutProse(item, !isNames && key === "properties")]));
}
