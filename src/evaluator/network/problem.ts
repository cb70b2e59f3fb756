/** Something wrong, and where: its path below the value that was looked at, such as `.from[1]`; empty is the value. */
export interface Problem {
  readonly path: string;
  readonly text: string;
}

/** What is wrong with a value. Nearly always nothing, so paths are put together on the way back, where there is any. */
export type Problems = readonly Problem[];

export const NO_PROBLEMS: Problems = [];

/** One problem of the value itself. */
export function problem(text: string): Problems {
  return [{ path: "", text }];
}

/** The problems of all of these, in their order. */
export function together(...lists: readonly Problems[]): Problems {
  return lists.every(isEmpty) ? NO_PROBLEMS : lists.flat();
}

/** The problems of a field, told of the object. */
export function inField(name: string, problems: Problems): Problems {
  // A name out of a file may be anything.
  return problems.length === 0 ? problems : below(`.${/^\w+$/u.test(name) ? name : quoted(name)}`, problems);
}

/** The problems of a label's value, told of the labels. */
export function inLabel(key: string, problems: Problems): Problems {
  return problems.length === 0 ? problems : below(`[${quoted(key)}]`, problems);
}

/** The problems of all items, told of the list. */
export function inItems<T>(list: readonly T[], problemsOf: (item: T) => Problems): Problems {
  const found: Problems[] = [];
  let index = 0;
  for (const item of list) {
    const problems = problemsOf(item);
    if (problems.length > 0) {
      found.push(below(`[${index}]`, problems));
    }
    index++;
  }
  return joined(found);
}

/** The problems of all fields; `problemsOf` tells them of the object, with {@link inField} or {@link inLabel}. */
export function ofFields<T>(
  fields: Readonly<Record<string, T>>,
  problemsOf: (name: string, value: T) => Problems,
): Problems {
  const found: Problems[] = [];
  // for-in makes no list of the names; plain data inherits none.
  for (const name in fields) {
    const problems = problemsOf(name, fields[name] as T);
    if (problems.length > 0) {
      found.push(problems);
    }
  }
  return joined(found);
}

function below(step: string, problems: Problems): Problems {
  return problems.map(({ path, text }) => ({ path: `${step}${path}`, text }));
}

function isEmpty(problems: Problems): boolean {
  return problems.length === 0;
}

function joined(lists: readonly Problems[]): Problems {
  return lists.length === 0 ? NO_PROBLEMS : lists.flat();
}

/** As one sentence each, beginning with the path. */
export function sentencesOf(problems: Problems): string[] {
  return problems.map(({ path, text }) => `${path === "" ? "(document)" : path.slice(1)}: ${text}`);
}

/** A value as it may stand in a message: one line, whatever it holds. */
export function quoted(value: unknown): string {
  return JSON.stringify(value) ?? "nothing";
}
