import type { Citation } from "../../../model/access.ts";

const QUOTED = String.raw`"((?:[^"\\]|\\.)*)"`;

/** `RBAC: allowed by RoleBinding "web/shop" of Role "web" to ServiceAccount "web/shop"` (plugin/pkg/auth/authorizer/rbac, rule resolution). */
const REASON = new RegExp(
  `^RBAC: allowed by (ClusterRoleBinding|RoleBinding) ${QUOTED} of (ClusterRole|Role) ${QUOTED} to (User|Group|ServiceAccount) ${QUOTED}$`,
  "s",
);

const LONGEST_REASON = 300;

/** Which binding allowed a request, by the `authorization.k8s.io/reason` of one that was allowed. */
export function citationOf(reason: string): Citation {
  return rbacCitation(reason) ?? { kind: "other", reason: reason.slice(0, LONGEST_REASON).toWellFormed() };
}

function rbacCitation(reason: string): Citation | undefined {
  const match = REASON.exec(reason);
  if (match === null) {
    return undefined;
  }
  const [, bindingKind, binding = "", roleKind, role = "", subjectKind, subject = ""] = match;
  const isRole = roleKind === "Role";
  const bound =
    bindingKind === "RoleBinding" ? namespaced(unquoted(binding)) : { namespace: "", name: unquoted(binding) };
  const target =
    subjectKind === "ServiceAccount" ? namespaced(unquoted(subject)) : { namespace: "", name: unquoted(subject) };
  if (bound === undefined || target === undefined) {
    return undefined;
  }
  return {
    kind: "rbac",
    binding: { kind: bindingKind === "RoleBinding" ? "RoleBinding" : "ClusterRoleBinding", ...bound },
    role: { kind: isRole ? "Role" : "ClusterRole", name: unquoted(role) },
    subject: { kind: subjectKindOf(subjectKind), ...target },
  };
}

function subjectKindOf(kind: string | undefined): "User" | "Group" | "ServiceAccount" {
  return kind === "User" || kind === "Group" ? kind : "ServiceAccount";
}

/** `name/namespace`; names hold no slash. */
function namespaced(text: string): { readonly namespace: string; readonly name: string } | undefined {
  const slash = text.lastIndexOf("/");
  return slash < 0 ? undefined : { namespace: text.slice(slash + 1), name: text.slice(0, slash) };
}

const ESCAPES: Readonly<Record<string, string>> = { a: "\x07", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" };

/** Undoes Go's %q. Single bytes are no text, and become U+FFFD. */
function unquoted(text: string): string {
  if (!text.includes("\\")) {
    return text;
  }
  return text.replaceAll(/\\(?:x[0-9a-f]{2}|u([0-9a-f]{4})|U([0-9a-f]{8})|(.))/gs, (_, short, long, single) => {
    if (typeof single === "string") {
      return ESCAPES[single] ?? single;
    }
    const code = Number.parseInt(String(short ?? long ?? "fffd"), 16);
    return code <= 0x10_ff_ff ? String.fromCodePoint(code).toWellFormed() : "\ufffd";
  });
}
