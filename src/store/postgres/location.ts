import { NetlearnError } from "../../lib/errors.ts";

/** Whether a state's place is a PostgreSQL database and no file. */
export function isPostgresUrl(location: string): boolean {
  return /^postgres(ql)?:\/\//i.test(location);
}

/**
 * A database's URL as people may see it: without its password, and without parameters, which may hold one as well.
 *
 * @throws NetlearnError when it is no URL; the text is not repeated, since it may hold a password
 */
export function withoutSecrets(location: string): string {
  const url = URL.parse(location);
  if (url === null) {
    throw new NetlearnError("NETLEARN_STATE_UNUSABLE", "the state's URL can't be read", {
      hint: "write it as postgres://USER@HOST:PORT/DATABASE, with other characters than letters, digits and -._~ as %XX",
    });
  }
  const user = url.username === "" ? "" : `${url.username}@`;
  const host = url.searchParams.get("host");
  return `${url.protocol}//${user}${url.host}${url.pathname}${host === null ? "" : `?host=${host}`}`;
}

/**
 * The URL as pg takes it. To pg, `sslmode` prefer, require and verify-ca all mean verify-full, which it warns of in five
 * lines; so they are called that here.
 */
export function forClient(location: string): string {
  const url = new URL(location);
  const isStrict = ["prefer", "require", "verify-ca"].includes(url.searchParams.get("sslmode") ?? "");
  if (!isStrict || url.searchParams.get("uselibpqcompat") === "true") return location;
  url.searchParams.set("sslmode", "verify-full");
  return url.href;
}
