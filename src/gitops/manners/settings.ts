import { z } from "zod";
import { readCheckedYaml } from "./checked-yaml.ts";
import type { Schedule } from "./schedule.ts";
import { isTimeZone, parseWindow } from "./schedule.ts";

/** Where the settings of a repository stand. Flux leaves `.github/` out by default. */
export const SETTINGS_FILE = ".github/netlearn.yaml";

const Name = z.string("must be text").min(1, "must not be empty");
const Names = z.array(Name, "must be a list").default([]);
const Switch = z.boolean("must be true or false");
const Whole = z.int("must be a whole number").min(0, "must not be below 0");
const Share = z.number("must be a number").min(0, "must lie between 0 and 1").max(1, "must lie between 0 and 1");

const Mapping = z.strictObject(
  {
    cluster: Name.optional(),
    namespace: Name.optional(),
    workload: Name.optional(),
    path: Name,
    layout: z
      .enum(["plain", "kustomize", "helm", "terraform"], "must be plain, kustomize, helm or terraform")
      .optional(),
    values: Name.optional(),
  },
  "must be a mapping with a path",
);

const Window = Name.refine(
  (text) => parseWindow(text) !== undefined,
  "must be days and times, such as mon-fri 09:00-17:00",
);

const SettingsText = z.strictObject(
  {
    enabled: Switch.default(true),
    onboarding: Switch.default(true),
    dashboard: Switch.default(false),
    mappings: z.array(Mapping, "must be a list").default([]),
    units: z
      .record(z.string(), z.strictObject({ enabled: Switch.default(true) }, "must be a mapping"), "must be a mapping")
      .default({}),
    limits: z
      .strictObject({ openPullRequests: Whole.default(5), createdPerHour: Whole.default(2) }, "must be a mapping")
      .prefault({}),
    schedule: z
      .strictObject(
        {
          timeZone: Name.refine(isTimeZone, "must be a time zone, such as Europe/Berlin").default("UTC"),
          windows: z.array(Window, "must be a list").default([]),
        },
        "must be a mapping",
      )
      .prefault({}),
    stopLabel: Name.default("netlearn/stop"),
    cooldownDays: Whole.default(7),
    labels: Names,
    reviewers: Names,
    teams: Names,
    minConfidence: Share.default(0),
    // Of a capture too short to estimate anything, nothing is known: a draft as well.
    draftBelow: Share.default(0.9),
    holdAfterApproval: Switch.default(true),
    evidenceRefreshDays: Whole.default(7),
  },
  "must be a mapping of settings",
);

/** How netlearn behaves in a repository. Shares are between 0 and 1, of the estimated coverage. */
export type Settings = Omit<z.output<typeof SettingsText>, "schedule"> & { readonly schedule: Schedule };

/**
 * Reads `.github/netlearn.yaml` of the base branch.
 *
 * @param text undefined: there is no such file, so that everything is as it is by default
 * @throws NetlearnError `NETLEARN_CONFIG_INVALID` that lists every mistake with its line
 */
export function parseSettings(text: string | undefined): Settings {
  const { value } = readCheckedYaml(text ?? "", SETTINGS_FILE, SettingsText);
  const windows = value.schedule.windows.flatMap((window) => parseWindow(window) ?? []);
  return { ...value, schedule: { timeZone: value.schedule.timeZone, windows } };
}

/** The JSON schema of `.github/netlearn.yaml`, for editors. */
export function settingsSchema(): object {
  return { ...z.toJSONSchema(SettingsText, { io: "input" }), title: SETTINGS_FILE };
}
