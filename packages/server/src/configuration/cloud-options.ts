/**
 * From the configuration to what the cloud is started with: defaults, units, and the files that settings name.
 *
 * Owns: the defaults that depend on one another, and that secrets come out of files that their owner alone may read. May use: files.
 */
import { resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { isLoopbackHost, parseAuthority } from "../edge/authority.ts";
import { edgeLimits } from "../edge/limits.ts";
import { defaultLoadLimits } from "../front.ts";
import type { Rate } from "../guard/rate-limits.ts";
import { readOwnFile } from "../own-file.ts";
import { sealingKeyBytes } from "../secret-files.ts";
import { ConfigurationFault } from "./read-configuration.ts";
import type { Configuration } from "./settings.ts";

const defaultPort = 10_443;
const defaultListen = "127.0.0.1";
/** Azurite's. @see https://learn.microsoft.com/azure/storage/common/storage-connect-azurite */
const defaultDevelopmentPort = 10_000;
const mib = 1024 * 1024;
const defaultAccessLogMib = 64;
const defaultAccessLogKept = 5;
/** Where others reach this server; our choice: far above what an app or a team's job asks, and a small part of what a server can. */
const defaultTokenRate = 500;
const defaultPlaneRate = 1_000;
/** A burst is so many seconds' worth of the rate, unless it is said. */
const burstSeconds = 10;
/** Fewest characters of the token for metrics; it guards no more than numbers, and must still not be guessed. Our choice. */
const minAdminTokenChars = 16;

/** @throws ConfigurationFault for what does not go together or cannot be read. */
export function cloudOptionsOf(configuration: Configuration) {
  const { state, listen = defaultListen, port = defaultPort } = configuration;
  if (state === undefined) throw new ConfigurationFault("--state is needed: the folder that everything is kept in");
  const isLoopback = isLoopbackHost(listen.replace(/^\[|\]$/g, ""));
  return {
    stateDir: resolve(state),
    port,
    listenHost: listen,
    isOffline: configuration.offline ?? false,
    canTunnelForOthers: configuration.tunnelForOthers ?? false,
    tokenReuseSeconds: configuration.tokenReuseSeconds,
    sealingKey: readKey(configuration.keyFile),
    previousSealingKey: readKey(configuration.previousKeyFile),
    database: readDatabase(configuration),
    developmentPort: readDevelopmentPort(configuration, isLoopback),
    admin: readAdmin(configuration),
    front: {
      load: {
        maxRequests: configuration.maxRequests ?? defaultLoadLimits.maxRequests,
        maxBodyBytes:
          configuration.maxBodyMib === undefined ? defaultLoadLimits.maxBodyBytes : configuration.maxBodyMib * mib,
        maxDelayMs: configuration.maxLoopDelayMs ?? defaultLoadLimits.maxDelayMs,
        maxHeapPercent: configuration.maxHeapPercent ?? defaultLoadLimits.maxHeapPercent,
      },
      rates: {
        tokens: rateOf(configuration.tokenRate ?? (isLoopback ? 0 : defaultTokenRate), configuration.tokenBurst),
        planes: rateOf(configuration.planeRate ?? (isLoopback ? 0 : defaultPlaneRate), configuration.planeBurst),
      },
      accessLog: readAccessLog(configuration),
    },
    edgeLimits: {
      maxConnections: configuration.maxConnections ?? edgeLimits.maxConnections,
      headersTimeoutMs: millis(configuration.headersTimeoutSeconds) ?? edgeLimits.headersTimeoutMs,
      keepAliveTimeoutMs: millis(configuration.keepAliveSeconds) ?? edgeLimits.keepAliveTimeoutMs,
      drainTimeoutMs: millis(configuration.drainSeconds) ?? edgeLimits.drainTimeoutMs,
    },
    awaitDrain: () => pause(millis(configuration.drainDelaySeconds) ?? 0),
  };
}

function millis(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1000;
}

function rateOf(perSecond: number, burst = burstSeconds * perSecond): Rate {
  return { perSecond, burst: Math.max(1, burst) };
}

function readAccessLog({ accessLog, accessLogMaxMib, accessLogKept }: Configuration) {
  if (accessLog === undefined) return undefined;
  return {
    path: accessLog === "-" ? accessLog : resolve(accessLog),
    maxBytes: (accessLogMaxMib ?? defaultAccessLogMib) * mib,
    keptFiles: accessLogKept ?? defaultAccessLogKept,
  };
}

function readDatabase(configuration: Configuration) {
  const { database: url, databaseKeyFile: keyFile, databasePasswordFile: passwordFile, blobFolder } = configuration;
  if (url === undefined) {
    if (blobFolder === undefined) return undefined;
    throw new ConfigurationFault("--blob-folder is for servers that share a --database");
  }
  if (hasPassword(url)) {
    throw new ConfigurationFault(
      "--database must not hold a password, which others could see: put it into the file of --database-password-file",
    );
  }
  if (keyFile === undefined) {
    throw new ConfigurationFault(
      "--database needs --database-key-file: 32 random bytes as base64 (openssl rand -base64 32)",
    );
  }
  return { url, keyFile, passwordFile, blobFolder: blobFolder === undefined ? undefined : resolve(blobFolder) };
}

/** The account's key is known to everybody, so nobody from elsewhere may reach it; and it is of one server's folder. */
function readDevelopmentPort(configuration: Configuration, isLoopback: boolean): number | undefined {
  const { developmentAccount = false, developmentPort, database } = configuration;
  if (!developmentAccount) {
    if (developmentPort === undefined) return undefined;
    throw new ConfigurationFault("--development-port goes with --development-account");
  }
  if (!isLoopback) {
    throw new ConfigurationFault(
      "--development-account is for this machine alone, because everybody knows its key: leave --listen out",
    );
  }
  if (database !== undefined)
    throw new ConfigurationFault("--development-account is not for servers with a --database");
  return developmentPort ?? defaultDevelopmentPort;
}

function hasPassword(url: string): boolean {
  if (!URL.canParse(url)) return /:\/\/[^/]*:[^/]*@/.test(url);
  const { password, searchParams } = new URL(url);
  return password !== "" || searchParams.has("password");
}

function readAdmin({ adminListen, adminTokenFile }: Configuration) {
  if (adminListen === undefined) return undefined;
  // Port 0 (any) is no authority's port.
  const anyPort = /^(.+):0$/.exec(adminListen)?.[1];
  const place = parseAuthority(anyPort ?? adminListen);
  if (place === undefined || (anyPort === undefined && place.port === undefined))
    throw new ConfigurationFault("--admin-listen takes HOST:PORT, e.g. 127.0.0.1:9464");
  const token = adminTokenFile === undefined ? undefined : readToken(adminTokenFile);
  if (token === undefined && !isLoopbackHost(place.host))
    throw new ConfigurationFault(
      "--admin-listen beyond loopback needs --admin-token-file: metrics are not for strangers",
    );
  return { host: place.host, port: anyPort === undefined ? place.port! : 0, token };
}

function readKey(file: string | undefined): Buffer | undefined {
  if (file === undefined) return undefined;
  const key = Buffer.from(readOwnFile(file).trim(), "base64");
  if (key.length === sealingKeyBytes) return key;
  throw new ConfigurationFault(
    `${file} must hold ${sealingKeyBytes} random bytes as base64 (openssl rand -base64 ${sealingKeyBytes})`,
  );
}

function readToken(file: string): string {
  const token = readOwnFile(file).trim();
  if (token.length >= minAdminTokenChars && /^[\x21-\x7e]+$/.test(token)) return token;
  throw new ConfigurationFault(`${file} must hold a token of ${minAdminTokenChars} characters or more`);
}
