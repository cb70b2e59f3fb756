import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { Authorizer } from "../../../src/evaluator/access/authorizer.ts";
import { type Apiserver, startApiserver } from "../../testbed/apiserver.ts";
import { type AuditEvent, eventsOf } from "./audit-lines.ts";
import { specOf } from "./grid.ts";
import { made, pod, role, rule } from "./objects.ts";
import { callOf } from "./player.ts";
import { asked, PROBES, type Probe, SIGNING } from "./probes.ts";
import { isAllowed, make, rbacOf, settled } from "./rbac.ts";

const part = inject("apiserver");

const nameOf = (index: number): string => `probe-${index}`;
const groups = ["system:authenticated"];

describe.skipIf(part.state === "absent")("the authorizer of a real API server", () => {
  let server: Apiserver;
  let oracle: Authorizer;

  beforeAll(async () => {
    server = await startApiserver(part, { users: PROBES.map((_, index) => ({ name: nameOf(index) })) });
    const admin = server.client("admin");
    const world = [
      made("v1", "Namespace", "prod"),
      made("v1", "Namespace", "shop"),
      made("v1", "ServiceAccount", "prod/web"),
      pod("prod/placed", { nodeName: "node-1" }),
      made("v1", "Node", "node-1"),
      role("prod/target", rule("get", "secrets")),
      role("prod/widened"),
      SIGNING,
    ];
    for (const one of [...world, ...PROBES.flatMap(({ rights }, index) => rights(nameOf(index)))])
      await make(admin, one);
    await settled(admin);
    oracle = new Authorizer(await rbacOf(admin));
  });
  afterAll(() => server?.stop());

  it.each(PROBES.map((probe, index) => [`rule ${probe.rule}: ${probe.what}`, probe, nameOf(index)] as const))(
    "%s",
    async (_title, probe, username) => {
      const { status, body } = await server.client(username).send(callOf(stepOf(probe, username)));
      expect({ status, body }).toMatchObject({ status: probe.code });
      const answers = probe.asked.map((text) => oracle.decide({ username, groups }, asked(text)).isAllowed);
      expect(answers.every(Boolean)).toBe(status !== 403);
      const admin = server.client("admin");
      const said = await Promise.all(
        probe.asked.map((text) => isAllowed(admin, { user: username, groups, ...specOf(asked(text)) })),
      );
      expect(said).toEqual(answers);
    },
  );

  it("rule 30: a Role with paths is not taken", async () => {
    const object = role("prod/paths", rule("get", "/metrics"));
    expect((await server.client("admin").create(object)).status).toBe(422);
  });

  it("rule 6: a check that fails inside leaves a decision that allows, with 403", async () => {
    const events = await logOf(server);
    for (const [index, { rule: number, code, asked: texts, request }] of PROBES.entries()) {
      const [first, second] = texts.map((text) => asked(text));
      if (code !== 403 || second === undefined || first === undefined) continue;
      const own = finals(events, nameOf(index));
      expect(own, request).toHaveLength(1);
      const isSaid = { "authorization.k8s.io/decision": "allow" };
      expect(own[0], `${number}: ${request}`).toMatchObject({ responseStatus: { code: 403 }, annotations: isSaid });
      expect(own[0]?.annotations?.["authorization.k8s.io/reason"]).toContain(nameOf(index));
    }
  });

  it("rule 7: an impersonation that is refused has no decision, and names who asked", async () => {
    const path = "/api/v1/namespaces/prod/configmaps/asked-as-another";
    const call = { method: "GET", path, headers: { "impersonate-user": "admin" } } as const;
    expect((await server.client(nameOf(0)).send(call)).status).toBe(403);
    const events = (await logOf(server)).filter(({ requestURI }) => requestURI === path);
    const last = events.find(({ stage }) => stage === "ResponseComplete");
    expect(last).toMatchObject({ user: { username: nameOf(0) }, responseStatus: { code: 403 } });
    expect(last?.annotations?.["authorization.k8s.io/decision"]).toBeUndefined();
    expect(last?.impersonatedUser).toBeUndefined();
  });
});

function stepOf({ request, code, what, carried = {} }: Probe, who: string): Parameters<typeof callOf>[0] {
  return [who, request, code, what, carried];
}

async function logOf({ auditLog }: Apiserver): Promise<readonly AuditEvent[]> {
  return eventsOf(await readFile(auditLog, "utf8")).map(([, event]) => event);
}

/** The last events of somebody's requests. */
function finals(events: readonly AuditEvent[], username: string): readonly AuditEvent[] {
  return events.filter(({ stage, user, requestURI, impersonatedUser }) => {
    const isOwn = user.username === username && impersonatedUser === undefined;
    return isOwn && stage === "ResponseComplete" && !requestURI.includes("asked-as-another");
  });
}
