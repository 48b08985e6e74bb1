/**
 * The claims of an access token as text, with places left for what differs from one token to the next: its times and its marks.
 *
 * Most of what a token says is the same for the same client and resource until the directory changes; written out once, the next token is made by
 * filling the places in. Owns: the places. May use: claims.ts's shapes. Pure.
 */
import type { TokenMarks, Validity } from "./claims.ts";

/** What stands in the places while they are empty. */
export const emptyPlaces = {
  validity: { notBefore: 0, expiresAt: 0 },
  marks: { tokenId: "", revocationHint: "" },
} as const satisfies { readonly validity: Validity; readonly marks: TokenMarks };

export type ClaimsText = {
  /** The whole text, its places empty. */
  readonly empty: string;
  /** What stands before, between and after the places. */
  readonly parts: readonly [string, string, string, string];
};

/** In the order in which claims.ts writes them. Inside a JSON string no quotation mark stands without a backslash, so no name can look like a place. */
const places = ['"iat":0,"nbf":0,"exp":0', '"rh":""', '"uti":""'] as const;

/** @param claims of an access token, with {@link emptyPlaces} for its times and marks. @throws when they are not there, which would be a defect. */
export function writeClaimsText(claims: Readonly<Record<string, unknown>>): ClaimsText {
  const empty = JSON.stringify(claims);
  const parts: string[] = [];
  let start = 0;
  for (const place of places) {
    const at = empty.indexOf(place, start);
    if (at < 0) throw new Error(`claims without a place for ${place}`);
    parts.push(empty.slice(start, at));
    start = at + place.length;
  }
  return { empty, parts: [parts[0]!, parts[1]!, parts[2]!, empty.slice(start)] };
}

/** @param marks in the letters of base64url and full stops, which JSON writes as they are. */
export function fillClaimsText(
  { parts: [before, afterTimes, afterHint, end] }: ClaimsText,
  { notBefore, expiresAt }: Validity,
  { tokenId, revocationHint }: TokenMarks,
): string {
  return `${before}"iat":${notBefore},"nbf":${notBefore},"exp":${expiresAt}${afterTimes}"rh":"${revocationHint}"${afterHint}"uti":"${tokenId}"${end}`;
}
