/** What happens to a request instead of, or after, its effect. */
export type Fault =
  | { readonly kind: "cut" }
  /** The connection ends within the answer, which was to say yes. */
  | { readonly kind: "cut-answer" }
  | {
      readonly kind: "answer";
      readonly status: number;
      readonly message: string;
      readonly headers?: Readonly<Record<string, string>>;
      /** Undefined: as REST says the message. */
      readonly body?: unknown;
    };

export interface FaultPlan {
  /** The how-manieth request from now on, of those that `of` matches; the first is 1. */
  readonly at: number;
  /** Whether the request has had its effect. */
  readonly when: "before" | "after";
  readonly fault: Fault;
  /** Which requests are counted: all unless told. */
  readonly of?: "reads" | "writes" | RegExp;
  /** How many in a row fail: 1 unless told. */
  readonly times?: number;
}

/** A request that came in. */
export interface Call {
  /** `post /repos/{owner}/{repo}/pulls`, `graphql query`, `graphql mutation`, `git git-receive-pack`. */
  readonly operation: string;
  readonly isWrite: boolean;
  readonly actor: string;
  /** 0 when the connection was cut. */
  status: number;
}

/** Faults as GitHub words them. */
export const FAULTS = {
  cut: { kind: "cut" },
  cutAnswer: { kind: "cut-answer" },
  badGateway: { kind: "answer", status: 502, message: "Server Error" },
  expiredToken: { kind: "answer", status: 401, message: "Bad credentials" },
  /** Of too much at once; without `seconds`, GitHub does not say how long to wait. */
  secondaryLimit: (seconds?: number): Fault => ({
    kind: "answer",
    status: 403,
    message: "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",
    headers: seconds === undefined ? {} : { "retry-after": String(seconds) },
  }),
  /** Of all requests of the hour, until `reset`, seconds since 1970. */
  primaryLimit: (reset: number): Fault => ({
    kind: "answer",
    status: 403,
    message: "API rate limit exceeded for installation.",
    headers: { "x-ratelimit-limit": "5000", "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(reset) },
  }),
} as const satisfies Readonly<Record<string, Fault | ((value: number) => Fault)>>;

/** Plans faults, and counts what was asked. */
export class Faults {
  readonly calls: Call[] = [];
  #interception: { readonly of: RegExp; readonly act: () => Promise<unknown> } | undefined;
  #plans: { readonly plan: FaultPlan; seen: number }[] = [];

  /** Adds a fault; several may be planned at once. */
  plan(plan: FaultPlan): void {
    this.#plans.push({ plan, seen: 0 });
  }

  /** Does something right before the next such request is looked at: somebody else was faster. */
  intercept(of: RegExp, act: () => Promise<unknown>): void {
    this.#interception = { of, act };
  }

  /** For the server: what was to be done before this request. */
  async intercepted({ operation }: Call): Promise<void> {
    const due = this.#interception;
    if (due === undefined || !due.of.test(operation)) return;
    this.#interception = undefined;
    await due.act();
  }

  /** Forgets the plans and the calls. */
  clear(): void {
    this.#plans = [];
    this.#interception = undefined;
    this.calls.length = 0;
  }

  get reads(): number {
    return this.calls.filter(({ isWrite }) => !isWrite).length;
  }

  get writes(): number {
    return this.calls.filter(({ isWrite }) => isWrite).length;
  }

  /** For the server: takes note of a call and says what is to happen to it. */
  note(call: Call): FaultPlan | undefined {
    this.calls.push(call);
    let due: FaultPlan | undefined;
    for (const entry of this.#plans) {
      const { of, at, times = 1 } = entry.plan;
      if (of instanceof RegExp ? !of.test(call.operation) : of !== undefined && (of === "writes") !== call.isWrite)
        continue;
      entry.seen += 1;
      if (entry.seen >= at && entry.seen < at + times) due ??= entry.plan;
    }
    return due;
  }
}
