/**
 * Numbers of Entra's that nothing here answers, each with the reason. docs/errors.md prints them, and test/access/aadsts.test.ts holds that every
 * number of Entra's is either provoked there or named here.
 */
export const unansweredAadsts: Readonly<Record<number, string>> = {
  50001:
    "Entra answers with the narrower 500011 (no such resource) and 500014 (a disabled one), and so does this server.",
  50020:
    "It is about accounts of another identity provider or tenant; this cloud has one tenant and its own accounts only.",
  50076: "It asks for a second factor; there is none here.",
  50079: "It asks to enrol a second factor; there is none here.",
  50196: "Nothing here counts how often a client asks for the same token: tests and benchmarks do that on purpose.",
  53000: "It is a Conditional Access policy's answer about a device; there are no such policies here.",
  53003: "It is a Conditional Access policy's answer; there are no such policies here.",
  70001:
    "Entra answers with the narrower 700016 (no such application) and 7000112 (a disabled one), and so does this server.",
  70002:
    "It is the wrapper that the first endpoints put around a wrong credential; today's answer 7000215, 7000218 and 50126 as they are.",
  70043: "It is a Conditional Access policy's answer about how often to sign in; there are no such policies here.",
  530003: "It is a Conditional Access policy's answer about a device; there are no such policies here.",
  530032: "It is the answer of a tenant's security policy; there are no such policies here.",
  700011: "An application that is not in the directory is answered 700016, as Entra's endpoints do.",
  700081:
    "A single-page app's refresh token that is too old is answered with the newer 700084; no other has a longest life.",
  7000113:
    "An application's own token presented on behalf of a person is answered 7000114, the number that is documented.",
};
