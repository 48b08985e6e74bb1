/**
 * The one way a person's password is judged, however it is presented: at the sign-in page, by a client (password grant), or to change it.
 * Locked or not is asked first; the slow hash comes before every answer that depends on the account, so that all take as long.
 */
import type { User } from "../state/entities.ts";
import type { ReadModel } from "../state/read-model.ts";
import { addressOf } from "./attempt-buckets.ts";
import type { FailedSignIns } from "./failed-sign-ins.ts";
import { verifyPassword } from "./passwords.ts";

export type PresentedPassword = {
  /** User principal name, in any case; it need not be anybody's. */
  readonly username: string;
  readonly password: string;
  /** As the socket has it. */
  readonly remoteAddress: string | undefined;
  readonly now: Date;
};

export type PasswordVerdict =
  /** The account was guessed at too often, or the address failed too often: the password was not looked at. */
  | { readonly kind: "locked" }
  | { readonly kind: "unknown" }
  | { readonly kind: "wrong" }
  /** Whether the account is enabled, and whether the password must be changed, is for the caller to ask. */
  | { readonly kind: "right"; readonly user: User };

export async function judgePassword(
  model: ReadModel,
  failedSignIns: FailedSignIns,
  { username, password, remoteAddress, now }: PresentedPassword,
): Promise<PasswordVerdict> {
  const name = username.toLowerCase();
  const user = model.users.findOne("userPrincipalName", name);
  const leave = failedSignIns.begin(user?.id ?? name, user !== undefined, addressOf(remoteAddress), now);
  if (leave === undefined) return { kind: "locked" };
  let right: User | undefined;
  try {
    const isSame = await verifyPassword(password, user?.passwordHash);
    // The row may have changed while the hash was computed.
    const current = user === undefined ? undefined : model.users.get(user.id);
    if (isSame && current?.passwordHash === user?.passwordHash) right = current;
  } finally {
    if (right === undefined) leave.fail(password);
    else leave.succeed();
  }
  if (right !== undefined) return { kind: "right", user: right };
  return user === undefined ? { kind: "unknown" } : { kind: "wrong" };
}
