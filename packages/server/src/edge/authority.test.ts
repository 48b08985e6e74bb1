import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { formatAuthority, isLoopbackHost, isMetadataHost, parseAuthority } from "./authority.ts";

test("a host comes out in one normal form", () => {
  const cases: [string, string, number | undefined][] = [
    ["login.microsoftonline.com", "login.microsoftonline.com", undefined],
    ["LOGIN.MicrosoftOnline.com:443", "login.microsoftonline.com", 443],
    ["localhost.:8443", "localhost", 8443],
    ["127.0.0.1:1", "127.0.0.1", 1],
    ["[::1]", "::1", undefined],
    ["[0:0:0:0:0:0:0:1]:65535", "::1", 65535],
  ];
  for (const [text, host, port] of cases) assert.deepEqual(parseAuthority(text), { host, port }, text);
});

test("what is not a host and a port is refused", () => {
  const cases = [
    "",
    ".",
    ":443",
    "a..b",
    "a.com:",
    "a.com:0",
    "a.com:65536",
    "a.com:1e3",
    "user@a.com",
    "user:pw@a.com:1",
    "a.com/x",
    "a b",
    "a.com\n",
    "::1",
    "[::1",
    "[::1]x",
    "[fe80::1%25eth0]",
    "[1.2.3.4]",
    "-a.com",
    `${"a".repeat(64)}.com`,
    `${"a.".repeat(127)}a`,
    "a.com:443:443",
    "https://a.com",
    "é.com",
  ];
  for (const text of cases) assert.equal(parseAuthority(text), undefined, JSON.stringify(text));
});

test("formatting and parsing are inverse, and no text makes the parser throw", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.domain(),
        fc.ipV4(),
        fc.ipV6().map((a) => `[${a}]`),
      ),
      fc.integer({ min: 1, max: 65535 }),
      (host, port) => {
        const parsed = parseAuthority(`${host}:${port}`);
        if (!parsed) return; // domains of fast-check may be longer than ours
        assert.deepEqual(parseAuthority(formatAuthority(parsed, 0)), parsed);
        assert.deepEqual(parseAuthority(formatAuthority(parsed, port)), { host: parsed.host, port: undefined });
      },
    ),
  );
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => parseAuthority(text) === undefined || text.length > 0),
  );
});

test("metadata services are known in every way of writing them", () => {
  for (const host of [
    "169.254.169.254",
    "169.254.0.1",
    "::ffff:169.254.169.254",
    "fe80::1",
    "fd00:ec2::254",
    "metadata.google.internal",
    "168.63.129.16",
  ]) {
    assert.equal(isMetadataHost(parseAuthority(host.includes(":") ? `[${host}]` : host)!.host), true, host);
  }
  for (const host of ["169.253.1.1", "fd00::1", "example.com", "127.0.0.1", "169.254.169.254.example.com"])
    assert.equal(isMetadataHost(host), false, host);
});

test("loopback is the name and the addresses, and no name that only begins or ends so", () => {
  for (const host of ["localhost", "127.0.0.1", "127.255.1.2", "::1", "::ffff:127.0.0.1"])
    assert.equal(isLoopbackHost(host), true, host);
  for (const host of ["localhost.example.com", "128.0.0.1", "::2", "127.0.0.1.example.com"])
    assert.equal(isLoopbackHost(host), false, host);
});
