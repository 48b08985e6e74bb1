import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { emptyPlaces, fillClaimsText, writeClaimsText } from "./claims-text.ts";

type Filling = { readonly validity: typeof emptyPlaces.validity; readonly marks: typeof emptyPlaces.marks };

/** The members in the order of claims.ts, with free texts between them as a directory may hold. */
function claims(names: readonly string[], roles: readonly string[], { validity, marks }: Filling) {
  const [audience, displayName, last] = names;
  return {
    aud: audience,
    iat: validity.notBefore,
    nbf: validity.notBefore,
    exp: validity.expiresAt,
    app_displayname: displayName,
    rh: marks.revocationHint,
    roles,
    uti: marks.tokenId,
    last,
  };
}

const seconds = fc.integer({ min: 1, max: 99_999_999_999 });
const mark = fc.stringMatching(/^[A-Za-z0-9_.-]{0,50}$/);
/** Among them what looks like a place. */
const name = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom('"rh":""', '\\"uti\\":\\"\\"', '"iat":0,"nbf":0,"exp":0', '","rh":"","uti":"'),
);

test("a text whose places are filled reads as the claims written out, whatever the names in it look like", () => {
  fc.assert(
    fc.property(
      fc.array(name, { minLength: 3, maxLength: 3 }),
      fc.array(name, { maxLength: 3 }),
      fc.record({ notBefore: seconds, expiresAt: seconds }),
      fc.record({ tokenId: mark, revocationHint: mark }),
      (names, roles, validity, marks) => {
        const text = writeClaimsText(claims(names, roles, emptyPlaces));
        const filled = fillClaimsText(text, validity, marks);
        assert.equal(filled, JSON.stringify(claims(names, roles, { validity, marks } as unknown as Filling)));
        assert.equal(text.empty, JSON.stringify(claims(names, roles, emptyPlaces)));
      },
    ),
  );
});

test("claims that leave no place are a defect, not a token without an end", () => {
  assert.throws(() => writeClaimsText({ aud: "a", iat: 0, nbf: 0, rh: "", uti: "" }), /without a place/);
  assert.throws(() => writeClaimsText({ iat: 0, nbf: 0, exp: 0, uti: "", rh: "" }), /without a place/);
});
