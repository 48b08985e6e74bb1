import assert from "node:assert/strict";
import { test } from "node:test";
import { compileNoProxy, parseUpstreamProxy } from "./upstream-proxy.ts";

test("a proxy URL gives host, port, scheme and credentials", () => {
  const plain = parseUpstreamProxy("http://proxy.example:3128");
  assert.deepEqual(
    [plain.host, plain.port, plain.isSecure, plain.authorization],
    ["proxy.example", 3128, false, undefined],
  );
  const bare = parseUpstreamProxy("proxy.example");
  assert.deepEqual([bare.host, bare.port], ["proxy.example", 80]);
  const secure = parseUpstreamProxy("https://al%40ice:p%3Aw@[::1]");
  assert.deepEqual([secure.host, secure.port, secure.isSecure], ["::1", 443, true]);
  assert.equal(Buffer.from(secure.authorization!.slice("Basic ".length), "base64").toString(), "al@ice:p:w");
  assert.equal(
    Buffer.from(parseUpstreamProxy("http://u:100%@h").authorization!.slice(6), "base64").toString(),
    "u:100%",
  );
});

test("a bad proxy URL is refused without repeating it", () => {
  for (const url of ["socks5://u:hunter2@h:1", "http://u:hunter2@", "http://u:hunter2@h:99999", ""]) {
    assert.throws(
      () => parseUpstreamProxy(url),
      (error: Error) => !error.message.includes("hunter2"),
      url,
    );
  }
});

test("NO_PROXY exempts names with what is below them, addresses, ranges and ports", () => {
  const isExempt = compileNoProxy(
    "example.com, .corp.test *.wild.test 10.0.0.0/8,192.168.1.5 ports.test:8080,::1,fd00::/8,bad entry/,/64",
  );
  const exempt: [string, number][] = [
    ["example.com", 443],
    ["a.example.com", 443],
    ["x.corp.test", 1],
    ["corp.test", 1],
    ["y.wild.test", 1],
    ["10.255.0.1", 1],
    ["192.168.1.5", 1],
    ["ports.test", 8080],
    ["::1", 1],
    ["fd12::1", 1],
  ];
  const others: [string, number][] = [
    ["notexample.com", 443],
    ["example.com.test", 443],
    ["11.0.0.1", 1],
    ["192.168.1.55", 1],
    ["x.192.168.1.5", 1],
    ["ports.test", 80],
    ["::2", 1],
  ];
  for (const [host, port] of exempt) assert.equal(isExempt({ host, port }), true, host);
  for (const [host, port] of others) assert.equal(isExempt({ host, port }), false, host);
  assert.equal(compileNoProxy("*")({ host: "any.test", port: 1 }), true);
  assert.equal(compileNoProxy("")({ host: "any.test", port: 1 }), false);
});
