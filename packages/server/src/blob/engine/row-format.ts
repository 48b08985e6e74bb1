/** How the text columns of a metadata row are written and read. */
import type { BlobSettings, Metadata } from "./model.ts";

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
