import type { JsonObject, ListRefusal } from "../model/kubernetes-api.ts";
import type { Target } from "./connect-options.ts";
import { notKubernetes } from "./failures.ts";
import { fieldOf, isObject, textOf } from "./fields.ts";
import type { HttpAnswer } from "./request.ts";

/** An answer, understood. */
export type Reply =
  | { readonly kind: "object"; readonly value: JsonObject; readonly bytes: number }
  | { readonly kind: "too-large" }
  /** 410: the place of a list is forgotten; `token` goes on from there in a later state of the cluster. */
  | { readonly kind: "expired"; readonly token: string | undefined }
  | ListRefusal;

/**
 * Understands an answer that is not worth another attempt.
 *
 * @throws NetlearnError `NETLEARN_INPUT_UNREADABLE` when no API server can have sent it
 */
export function readReply(target: Target, answer: HttpAnswer): Reply {
  const { status, headers, body } = answer;
  if (status >= 300 && status < 400) {
    throw notKubernetes(target, `it sends on to ${JSON.stringify(destination(headers.location))} (HTTP ${status})`);
  }
  if (isWebPage(answer)) throw notKubernetes(target, `it sent a web page (HTTP ${status}${titleOf(body)})`);
  const value = parse(body);
  if (status === 200) {
    if (isObject(value)) return { kind: "object", value, bytes: body.length };
    const problem = value === undefined ? "that is cut off or no JSON" : "that is JSON, but no object";
    throw notKubernetes(target, `it sent an answer of ${body.length} bytes ${problem}`);
  }
  return refusalOf(status, value, body);
}

/** What a server says about itself in an answer that is no success: the message of a Status, or the text. */
export function messageOf(answer: HttpAnswer): string {
  if (isWebPage(answer)) return `it sent a web page${titleOf(answer.body)}`;
  return statusMessage(parse(answer.body), answer.body);
}

function refusalOf(status: number, value: unknown, body: Buffer): Reply {
  const message = statusMessage(value, body);
  switch (status) {
    case 403:
      return { kind: "forbidden", message };
    case 404:
      return { kind: "absent", message };
    case 410:
      return { kind: "expired", token: textOf(fieldOf(value, "metadata"), "continue") };
    default:
      return { kind: "failed", message: `HTTP ${status}${message === "" ? "" : `: ${message}`}` };
  }
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    return undefined;
  }
}

function statusMessage(value: unknown, body: Buffer): string {
  const message = textOf(value, "message") ?? textOf(fieldOf(value, "error"), "message");
  if (message !== undefined) return oneLine(message);
  return value === undefined ? oneLine(body.subarray(0, 2000).toString("utf8")) : "";
}

function isWebPage({ headers, body }: HttpAnswer): boolean {
  const type = headers["content-type"] ?? "";
  return /\bhtml\b/iu.test(type) || /^\s*<(?:!doctype|html|\?xml)/iu.test(body.subarray(0, 200).toString("latin1"));
}

// The first words tell a login page from a firewall's; quoted, as everything that comes from outside.
function titleOf(body: Buffer): string {
  const text = body.subarray(0, 64 * 1024).toString("utf8");
  const title = oneLine(/<title[^>]{0,200}>([^<]{0,1000})/iu.exec(text)?.[1] ?? "");
  return title === "" ? "" : `, ${JSON.stringify(title.length > 80 ? `${title.slice(0, 80)}…` : title)}`;
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/gu, " ").trim().slice(0, 500);
}

/** Host and path of a redirect: what follows them may hold a session. */
function destination(location = ""): string {
  const url = URL.parse(location);
  return url === null ? (location.split(/[?#]/u)[0] ?? "") : `${url.host}${url.pathname}`;
}
