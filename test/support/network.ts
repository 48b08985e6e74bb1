/**
 * A network of a test's own: hosts are network namespaces, wires are pairs of virtual Ethernet devices between them, which can be unplugged, made to
 * swallow everything, slowed down or narrowed. Linux, as root.
 *
 * Owns: the namespaces and what runs the commands that make them. May use: iproute2; iptables for what is swallowed without a word.
 */
import { execFileSync, spawnSync } from "node:child_process";

const run = (...command: string[]): void => {
  execFileSync(command[0]!, command.slice(1), { stdio: ["ignore", "pipe", "pipe"] });
};
const works = (...command: string[]): boolean =>
  spawnSync(command[0]!, command.slice(1), { stdio: "ignore" }).status === 0;

/** Why there are no networks to test with, or false. */
export const networksMissing: string | false = whyMissing();

function whyMissing(): string | false {
  if (process.getuid?.() !== 0) return "network namespaces take root";
  const probe = `postern${process.pid}`;
  if (!works("ip", "netns", "add", probe)) return "this machine permits no network namespaces (or has no iproute2)";
  run("ip", "netns", "del", probe);
  return false;
}

/** A place that has a network of its own; `undefined` stands for the test's own. */
export type Host = {
  readonly name: string;
  /** What a command is to be preceded by, so as to run there. */
  readonly within: readonly string[];
};

export type Wire = {
  /** Where each end is reached from the other. */
  readonly near: string;
  readonly far: string;
  /** Takes the cable out: connections notice when they send. */
  unplug(): void;
  /** Swallows whatever comes, both ways; nobody is told. */
  swallow(): void;
  /** Delays each packet where the kernel can, else narrows the wire so that packets queue. @returns what was done, in words. */
  hamper(): string;
  /** Undoes all of these. */
  mend(): void;
};

/** How a wire is hampered: a delay as between continents; or a rate at which one commit takes a fifth of a second. */
const delayMs = 150;
const narrowKbit = 256;

export class TestNetwork {
  readonly #prefix = `pn${process.pid % 100_000}`;
  readonly #hosts: string[] = [];
  readonly #devices: string[] = [];
  #wires = 0;

  addHost(name: string): Host {
    const namespace = `${this.#prefix}-${name}`;
    run("ip", "netns", "add", namespace);
    this.#hosts.push(namespace);
    const within = ["ip", "netns", "exec", namespace];
    run(...within, "ip", "link", "set", "lo", "up");
    return { name: namespace, within };
  }

  /** Lays a wire between two hosts, or from here to one. */
  connect(near: Host | undefined, far: Host): Wire {
    const number = ++this.#wires;
    const [nearDevice, farDevice] = [`${this.#prefix}w${number}a`, `${this.#prefix}w${number}b`];
    const [nearAddress, farAddress] = [`10.211.${number}.1`, `10.211.${number}.2`];
    run("ip", "link", "add", nearDevice, "type", "veth", "peer", "name", farDevice);
    if (near === undefined) this.#devices.push(nearDevice);
    const ends = [
      { host: near, device: nearDevice, address: nearAddress, peer: farAddress },
      { host: far, device: farDevice, address: farAddress, peer: nearAddress },
    ];
    for (const { host, device, address } of ends) {
      if (host !== undefined) run("ip", "link", "set", device, "netns", host.name);
      run(...(host?.within ?? []), "ip", "addr", "add", `${address}/30`, "dev", device);
      run(...(host?.within ?? []), "ip", "link", "set", device, "up");
    }
    const atFar = (...command: string[]) => works(...far.within, ...command);
    const filter = (what: "-A" | "-D") => {
      const rules = [
        ["INPUT", "-i"],
        ["OUTPUT", "-o"],
      ].map(([chain, side]) => atFar("iptables", what, chain!, side!, farDevice, "-j", "DROP"));
      return rules.every((isDone) => isDone);
    };
    let isSwallowing = false;
    return {
      near: nearAddress,
      far: farAddress,
      unplug: () => run(...far.within, "ip", "link", "set", farDevice, "down"),
      swallow: () => {
        isSwallowing = filter("-A");
        if (!isSwallowing) throw new Error("iptables cannot swallow packets here (Debian: iptables)");
      },
      hamper: () => {
        const ways: [string, string[]][] = [
          [`delayed by ${delayMs} ms`, ["netem", "delay", `${delayMs}ms`, `${delayMs / 3}ms`]],
          [
            `narrowed to ${narrowKbit} kbit/s`,
            ["tbf", "rate", `${narrowKbit}kbit`, "burst", "16kbit", "latency", "3s"],
          ],
        ];
        for (const [words, discipline] of ways) {
          const isDone = ends.map(({ host, device }) =>
            works(...(host?.within ?? []), "tc", "qdisc", "replace", "dev", device, "root", ...discipline),
          );
          if (isDone.every(Boolean)) return words;
        }
        throw new Error("the kernel has neither netem nor tbf");
      },
      mend: () => {
        if (isSwallowing) filter("-D");
        isSwallowing = false;
        for (const { host, device } of ends)
          works(...(host?.within ?? []), "tc", "qdisc", "del", "dev", device, "root");
        run(...far.within, "ip", "link", "set", farDevice, "up");
      },
    };
  }

  dispose(): void {
    for (const device of this.#devices) works("ip", "link", "del", device);
    for (const host of this.#hosts) works("ip", "netns", "del", host);
  }
}
