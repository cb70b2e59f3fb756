/**
 * The name that a query's field selector asks for, `metadata.name=X`; empty when it asks for none, or not for one
 * (k8s.io/apimachinery pkg/fields/selector.go, RequiresExactMatch).
 */
export function selectedName(query: string): string {
  if (!query.includes("fieldSelector")) {
    return "";
  }
  const selector = new URLSearchParams(query).get("fieldSelector") ?? "";
  for (const term of terms(selector)) {
    const name = exactName(term);
    if (name !== undefined) {
      return isPathSegment(name) ? name : "";
    }
  }
  return "";
}

/** Commas divide terms unless a backslash stands before them. */
function terms(selector: string): readonly string[] {
  return selector.match(/(?:\\[\s\S]|[^,\\])+/g) ?? [];
}

function exactName(term: string): string | undefined {
  const match = /^metadata\.name={1,2}(?!=)([\s\S]*)$/.exec(term);
  return match?.[1]?.replaceAll(/\\([\\,=])/g, "$1");
}

/** The server knows nothing that is called so (k8s.io/apimachinery pkg/api/validation/path). */
function isPathSegment(name: string): boolean {
  return name !== "." && name !== ".." && !/[/%]/.test(name);
}
