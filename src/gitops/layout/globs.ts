/** Whether the text fits the pattern: `*`, `?` and `{a,b}`, where a star goes over slashes too, as Argo CD has it. */
export function fitsGlob(text: string, pattern: string): boolean {
  return alternatives(pattern).some((one) => fitsStars(text, one));
}

/** Whether the folder fits the pattern, where a star stays between slashes and `**` doesn't. */
export function fitsFolder(folder: string, pattern: string): boolean {
  const parts = folder.split("/");
  // How many parts may be used up: no pattern takes longer than its length times the folder's.
  let used = new Set([0]);
  for (const one of pattern.split("/")) {
    if (one === "**") {
      const from = Math.min(...used);
      used = new Set(Array.from({ length: parts.length - from + 1 }, (_, index) => from + index));
    } else {
      const fitting = [...used].filter((index) => index < parts.length && fitsStars(parts[index] ?? "", one));
      used = new Set(fitting.map((index) => index + 1));
    }
    if (used.size === 0) return false;
  }
  return used.has(parts.length);
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
