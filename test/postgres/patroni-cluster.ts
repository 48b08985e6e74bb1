/**
 * A PostgreSQL that fails over by itself: two servers with synchronous replication under Patroni, which elect their primary in etcd, and an HAProxy that
 * leads to it. All of Debian's packages, on loopback, in a temporary folder.
 *
 * Owns: the three programs' settings. PostgreSQL and Patroni refuse to run as root, so root lends them the postgres user.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findFreePort, makeQuery, type PostgresServer } from "../support/postgres-server.ts";
import { until } from "./replica-pair.ts";

const programs = ["/usr/bin/patroni", "/usr/bin/etcd", "/usr/sbin/haproxy", "/usr/lib/postgresql/15/bin/initdb"];
const absent = programs.filter((program) => !existsSync(program));

/** Why there is no such cluster to test with, or false. */
export const patroniMissing: string | false =
  process.getuid?.() !== 0
    ? "Patroni as another user takes root"
    : absent.length > 0 &&
      `${absent.join(", ")} not there (Debian: patroni etcd-server haproxy; test/debian/install.sh long)`;

const password = "a test's own";

type Node = {
  readonly name: string;
  readonly port: number;
  readonly restPort: number;
  readonly data: string;
  readonly file: string;
  patroni: ChildProcess | undefined;
};

export type PatroniCluster = Pick<PostgresServer, "port" | "password" | "createDatabase" | "query"> & {
  /** Starts a node, or starts it again; it joins by itself. */
  startNode(node: "one" | "other"): void;
  /** Which node is primary, once one is and the other follows it synchronously (or is down, when `alone`). */
  findPrimary(alone?: boolean): Promise<"one" | "other">;
  /** kill -9 of the primary's server; with `machine` of what watches it as well. */
  killPrimary(machine: boolean): Promise<void>;
  dispose(): void;
};

/** Connections in a row that must lead to the primary: round robin would lead every other one elsewhere. */
const leastInTurn = 8;

/** Seconds. Patroni's least for `ttl` is 20: so long a primary is believed in that says nothing any more. */
const timing = { ttl: 20, loop_wait: 2, retry_timeout: 5 };

function settingsOf(node: Node, etcdPort: number, folder: string): object {
  const access = { superuser: { username: "postern", password }, replication: { username: "standby", password } };
  return {
    ...{ scope: "postern-test", name: node.name, log: { level: "WARNING" } },
    restapi: { listen: `127.0.0.1:${node.restPort}`, connect_address: `127.0.0.1:${node.restPort}` },
    etcd3: { host: `127.0.0.1:${etcdPort}` },
    bootstrap: {
      // A primary that is gone is not waited for: the other takes over.
      dcs: {
        ...timing,
        ...{ synchronous_mode: true, primary_start_timeout: 0, master_start_timeout: 0, maximum_lag_on_failover: 0 },
        postgresql: { use_pg_rewind: true, parameters: { fsync: "off", max_connections: 60 } },
      },
      initdb: [{ encoding: "UTF8" }, "no-sync"],
    },
    postgresql: {
      ...{ listen: `127.0.0.1:${node.port}`, connect_address: `127.0.0.1:${node.port}`, data_dir: node.data },
      ...{ bin_dir: "/usr/lib/postgresql/15/bin", pgpass: `${node.data}.pass`, authentication: access },
      pg_hba: ["host replication standby 127.0.0.1/32 scram-sha-256", "host all all 127.0.0.1/32 scram-sha-256"],
      parameters: { unix_socket_directories: folder, password_encryption: "scram-sha-256" },
    },
  };
}

function balancerSettings(port: number, nodes: readonly Node[]): string {
  const servers = nodes.map(
    (node) =>
      `  server ${node.name} 127.0.0.1:${node.port} check port ${node.restPort} inter 500 fall 2 rise 1 on-marked-down shutdown-sessions`,
  );
  return [
    ...[
      "defaults",
      "  mode tcp",
      "  timeout connect 2s",
      "  timeout client 1h",
      "  timeout server 1h",
      "listen primary",
    ],
    ...[`  bind 127.0.0.1:${port}`, "  option httpchk GET /primary", "  http-check expect status 200", ...servers, ""],
  ].join("\n");
}

function ask(port: number, path: string): Promise<string> {
  return new Promise((resolve) => {
    const request = get({ host: "127.0.0.1", port, path, timeout: 2000 }, (answer) => {
      let text = "";
      answer.on("data", (chunk: Buffer) => {
        text += chunk.toString();
      });
      answer.on("end", () => resolve(text));
      answer.on("error", () => resolve(""));
    });
    request.on("timeout", () => request.destroy());
    request.on("error", () => resolve(""));
  });
}

