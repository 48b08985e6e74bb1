/** Who may read a container without a signature, and the policies that signatures may name. */
import { readConditions, writeConditions } from "../condition-headers.ts";
import { containerName, requireContainer } from "../container-handlers.ts";
import { judgeLease } from "../engine/leases.ts";
import { asFaultError } from "../fault-words.ts";
import { maxPoliciesBytes } from "../limits.ts";
import type { Answer, ContainerCall } from "../operation-row.ts";
import { readContentLength, readWholeBody } from "../request-body.ts";
import { writtenHeaders } from "../resource-headers.ts";
import { publicAccessHeaders, readPublicAccess } from "./anonymous.ts";
import { readPolicies, writePolicies } from "./container-access-xml.ts";

/** @see https://learn.microsoft.com/rest/api/storageservices/get-container-acl */
export async function getContainerAccess(call: ContainerCall): Promise<Answer> {
  const { record } = await requireContainer(call.engine, containerName(call));
  const { leaseId } = readConditions(call.headers);
  const fault = judgeLease(record.state.lease, leaseId, call.engine.nowMs, false);
  if (fault !== undefined) throw asFaultError({ kind: "lease", of: "container", fault });
  return {
    status: 200,
    headers: {
      "Content-Type": "application/xml",
      ...writtenHeaders(record),
      ...publicAccessHeaders(record.access),
    },
    body: writePolicies(record.access.policies),
  };
}

/** Replaces both: what is not given is taken away. @see https://learn.microsoft.com/rest/api/storageservices/set-container-acl */
export async function setContainerAccess(call: ContainerCall): Promise<Answer> {
  const { headers, engine, exchange } = call;
  const conditions = writeConditions(headers);
  const publicAccess = readPublicAccess(call);
  const body = await readWholeBody(exchange.request, readContentLength(headers, maxPoliciesBytes));
  const policies = readPolicies(body);
  await requireContainer(engine, containerName(call));
  const written = await engine.setContainerAccess(containerName(call), { publicAccess, policies }, conditions);
  return { status: 200, headers: writtenHeaders(written) };
}
