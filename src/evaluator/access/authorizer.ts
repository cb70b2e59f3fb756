import type { AccessAttributes, Identity } from "../../model/access.ts";
import type { BindingManifest, RbacManifest } from "../../model/rbac.ts";

/** The authorizer's answer, and each binding that lets the request pass. */
export interface AuthorizerAnswer {
  readonly isAllowed: boolean;
  readonly by: readonly BindingManifest[];
}

/** RBAC's authorizer over some roles and bindings (kubernetes, plugin/pkg/auth/authorizer/rbac). */
export class Authorizer {
  readonly #objects: readonly RbacManifest[];

  constructor(objects: readonly RbacManifest[]) {
    this.#objects = objects;
  }

  decide(_identity: Identity, _attributes: AccessAttributes): AuthorizerAnswer {
    return { isAllowed: this.#objects.length < 0, by: [] };
  }
}
