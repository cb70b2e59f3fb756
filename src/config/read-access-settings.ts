import { readSelector } from "./selector-syntax.ts";
import { ACCESS_FORMATS, type AccessSettings } from "./settings.ts";
import { readAge, readDays } from "./time-syntax.ts";
import type { Values } from "./values.ts";

/** The settings about who used the API server. */
export function readAccessSettings(values: Values): AccessSettings {
  return {
    audit: values.list("audit"),
    rbac: values.list("rbac"),
    selector: values.read("selector", readSelector),
    accessFormat: values.choice("accessFormat", ACCESS_FORMATS),
    accessOutput: values.text("accessOutput"),
    by: values.choice("by", ["namespace", "identity"]),
    unusedFor: values.read("unusedFor", readAge),
    removeReplaced: values.text("removeReplaced"),
    grant: values.list("grant"),
    idioms: values.flag("idioms"),
    minDays: values.read("minDays", readDays) ?? 0,
    applier: values.text("applier"),
  };
}