/** Starts all of it; ten seconds and more. */
export async function startPatroni(): Promise<PatroniCluster> {
  const folder = mkdtempSync(join(tmpdir(), "postern-patroni-"));
  const user = Number(execFileSync("id", ["-u", "postgres"], { encoding: "utf8" }));
  chownSync(folder, user, -1);
  const ports: number[] = [];
  for (let index = 0; index < 7; index++) ports.push(await findFreePort());
  const [etcdPort, peerPort, balancerPort] = ports as [number, number, number];
  const children: ChildProcess[] = [];
  const start = (file: string, ...args: string[]) => {
    const child = spawn(file, args, { stdio: "ignore", cwd: "/" });
    children.push(child);
    return child;
  };
  const urls = [`http://127.0.0.1:${etcdPort}`, `http://127.0.0.1:${peerPort}`] as const;
  mkdirSync(join(folder, "etcd"));
  start(
    ...(["/usr/bin/etcd", "--data-dir", join(folder, "etcd"), "--listen-client-urls", urls[0]] as const),
    ...["--advertise-client-urls", urls[0], "--listen-peer-urls", urls[1], "--initial-advertise-peer-urls", urls[1]],
    ...["--initial-cluster", `default=${urls[1]}`, "--unsafe-no-fsync", "--log-level", "error"],
  );
  const nodes = (["one", "other"] as const).map((name, index): Node => {
    const node = { name, port: ports[3 + 2 * index]!, restPort: ports[4 + 2 * index]!, patroni: undefined };
    const made = { ...node, data: join(folder, name), file: join(folder, `${name}.json`) };
    // JSON is YAML.
    writeFileSync(made.file, JSON.stringify(settingsOf(made, etcdPort, folder)), { mode: 0o600 });
    chownSync(made.file, user, -1);
    return made;
  });
  const nodeOf = (name: "one" | "other") => nodes[name === "one" ? 0 : 1]!;
  const startNode = (name: "one" | "other") => {
    const node = nodeOf(name);
    const lent = ["--reuid=postgres", "--regid=postgres", "--init-groups", "/usr/bin/patroni", node.file];
    node.patroni = start("/usr/bin/setpriv", ...lent);
  };
  const findPrimary = async (alone = false): Promise<"one" | "other"> => {
    let primary: "one" | "other" | undefined;
    await until(
      async () => {
        for (const { restPort } of nodes) {
          const text = await ask(restPort, "/cluster");
          const members = text.startsWith("{")
            ? (JSON.parse(text) as { members: { name: string; role: string; state: string }[] }).members
            : [];
          const leader = members.find(({ role, state }) => role === "leader" && state === "running");
          const isFollowed = members.some(({ role }) => role === "sync_standby");
          if (leader !== undefined && (alone || isFollowed)) primary = leader.name as "one" | "other";
        }
        return primary !== undefined;
      },
      "a primary",
      90_000,
    );
    return primary!;
  };
  const serverPid = (node: Node) => Number(readFileSync(join(node.data, "postmaster.pid"), "utf8").split("\n", 1)[0]);
  const query = makeQuery();
  const urlOf = (name: string) =>
    `postgres://postern:${encodeURIComponent(password)}@127.0.0.1:${balancerPort}/${name}`;
  let made = 0;
  startNode("one");
  await findPrimary(true);
  startNode("other");
  await findPrimary();
  const balancerFile = join(folder, "haproxy.cfg");
  writeFileSync(balancerFile, balancerSettings(balancerPort, nodes));
  start("/usr/sbin/haproxy", "-f", balancerFile, "-db");
  // A balancer takes every server for the primary until it has looked.
  let inTurn = 0;
  await until(async () => {
    const isPrimary = await query(urlOf("postgres"), "SELECT pg_is_in_recovery() AS follows").then(
      ([row]) => row!.follows === false,
      () => false,
    );
    inTurn = isPrimary ? inTurn + 1 : 0;
    return inTurn >= leastInTurn;
  }, "the way to the primary");
  return {
    ...{ port: balancerPort, password, query, startNode, findPrimary },
    createDatabase: async () => {
      const name = `trial_${++made}`;
      await query(urlOf("postgres"), `CREATE DATABASE ${name}`);
      return urlOf(name);
    },
    killPrimary: async (machine) => {
      const node = nodeOf(await findPrimary(true));
      if (machine) node.patroni?.kill("SIGKILL");
      process.kill(serverPid(node), "SIGKILL");
    },
    dispose: () => {
      // What watches goes first, or it would start its server again.
      for (const child of children.toReversed()) child.kill("SIGKILL");
      for (const node of nodes) {
        try {
          process.kill(serverPid(node), "SIGQUIT");
        } catch {
          // it is gone already
        }
      }
      rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    },
  };
}
