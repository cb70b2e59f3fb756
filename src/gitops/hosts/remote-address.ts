import path from "node:path";
import { NetlearnError } from "../../lib/errors.ts";

/** Where a repository is, in a form git takes and nobody can hide anything in. */
export interface RemoteAddress {
  /** Without credentials. */
  readonly url: string;
  readonly protocol: "https" | "http" | "ssh" | "file";
  /** `https://github.com`; undefined for SSH and files. */
  readonly origin: string | undefined;
  /** `github.com/acme/fleet`, for people. */
  readonly name: string;
}

const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]"]);
/** `git@github.com:acme/fleet.git`. */
const SCP = /^(?:[A-Za-z0-9_.-]+@)?(?<host>[A-Za-z0-9][A-Za-z0-9.-]*):(?<path>[^:\s-][^:\s]*)$/u;

/**
 * Checks a repository's address: https, ssh (either spelling), or a local repository as absolute path or `file://`.
 *
 * @throws NetlearnError `NETLEARN_USAGE`; a password in the address is not in the message
 */
export function remoteAddress(text: string): RemoteAddress {
  if (/[\p{Cc} ]/u.test(text) || text.startsWith("-")) throw unusable("has blanks or begins with a hyphen");
  if (path.isAbsolute(text)) return { url: text, protocol: "file", origin: undefined, name: text };
  const scp = text.includes("://") ? undefined : SCP.exec(text)?.groups;
  if (scp !== undefined)
    return { url: text, protocol: "ssh", origin: undefined, name: shown(scp["host"], scp["path"]) };
  if (!URL.canParse(text)) throw unusable("is no https, ssh or file address, and no absolute path");
  return fromUrl(new URL(text));
}

function fromUrl(url: URL): RemoteAddress {
  const name = shown(url.host, url.pathname.slice(1));
  if (url.password !== "" || (url.protocol !== "ssh:" && url.username !== "")) {
    throw unusable("has credentials in it, which would end in logs");
  }
  if (url.hostname.startsWith("-") || url.username.startsWith("-"))
    throw unusable("has a host that looks like an option");
  switch (url.protocol) {
    case "https:":
      return { url: url.href, protocol: "https", origin: url.origin, name };
    case "ssh:":
      return { url: url.href, protocol: "ssh", origin: undefined, name };
    case "file:":
      return { url: url.href, protocol: "file", origin: undefined, name: url.pathname };
    case "http:":
      if (LOOPBACK.has(url.hostname)) return { url: url.href, protocol: "http", origin: url.origin, name };
      throw unusable("is plain http, over which tokens can be read");
    default:
      throw unusable(`has the protocol ${JSON.stringify(url.protocol)}, which is not allowed`);
  }
}

function shown(host: string | undefined, folder: string | undefined): string {
  return `${host ?? ""}/${(folder ?? "").replace(/^\//u, "").replace(/\.git\/?$/u, "")}`;
}

function unusable(why: string): NetlearnError {
  return new NetlearnError("NETLEARN_USAGE", `the repository's address ${why}`, {
    hint: "Give https://HOST/PATH, ssh://USER@HOST/PATH, USER@HOST:PATH, or the absolute path of a local repository; tokens have settings of their own.",
  });
}
