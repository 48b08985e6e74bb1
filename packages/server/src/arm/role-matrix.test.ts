/** Role x operation, as a table to be reviewed as a diff: `+` let in, `-` AuthorizationFailed, `o` let in to a list of what it may see. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { roles, startTrialCloud } from "./trial-cloud.ts";

const columns = ["owner", "contributor", "reader", "userAccessAdministrator", "blobDataContributor"] as const;

const expected = `
++++o Get subscription
++++- List locations
++++o List resource groups
++++- Check resource group existence
++++- Get resource group
++--- Create or update resource group
++--- Update resource group
++--- Delete resource group
++++- Get operation result
++++- Get storage operation result
++--- Create or update a deployment at a subscription
++++- Get a deployment at a subscription
++++- List deployments at a subscription
++--- Delete a deployment at a subscription
++--- Validate a deployment at a subscription
++++- Get a deployment's status at a subscription
++--- Create or update a deployment in a resource group
++++- Get a deployment in a resource group
++++- List deployments in a resource group
++--- Delete a deployment in a resource group
++--- Validate a deployment in a resource group
++++- Get a deployment's status in a resource group
++++o List resources
++++o List resources of a resource group
++++- List resource providers
++++- Get resource provider
++--- Register resource provider
++++- List role definitions
++++- Get role definition
+--+- Create or update role definition
+--+- Delete role definition
++++- List role assignments
++++- Get role assignment
+--+- Create role assignment
+--+- Delete role assignment
++++- List deny assignments
++++- Get deny assignment
+--+- Create or update deny assignment
+--+- Delete deny assignment
++++- List permissions
++++- List classic administrators
++++- List activity log
++++- Get management group
++--- Create or update management group
++--- Update management group
++--- Delete management group
++++- List subscriptions of a management group
++--- Move subscription to a management group
++--- Remove subscription from a management group
++++- Check storage account name availability
++++o List storage accounts
++++o List storage accounts of a resource group
++++- Get storage account
++--- Create storage account
++--- Update storage account
++--- Delete storage account
++--- List storage account keys
++--- Regenerate storage account key
++--- Revoke user delegation keys
++++- List blob services
++++- Get blob service
++--- Set blob service
+++++ List containers
+++++ Get container
++--+ Create container
++--+ Update container
++--+ Delete container
++++- List encryption scopes
++++- Get encryption scope
++--- Put encryption scope
++--- Update encryption scope
++++o List managed identities
++++o List managed identities of a resource group
++++- Get managed identity
++--- Create or update managed identity
++--- Update managed identity
++--- Delete managed identity
++--- List resources associated with a managed identity
++++- List federated identity credentials of a managed identity
++++- Get federated identity credential of a managed identity
++--- Create or update federated identity credential of a managed identity
++--- Delete federated identity credential of a managed identity
`.trim();

it("lets each role do what it may and nothing else", async () => {
  const arm = await startTrialCloud();
  const principals = columns.map((_, index) => `20202020-0000-4000-8000-00000000000${index}`);
  for (const [index, column] of columns.entries()) await arm.assign(principals[index]!, roles[column], "/");
  const lines: string[] = [];
  for (const { operation, method, sample, permission } of arm.surface.operations) {
    if (permission === "public" || permission === "signed-in") continue;
    const marks: string[] = [];
    for (const as of principals) {
      const rawBody = sample.body === undefined ? {} : { rawBody: sample.body };
      const { status } = await arm.send(method, sample.target, { as, ...rawBody });
      const wasAllowed = arm.cloud.recorder.accesses().at(-1)!.decision.isAllowed;
      marks.push(status === 403 ? "-" : wasAllowed ? "+" : "o");
    }
    lines.push(`${marks.join("")} ${operation}`);
  }
  await arm.close();
  assert.equal(lines.join("\n"), expected);
});
