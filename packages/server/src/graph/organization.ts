/** Operations on the tenant and its domains. @see https://learn.microsoft.com/graph/api/resources/organization */
import { refuse } from "../state/fault.ts";
import { answerCollection, answerOne, rowsOf } from "./answers.ts";
import { idOf } from "./objects.ts";
import { type GraphOperation, operation } from "./operation.ts";
import { domainsOf, domainType, organizationType } from "./organization-type.ts";

const shared = { method: "GET", action: "read-organization" } as const;

export const organizationOperations: readonly GraphOperation[] = [
  operation({
    ...shared,
    operation: "List organizations",
    match: "/organization",
    isCollection: true,
    doc: "organization-list",
    handle: (call) => answerCollection(call, organizationType, rowsOf(organizationType, [call.cloud.model.tenant])),
  }),
  operation({
    ...shared,
    operation: "Get organization",
    match: "/organization/{organization}",
    doc: "organization-get",
    handle: (call) => {
      const id = idOf(call, "organization");
      const { tenant } = call.cloud.model;
      if (tenant.tenantId !== id) refuse({ kind: "object-not-found", objectKind: "tenant", id });
      return answerOne(call, organizationType, tenant);
    },
  }),
  operation({
    ...shared,
    operation: "List domains",
    match: "/domains",
    isCollection: true,
    doc: "domain-list",
    handle: (call) => answerCollection(call, domainType, rowsOf(domainType, domainsOf(call.cloud.model.tenant))),
  }),
  operation({
    ...shared,
    operation: "Get domain",
    match: "/domains/{domain}",
    doc: "domain-get",
    handle: (call) => {
      const id = call.keys.domain!.text;
      const domain = domainsOf(call.cloud.model.tenant).find(({ name }) => name === id.toLowerCase());
      return answerOne(call, domainType, domain ?? refuse({ kind: "object-not-found", objectKind: "tenant", id }));
    },
  }),
];
