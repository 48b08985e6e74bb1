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
