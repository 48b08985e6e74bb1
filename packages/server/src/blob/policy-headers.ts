/** Immutability policies and legal holds as headers give them: by operations of their own, or with a write. */
import { parseHttpDate } from "./condition-headers.ts";
import type { BlobState, ImmutabilityPolicy } from "./engine/model.ts";
import { invalidHeader } from "./errors.ts";
import type { RequestHeaders } from "./request-headers.ts";

/** @throws StorageError `MissingRequiredHeader`, `InvalidHeaderValue`. */
export function readTime(headers: RequestHeaders, name: string): number {
  const value = headers.require(name);
  const timeMs = parseHttpDate(value) ?? Date.parse(value);
  if (Number.isNaN(timeMs)) throw invalidHeader(name, value);
  return timeMs;
}

/** A policy as a request's headers give it. @throws StorageError for a time that has passed. */
export function readPolicy(headers: RequestHeaders, nowMs: number): ImmutabilityPolicy {
  const untilMs = readTime(headers, "x-ms-immutability-policy-until-date");
  if (untilMs <= nowMs)
    throw invalidHeader("x-ms-immutability-policy-until-date", headers.require("x-ms-immutability-policy-until-date"));
  const mode = headers.text("x-ms-immutability-policy-mode") ?? "Unlocked";
  if (!/^(?:un)?locked$/i.test(mode)) throw invalidHeader("x-ms-immutability-policy-mode", mode);
  return { untilMs, mode: mode.toLowerCase() === "locked" ? "Locked" : "Unlocked" };
}

/** What a write keeps its blob by. @throws StorageError `InvalidHeaderValue`, `MissingRequiredHeader`. */
export function readKept(headers: RequestHeaders, nowMs: number): Pick<BlobState, "immutability" | "hasLegalHold"> {
  const hold = headers.text("x-ms-legal-hold")?.toLowerCase() ?? "false";
  if (hold !== "true" && hold !== "false") throw invalidHeader("x-ms-legal-hold", hold);
  const hasPolicy = headers.has("x-ms-immutability-policy-until-date") || headers.has("x-ms-immutability-policy-mode");
  return {
    ...(hasPolicy ? { immutability: readPolicy(headers, nowMs) } : {}),
    ...(hold === "true" ? { hasLegalHold: true } : {}),
  };
}
