/** What ends people's sessions: a new password of their own choice, and revoking them all. @see https://learn.microsoft.com/graph/api/user-changepassword */

import { judgePassword } from "../directory/password-attempt.ts";
import { checkPassword } from "../directory/password-rules.ts";
import { hashPassword } from "../directory/passwords.ts";
import { revokeSessions, updateUser } from "../directory/user.ts";
import { mayAdminister } from "../directory/user-protection.ts";
import type { User } from "../state/entities.ts";
import type { Reply } from "../wire/exchange.ts";
import { answerValue, noContent } from "./answers.ts";
import { change } from "./changes.ts";
import { refuseGraph } from "./graph-fault.ts";
import { JsonMembers } from "./json-members.ts";
import { meOf, objectOf } from "./objects.ts";
import { type GraphCall, type GraphOperation, operation } from "./operation.ts";

/** Only for oneself, whatever the path names: knowing the old password is what allows it. */
async function changePassword(call: GraphCall, user: User): Promise<Reply> {
  if (user.id !== call.caller.principalId) refuseGraph({ kind: "denied" });
  const members = new JsonMembers(call.body, "User");
  const current = members.text("currentPassword") ?? members.refuse("currentPassword");
  const wanted = members.text("newPassword") ?? members.refuse("newPassword");
  members.finish({ readOnly: [], absent: [] });
  const { ports, model } = call.cloud;
  const { failedSignIns, remoteAddress } = call;
  const presented = { username: user.userPrincipalName, password: current, remoteAddress, now: ports.now() };
  const verdict = await judgePassword(model, failedSignIns, presented);
  if (verdict.kind !== "right") refuseGraph({ kind: "password-wrong" });
  if (wanted === current) refuseGraph({ kind: "body-property-invalid", property: "newPassword", resource: "User" });
  checkPassword(wanted, user);
  const passwordHash = await hashPassword(wanted, ports);
  const properties = { passwordHash, forceChangePasswordNextSignIn: false };
  await change(call, "Change user password", (before) => updateUser(before, user.id, properties, ports.now()));
  return noContent;
}

async function revoke(call: GraphCall, user: User): Promise<Reply> {
  const isSelf = user.id === call.caller.principalId;
  if (!isSelf && !mayAdminister(call.cloud.model, call.caller.principalId, user.id)) refuseGraph({ kind: "denied" });
  await change(call, "Update StsRefreshTokenValidFrom Timestamp", (model) =>
    revokeSessions(model, user.id, call.cloud.ports.now()),
  );
  return answerValue(call, "Edm.Boolean", { value: true });
}

const samplePasswords = { currentPassword: "sample", newPassword: "sample" } as const;

export const userSessionOperations: readonly GraphOperation[] = [
  operation({
    operation: "user: changePassword",
    method: "POST",
    match: "/users/{user}/changePassword",
    action: "change-own-password",
    isDelegatedOnly: true,
    doc: "user-changepassword",
    sampleBody: samplePasswords,
    handle: (call) => changePassword(call, objectOf(call, "user")),
  }),
  operation({
    operation: "me: changePassword",
    method: "POST",
    match: "/me/changePassword",
    action: "change-own-password",
    isDelegatedOnly: true,
    doc: "user-changepassword",
    sampleBody: samplePasswords,
    handle: (call) => changePassword(call, meOf(call)),
  }),
  operation({
    operation: "user: revokeSignInSessions",
    method: "POST",
    match: "/users/{user}/revokeSignInSessions",
    action: "end-sessions",
    doc: "user-revokesigninsessions",
    handle: (call) => revoke(call, objectOf(call, "user")),
  }),
  operation({
    operation: "me: revokeSignInSessions",
    method: "POST",
    match: "/me/revokeSignInSessions",
    action: "end-own-sessions",
    isDelegatedOnly: true,
    doc: "user-revokesigninsessions",
    handle: (call) => revoke(call, meOf(call)),
  }),
];
