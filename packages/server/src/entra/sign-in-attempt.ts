/**
 * What becomes known of a sign-in while it is judged, so that a refused one is recorded with as much as was known by then.
 * Filled by the phases of the token endpoint, read once at its end. Holds what the directory says or what has the form of an identifier,
 * never free text from the request: people paste secrets into the wrong field.
 */
import type { SignInRecord } from "../observe/records.ts";
import type { Visit } from "./visit.ts";

export type SignInAttempt = {
  grant: string;
  appId: string;
  principalId: string;
  userPrincipalName: string;
  resource: string;
  /** keyId of the secret or certificate the client proved itself with; "" before it has, and for other proofs. */
  credentialKeyId: string;
};

export function startAttempt(): SignInAttempt {
  return { grant: "", appId: "", principalId: "", userPrincipalName: "", resource: "", credentialKeyId: "" };
}

/** @param errorCode 0 for success, else the AADSTS number. */
export function recordAttempt(visit: Visit, attempt: SignInAttempt, errorCode: number): void {
  const { grant, appId, principalId, userPrincipalName, resource, credentialKeyId } = attempt;
  const record: SignInRecord = {
    time: writeTime(visit.now),
    requestId: visit.exchange.requestId,
    correlationId: visit.correlationId,
    appId,
    principalId,
    userPrincipalName,
    resource,
    grant,
    credentialKeyId,
    errorCode,
  };
  visit.cloud.recorder.recordSignIn(record);
}

const lastTime = { ms: Number.NaN, text: "" };

/** ISO 8601. Under load many sign-ins fall into one millisecond and share the text. */
function writeTime(time: Date): string {
  const ms = time.getTime();
  if (ms !== lastTime.ms) Object.assign(lastTime, { ms, text: time.toISOString() });
  return lastTime.text;
}
