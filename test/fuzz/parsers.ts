/** Every parser that takes bytes from outside. */
import type { Subject } from "./subject.ts";
import { armIds, armTargets, conditions, templateExpressions } from "./subjects/access.ts";
import { blobBatches, graphBatches } from "./subjects/batches.ts";
import { certificateDer, certificatePem, certificateText } from "./subjects/certificates.ts";
import { claimsExpression, jmespath, tagExpression } from "./subjects/expressions.ts";
import { httpHeaders, sharedKeys, signatures, traceContexts } from "./subjects/headers.ts";
import { proxyWire } from "./subjects/proxy.ts";
import { armFilter, odataFilter, odataQuery, odataSearch } from "./subjects/queries.ts";
import { repeatedHeads } from "./subjects/repeated-heads.ts";
import { claimsRequest, foreignJwt, jwt } from "./subjects/tokens.ts";
import { connectTargets, forms, httpTargets } from "./subjects/wire.ts";
import { xml, xmlAnswers, xmlBlockList, xmlPolicies, xmlServiceProperties, xmlTags } from "./subjects/xml.ts";

export const subjects: readonly Subject[] = [
  ...[jwt, foreignJwt, claimsRequest],
  ...[certificateDer, certificateText, certificatePem],
  ...[xml, xmlBlockList, xmlTags, xmlPolicies, xmlServiceProperties, xmlAnswers],
  ...[odataFilter, odataSearch, odataQuery, armFilter, tagExpression, claimsExpression, jmespath],
  ...[conditions, armIds, armTargets, templateExpressions],
  ...[
    signatures,
    sharedKeys,
    httpTargets,
    httpHeaders,
    traceContexts,
    forms,
    connectTargets,
    blobBatches,
    graphBatches,
  ],
  proxyWire,
  repeatedHeads,
];
