/**
 * Signs a person in by name and password: the one way, for the password grant and the sign-in page.
 * Locked or not is asked first; the slow hash comes before every refusal that depends on the account, so that all take as long.
 */
import { verifyPassword } from "../../directory/passwords.ts";
import type { User } from "../../state/entities.ts";
import { refuse } from "../fault.ts";
import type { SignInAttempt } from "../sign-in-attempt.ts";
import type { Visit } from "../visit.ts";
import { addressOf } from "./attempt-buckets.ts";

/** @throws EntraRefusal `account-locked`, `user-unknown`, `password-wrong`, `user-disabled`. */
export async function checkNameAndPassword(
  visit: Visit,
  username: string,
  password: string,
  attempt: SignInAttempt,
): Promise<User> {
  const { model } = visit.cloud;
  const name = username.toLowerCase();
  const user = model.users.findOne("userPrincipalName", name);
  if (user !== undefined) {
    attempt.principalId = user.id;
    attempt.userPrincipalName = user.userPrincipalName;
  }
  const address = addressOf(visit.exchange.request.socket.remoteAddress);
  const leave = visit.memory.failedSignIns.begin(user?.id ?? name, user !== undefined, address, visit.now);
  if (leave === undefined) return refuse({ kind: "account-locked" });
  let isRight = false;
  try {
    const isSame = await verifyPassword(password, user?.passwordHash);
    // The row may have changed while the hash was computed.
    isRight = isSame && user !== undefined && model.users.get(user.id)?.passwordHash === user.passwordHash;
  } finally {
    if (isRight) leave.succeed();
    else leave.fail(password);
  }
  if (user === undefined) return refuse({ kind: "user-unknown", tenantId: model.tenant.tenantId });
  if (!isRight) return refuse({ kind: "password-wrong" });
  const current = model.users.get(user.id)!;
  return current.accountEnabled ? current : refuse({ kind: "user-disabled" });
}
