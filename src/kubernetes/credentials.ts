import { Agent as PlainAgent } from "node:http";
import { Agent, type RequestOptions } from "node:https";
import type { KubeConfig } from "@kubernetes/client-node";
import type { Surroundings, Target } from "./connect-options.ts";
import { credentialError } from "./failures.ts";

/** What a request to this server needs: agent, TLS, headers. */
export interface Access extends Omit<RequestOptions, "headers"> {
  readonly headers: Readonly<Record<string, string | string[]>>;
}

/** Who asks, and how a connection is made: certificates, tokens, plugins, proxies, as a kubeconfig says. */
export class Credentials {
  readonly #target: Target;
  readonly #load: () => KubeConfig;
  readonly #agent: Agent | PlainAgent;
  #kubeconfig: KubeConfig;
  #pending: Promise<Access> | undefined;

  private constructor(target: Target, load: () => KubeConfig, env: Surroundings["env"]) {
    this.#target = target;
    this.#load = load;
    this.#kubeconfig = load();
    // The library's own agent opens a connection for each request. It never serves a socket of one certificate to
    // another: Node keeps them apart by all of their TLS options.
    // The proxy of the environment is heeded from Node 22.21 and 24.5 on; one that the kubeconfig names, always.
    const own = { keepAlive: true, proxyEnv: env };
    this.#agent = target.server.startsWith("http:") ? new PlainAgent(own) : new Agent(own);
  }

  /** Loads the library, which takes most of a second, and gives it the kubeconfig. */
  static async open(target: Target, { env }: Surroundings): Promise<Credentials> {
    const library = await import("@kubernetes/client-node");
    const load = (): KubeConfig => {
      const kubeconfig = new library.KubeConfig();
      kubeconfig.loadFromString(target.kubeconfig);
      return kubeconfig;
    };
    return new Credentials(target, load, env);
  }

  /**
   * What a request needs. Tokens that ran out are renewed on the way; requests at one time wait for one plugin.
   *
   * @throws NetlearnError `NETLEARN_INPUT_UNREADABLE` when they can't be had
   */
  async options(): Promise<Access> {
    this.#pending ??= this.#ask().finally(() => {
      this.#pending = undefined;
    });
    return await this.#pending;
  }

  /** Forgets what plugins said: the server did not accept it. */
  renew(): void {
    this.#kubeconfig = this.#load();
  }

  /** Lets go of connections. */
  close(): void {
    this.#agent.destroy();
  }

  async #ask(): Promise<Access> {
    const options: RequestOptions = { headers: {} };
    try {
      await this.#kubeconfig.applyToHTTPSOptions(options);
    } catch (error) {
      throw credentialError(this.#target, error);
    }
    return {
      ...options,
      ...(this.#target.isProxied ? {} : { agent: this.#agent }),
      headers: { ...trimmed(options.headers), ...this.#target.headers },
    };
  }
}

/** Token files end with a line break more often than not, and the library sends it along. */
function trimmed(headers: RequestOptions["headers"]): Readonly<Record<string, string>> {
  const entries = Object.entries(headers ?? {}).map(([name, value]) => [name, String(value).trim()] as const);
  return Object.fromEntries(entries);
}
