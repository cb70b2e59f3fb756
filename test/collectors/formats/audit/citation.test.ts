import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { citationOf } from "../../../../src/collectors/formats/audit/citation.ts";

describe("reasons of the authorizer", () => {
  it.each([
    [
      'RBAC: allowed by ClusterRoleBinding "system:discovery" of ClusterRole "system:discovery" to Group "system:authenticated"',
      { kind: "ClusterRoleBinding", namespace: "", name: "system:discovery" },
      { kind: "ClusterRole", name: "system:discovery" },
      { kind: "Group", namespace: "", name: "system:authenticated" },
    ],
    [
      'RBAC: allowed by RoleBinding "developers/staging" of ClusterRole "dev-edit" to User "dave@example.com"',
      { kind: "RoleBinding", namespace: "staging", name: "developers" },
      { kind: "ClusterRole", name: "dev-edit" },
      { kind: "User", namespace: "", name: "dave@example.com" },
    ],
    [
      String.raw`RBAC: allowed by RoleBinding "a/b" of Role "r" to User "o\"x\" to Group \\ \u00a0\n\x07"`,
      { kind: "RoleBinding", namespace: "b", name: "a" },
      { kind: "Role", name: "r" },
      { kind: "User", namespace: "", name: 'o"x" to Group \\ \u00a0\n\ufffd' },
    ],
  ])("cite a binding: %s", (reason, binding, role, subject) => {
    expect(citationOf(reason)).toEqual({ kind: "rbac", binding, role, subject });
  });

  it.each([
    "",
    'EKS Access Policy: allowed by ClusterRoleBinding "arn:aws:eks::x" of ClusterRole "y" to User "AROA"',
    "access granted by IAM permissions.",
    "RBAC: allowed",
    'RBAC: allowed by RoleBinding "no-namespace" of Role "r" to User "u"',
    'RBAC: allowed by RoleBinding "a/b" of Role "r" to User "u" and more',
  ])("of others are kept as they are: %j", (reason) => {
    expect(citationOf(reason)).toEqual({ kind: "other", reason });
  });

  it("of others are cut to 300 characters", () => {
    expect(citationOf("x".repeat(10_000))).toEqual({ kind: "other", reason: "x".repeat(300) });
  });

  it("are read back whatever characters the names have", () => {
    const name = fc.string({ unit: "binary", maxLength: 12 });
    fc.assert(
      fc.property(name, name, (role, user) => {
        const quoted = (text: string) => `"${text.replaceAll(/["\\]/gu, String.raw`\$&`)}"`;
        const reason = `RBAC: allowed by ClusterRoleBinding "b" of ClusterRole ${quoted(role)} to User ${quoted(user)}`;
        expect(citationOf(reason)).toMatchObject({ role: { name: role }, subject: { name: user } });
      }),
    );
  });
});
