import { readFile } from "node:fs/promises";
import { Ajv, type ValidateFunction } from "ajv";
import addFormats from "ajv-formats";
import { isRecord, type Json, texts } from "./json.ts";

/** What a request asks of which operation. */
export interface Matched {
  /** `post /repos/{owner}/{repo}/pulls`. */
  readonly operation: string;
  readonly path: Readonly<Record<string, string>>;
}

/** GitHub's description of its API, as a judge of requests and of answers. */
export interface Contract {
  match(method: string, pathname: string): Matched | undefined;
  /** What of a request breaks the contract. */
  checkRequest(matched: Matched, query: Readonly<Record<string, string>>, body: unknown): readonly string[];
  /** An answer whose required properties are all there: those that are not given get the plainest valid value. */
  complete(operation: string, status: number, body: unknown): unknown;
  /** What of an answer breaks the contract. Statuses that are not described (401, 5xx, limits) are not judged. */
  checkResponse(operation: string, status: number, body: unknown): readonly string[];
}

/** Reads the description that `githubDescription` keeps. */
export async function readContract(file: string): Promise<Contract> {
  const document: unknown = JSON.parse(await readFile(file, "utf8"));
  if (!isRecord(document) || !isRecord(document["paths"])) throw new Error(`${file} holds no description`);
  sayNull(document);
  return contractOf(document, document["paths"]);
}

function contractOf(document: Json, paths: Json): Contract {
  const resolve = (value: unknown): Json => {
    if (!isRecord(value)) return {};
    const reference = value["$ref"];
    if (typeof reference !== "string") return value;
    let found: unknown = document;
    for (const part of reference.slice(2).split("/")) found = isRecord(found) ? found[part] : undefined;
    return resolve(found);
  };
  const operationOf = (operation: string): Json => {
    const [method = "", route = ""] = operation.split(" ");
    return resolve(resolve(paths[route])[method]);
  };
  const jsonSchema = (content: unknown): unknown =>
    resolve(resolve(resolve(content)["content"])["application/json"])["schema"];
  const responseSchema = (operation: string, status: number): unknown =>
    jsonSchema(resolve(operationOf(operation)["responses"])[String(status)]);

  const strict = judge(document, false);
  const coercing = judge(document, true);
  const routes = Object.keys(paths).map((route) => ({
    route,
    pattern: new RegExp(
      `^${route.replaceAll(/\{(\w+)\}/gu, (_, name) => `(?<${name}>${name === "ref" ? ".+" : "[^/]+"})`)}$`,
      "u",
    ),
  }));

  return {
    match(method, pathname) {
      for (const { route, pattern } of routes) {
        const found = pattern.exec(pathname);
        if (found === null || resolve(paths[route])[method] === undefined) continue;
        const values = Object.entries(found.groups ?? {}).map(([name, value]) => [name, decodeURIComponent(value)]);
        return { operation: `${method} ${route}`, path: Object.fromEntries(values) };
      }
      return undefined;
    },
    checkRequest({ operation, path }, query, body) {
      const described = operationOf(operation);
      const parameters = Array.isArray(described["parameters"]) ? described["parameters"].map(resolve) : [];
      const wrong: string[] = [];
      for (const { name, in: place, required, schema } of parameters) {
        const value = place === "path" ? path[String(name)] : place === "query" ? query[String(name)] : undefined;
        if (value !== undefined) wrong.push(...coercing(schema, { value }, `${String(place)} ${String(name)}`));
        else if (required === true) wrong.push(`${String(place)} ${String(name)} is missing`);
      }
      const known = new Set(parameters.filter((one) => one["in"] === "query").map((one) => one["name"]));
      wrong.push(
        ...Object.keys(query)
          .filter((name) => !known.has(name))
          .map((name) => `query ${name} is unknown`),
      );
      const schema = jsonSchema(described["requestBody"]);
      if (schema === undefined) return wrong;
      const isNeeded = resolve(described["requestBody"])["required"] === true;
      if (body === undefined) return isNeeded ? [...wrong, "there is no body"] : wrong;
      wrong.push(...strict(schema, { value: body }, "body"));
      const properties = resolve(schema)["properties"];
      if (!isRecord(properties) || !isRecord(body)) return wrong;
      return [
        ...wrong,
        ...Object.keys(body)
          .filter((key) => !(key in properties))
          .map((key) => `body ${key} is unknown`),
      ];
    },
    complete: (operation, status, body) => completed(responseSchema(operation, status), body, resolve),
    checkResponse(operation, status, body) {
      const schema = responseSchema(operation, status);
      return schema === undefined ? [] : strict(schema, { value: body }, `answer ${status}`);
    },
  };
}

type Judge = (schema: unknown, subject: { readonly value: unknown }, what: string) => readonly string[];

function judge(document: Json, coerceTypes: boolean): Judge {
  const ajv = new Ajv({ strict: false, validateSchema: false, validateFormats: true, coerceTypes, logger: false });
  addFormats.default(ajv);
  const known = new Map<unknown, ValidateFunction>();
  return (schema, subject, what) => {
    let validate = known.get(schema);
    if (validate === undefined) {
      const { components } = document;
      validate = ajv.compile({ type: "object", properties: { value: schema }, components });
      known.set(schema, validate);
    }
    if (validate(subject)) return [];
    return (validate.errors ?? []).map(
      ({ instancePath, message }) => `${what}${instancePath.slice(6)} ${message ?? ""}`,
    );
  };
}

/** What OpenAPI 3.0 calls nullable in words of JSON Schema, where ajv's own `nullable` does not reach. */
function sayNull(value: unknown): void {
  if (Array.isArray(value)) value.forEach(sayNull);
  if (!isRecord(value)) return;
  Object.values(value).forEach(sayNull);
  const { nullable, enum: values, type } = value;
  if (nullable !== true) return;
  if (Array.isArray(values) && !values.includes(null)) values.push(null);
  if (type !== undefined) return;
  const { nullable: _, ...rest } = value;
  for (const key of Object.keys(value)) delete value[key];
  value["anyOf"] = [rest, { type: "null" }];
}

function completed(schema: unknown, value: unknown, resolve: (value: unknown) => Json): unknown {
  const { type, properties, required, items, nullable, enum: values, format, ...more } = resolve(schema);
  const variants = [more["allOf"], more["anyOf"], more["oneOf"]].find(Array.isArray);
  if (variants !== undefined && properties === undefined) return completed(variants[0], value, resolve);
  if (Array.isArray(value)) return value.map((item) => completed(items, item, resolve));
  if (value === undefined && nullable === true) return null;
  if (isRecord(properties) && (value === undefined || isRecord(value))) {
    const given = value ?? {};
    const names = new Set([...texts(required), ...Object.keys(given)]);
    const pairs = [...names].map((name) => [name, completed(properties[name], given[name], resolve)]);
    return Object.fromEntries(pairs);
  }
  return value === undefined ? plainest({ type, format, values }) : value;
}

function plainest({ type, format, values }: Json): unknown {
  if (Array.isArray(values)) return values[0];
  if (type === "array") return [];
  if (type === "boolean") return false;
  if (type === "integer" || type === "number") return 0;
  if (type === "object") return {};
  if (format === "uri") return "https://github.com/";
  return format === "date-time" ? new Date(0).toISOString() : "";
}
