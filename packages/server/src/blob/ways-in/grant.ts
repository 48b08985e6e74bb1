/** May whoever was let in do this: one answer for each way in. */
import type { Cloud } from "../../cloud.ts";
import type { StorageAccount } from "../../state/entities.ts";
import { type Asking, authorize, type Grant } from "../authorization.ts";
import type { ContainerAccess } from "../engine/model.ts";
import type { BlobOperation } from "../operation-row.ts";
import type { Admission } from "./admission.ts";
import { isPublic } from "./anonymous.ts";
import { refuseAnonymous } from "./bearer-token.ts";
import { refuseSignature } from "./signed-parameters.ts";
import { coverRequest } from "./signed-rights.ts";

/** Operations that ask who the caller is, which a key does not say. */
const namedCallerOnly: ReadonlySet<string> = new Set(["Get User Delegation Key"]);

export type Granting = Asking & {
  readonly account: StorageAccount;
  readonly operation: BlobOperation;
  /** Of the service, as the request asks for it; undefined when it does not. */
  readonly version: string | undefined;
  readonly findAccess: (container: string) => ContainerAccess | undefined;
};

/** Whoever has left the directory, or is disabled in it, signs for nobody any more. */
function checkSigner({ model }: Cloud, principalId: string): void {
  const signer = model.principal(principalId);
  if (signer === undefined || signer.type === "Group" || signer.row.accountEnabled !== true) {
    throw refuseSignature("The principal of the user delegation key is not active in the directory.");
  }
}

/** @throws StorageError for whoever may not. */
export function grantRequest(cloud: Cloud, admission: Admission, asking: Granting): Grant {
  const { account, operation, headers, target } = asking;
  switch (admission.way) {
    case "bearer":
      return authorize(cloud, account, operation, asking, admission.principalId);
    case "delegation": {
      checkSigner(cloud, admission.principalId);
      const covered = coverRequest(admission.signed, operation, headers, target.query);
      const held = authorize(cloud, account, operation, asking, admission.principalId);
      return { mustBeNew: covered.mustBeNew || held.mustBeNew };
    }
    case "signature":
      return coverRequest(admission.signed, operation, headers, target.query);
    case "key":
      if (namedCallerOnly.has(operation.operation)) throw refuseSignature("Only a bearer token says who asks.");
      return { mustBeNew: false };
    case "none": {
      const access = target.level === "account" ? undefined : asking.findAccess(target.container);
      // Public access opens the operation, and nothing that is asked for besides: tags in a listing.
      const asksMore = operation.access.further.some(({ when }) => when(headers, target.query));
      if (!asksMore && isPublic(account, operation, access)) return { mustBeNew: false };
      throw refuseAnonymous({ tenantId: cloud.model.tenant.tenantId }, account, asking.version);
    }
  }
}
