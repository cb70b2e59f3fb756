/** Whether the text fits the pattern: `*`, `?` and `{a,b}`, where a star goes over slashes too, as Argo CD has it. */
export function fitsGlob(text: string, pattern: string): boolean {
  return alternatives(pattern).some((one) => fitsStars(text, one));
}

/** Whether the folder fits the pattern, where a star stays between slashes and `**` doesn't. */
export function fitsFolder(folder: string, pattern: string): boolean {
  return fitsParts(folder.split("/"), pattern.split("/"));
}

function fitsParts(parts: readonly string[], patterns: readonly string[]): boolean {
  const [pattern, ...rest] = patterns;
  if (pattern === undefined) return parts.length === 0;
  if (pattern === "**") return parts.length === 0 ? rest.length === 0 : fitsAnyDepth(parts, rest);
  const [part, ...others] = parts;
  return part !== undefined && fitsStars(part, pattern) && fitsParts(others, rest);
}

function fitsAnyDepth(parts: readonly string[], rest: readonly string[]): boolean {
  return rest.length === 0 || parts.some((_, start) => fitsParts(parts.slice(start), rest));
}

const MOST_ALTERNATIVES = 100;

function alternatives(pattern: string): readonly string[] {
  let open = [pattern];
  for (;;) {
    const next = open.flatMap((one) => {
      const braces = /\{([^{}]*)\}/u.exec(one);
      if (braces === null) return [one];
      const [whole, inside = ""] = braces;
      return inside.split(",").map((word) => one.replace(whole, () => word));
    });
    if (next.length > MOST_ALTERNATIVES || next.every((one, index) => one === open[index])) return open;
    open = next;
  }
}

// Goes back to the last star only, so that no pattern takes longer than its length times the text's.
function fitsStars(text: string, pattern: string): boolean {
  let [position, place, star, from] = [0, 0, -1, 0];
  while (position < text.length) {
    const sign = pattern[place];
    if (sign === "*") {
      star = place++;
      from = position;
    } else if (sign !== undefined && (sign === "?" || sign === text[position])) {
      position++;
      place++;
    } else if (star >= 0) {
      place = star + 1;
      position = ++from;
    } else return false;
  }
  return /^\**$/u.test(pattern.slice(place));
}
