/** Signs a person in by name and password: for the password grant and the sign-in page. */
import { judgePassword } from "../../directory/password-attempt.ts";
import type { User } from "../../state/entities.ts";
import { refuse } from "../fault.ts";
import type { SignInAttempt } from "../sign-in-attempt.ts";
import type { Visit } from "../visit.ts";

/**
 * @returns the person, whose password is theirs to keep.
 * @throws EntraRefusal as {@link checkPresentedPassword}, and `password-expired` when it is right and must be changed first.
 */
export async function checkNameAndPassword(
  visit: Visit,
  username: string,
  password: string,
  attempt: SignInAttempt,
): Promise<User> {
  const user = await checkPresentedPassword(visit, username, password, attempt);
  return user.forceChangePasswordNextSignIn ? refuse({ kind: "password-expired" }) : user;
}

/** For the page on which a password is changed. @throws EntraRefusal `account-locked`, `user-unknown`, `password-wrong`, `user-disabled`. */
export async function checkPresentedPassword(
  { cloud, options, exchange, now }: Visit,
  username: string,
  password: string,
  attempt: SignInAttempt,
): Promise<User> {
  const { model } = cloud;
  const named = model.users.findOne("userPrincipalName", username.toLowerCase());
  if (named !== undefined) {
    attempt.principalId = named.id;
    attempt.userPrincipalName = named.userPrincipalName;
  }
  const { remoteAddress } = exchange.request.socket;
  const verdict = await judgePassword(model, options.failedSignIns, { username, password, remoteAddress, now });
  switch (verdict.kind) {
    case "locked":
      return refuse({ kind: "account-locked" });
    case "unknown":
      return refuse({ kind: "user-unknown", tenantId: model.tenant.tenantId });
    case "wrong":
      return refuse({ kind: "password-wrong" });
    case "right":
      return verdict.user.accountEnabled ? verdict.user : refuse({ kind: "user-disabled" });
  }
}
