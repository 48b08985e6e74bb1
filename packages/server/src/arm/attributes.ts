/**
 * What conditions may look at in every request to Resource Manager. Custom security attributes of principals there are none here.
 * @see https://learn.microsoft.com/azure/role-based-access-control/conditions-authorization-actions-attributes
 */
import { type AttributeRecord, type AttributeSources, attributeNames } from "@postern/access";
import type { Cloud } from "../cloud.ts";

const none: AttributeRecord = Object.freeze({});

/** Of an operation whose resource and request have attributes of their own: only those that write and delete role assignments have. */
export type OwnAttributes = { readonly resource: AttributeRecord; readonly request: AttributeRecord };

/** Of the others. */
export const noOwnAttributes: OwnAttributes = { resource: none, request: none };

/** What holds for every operation; what is of the request or the resource is not said. */
export function commonAttributes({ cloud }: { readonly cloud: Cloud }): AttributeSources {
  const environment = {
    [attributeNames.utcNow]: cloud.ports.now().toISOString(),
    // There is no private network here.
    [attributeNames.isPrivateLink]: false,
  };
  return { environment, principal: none };
}
