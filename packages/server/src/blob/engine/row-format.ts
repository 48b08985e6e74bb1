/** How the text columns of a metadata row are written and read. */
import type { BlobSettings, BlobState, ContainerAccess, ContainerState, Metadata, Tags } from "./model.ts";
import { noAccess } from "./model.ts";

export function encodeSettings(settings: BlobSettings): string {
  const { contentType, contentEncoding, contentLanguage, contentDisposition, cacheControl, contentMd5 } = settings;
  return JSON.stringify([contentType, contentMd5, contentEncoding, contentLanguage, contentDisposition, cacheControl]);
}

export function decodeSettings(text: string): BlobSettings {
  const [contentType, contentMd5, contentEncoding, contentLanguage, contentDisposition, cacheControl] = JSON.parse(
    text,
  ) as (string | null)[];
  return {
    contentType: contentType ?? null,
    contentEncoding: contentEncoding ?? null,
    contentLanguage: contentLanguage ?? null,
    contentDisposition: contentDisposition ?? null,
    cacheControl: cacheControl ?? null,
    contentMd5: contentMd5 ?? null,
  };
}

/** Settings as they are written, taken apart at their MD5: in most listings neighbours differ in nothing else. */
export class SettingsFrame {
  readonly #text: string;
  readonly #md5: string | null;
  /** "" for settings without an MD5, which stand for themselves only. */
  readonly #before: string = "";
  readonly #after: string = "";

  constructor(text: string) {
    const { contentType, contentMd5 } = decodeSettings(text);
    this.#text = text;
    this.#md5 = contentMd5;
    const before = `[${JSON.stringify(contentType)},"`;
    if (contentMd5 === null || !text.startsWith(`${before}${contentMd5}"`)) return;
    this.#before = before;
    this.#after = text.slice(before.length + contentMd5.length);
  }

  /** Whether settings are the same but for the MD5. */
  holds(text: string): boolean {
    if (text.length !== this.#text.length) return false;
    if (text === this.#text) return true;
    return this.#before !== "" && text.startsWith(this.#before) && text.endsWith(this.#after);
  }

  /** The MD5 of settings that it holds. */
  md5Of(text: string): string | null {
    return this.#before === "" ? this.#md5 : text.slice(this.#before.length, -this.#after.length);
  }
}

export function encodeMetadata(metadata: Metadata): string {
  return metadata.length === 0 ? "" : JSON.stringify(metadata);
}

export function decodeMetadata(text: string): Metadata {
  return text === "" ? [] : (JSON.parse(text) as Metadata);
}

export const encodeTags: (tags: Tags) => string = encodeMetadata;
export const decodeTags: (text: string) => Tags = decodeMetadata;

const noState: BlobState & ContainerState = Object.freeze({});

/** A row that has nothing special has an empty column: most have. */
export function encodeState(state: BlobState | ContainerState): string {
  const text = JSON.stringify(state);
  return text === "{}" ? "" : text;
}

export function decodeState<State extends BlobState | ContainerState>(text: string): State {
  return (text === "" ? noState : JSON.parse(text)) as State;
}

export function encodeAccess(access: ContainerAccess): string {
  return access.publicAccess === null && access.policies.length === 0 ? "" : JSON.stringify(access);
}

export function decodeAccess(text: string): ContainerAccess {
  return text === "" ? noAccess : (JSON.parse(text) as ContainerAccess);
}
