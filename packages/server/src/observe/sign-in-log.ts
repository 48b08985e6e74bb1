/**
 * The latest sign-ins, in bounded memory that is written over in place.
 *
 * A busy token endpoint records tens of thousands a second, each kept for a fraction of a second: as objects of their own they would all be carried into the
 * old generation, to die there, and the collector would be at work all the time. Here a record costs nothing new: its two ids stand as bytes in one
 * buffer, and all else is text that many records share. Owns: those places. May use: the record kinds.
 */
import type { SignInRecord } from "./records.ts";

/** A GUID's text, in characters, each of them one byte. */
const idBytes = 36;
/** Of one record: its request's id and its correlation id. */
const idsBytes = 2 * idBytes;

/** An id stands here only when it is none of a GUID's length; else it is undefined and stands in the buffer. */
type Place = {
  -readonly [Name in keyof SignInRecord]: SignInRecord[Name] | (Name extends IdName ? undefined : never);
};
type IdName = "requestId" | "correlationId";

export class SignInLog {
  readonly #maxRecords: number;
  readonly #places: Place[] = [];
  readonly #ids: Buffer;
  #next = 0;

  constructor(maxRecords: number) {
    this.#maxRecords = maxRecords;
    this.#ids = Buffer.alloc(maxRecords * idsBytes);
  }

  /**
   * Writes a record down, over the oldest when there is no more room.
   * @param appId stands, as does `resource`, in place of the record's, which may be a part of a larger text.
   */
  add(record: SignInRecord, appId: string, resource: string): void {
    const index = this.#next;
    this.#next = (index + 1) % this.#maxRecords;
    const requestId = this.#keepId(record.requestId, index * idsBytes);
    const correlationId = this.#keepId(record.correlationId, index * idsBytes + idBytes);
    const place = this.#places[index];
    if (place === undefined) {
      this.#places.push({ ...record, requestId, correlationId, appId, resource });
      return;
    }
    place.time = record.time;
    place.requestId = requestId;
    place.correlationId = correlationId;
    place.appId = appId;
    place.principalId = record.principalId;
    place.userPrincipalName = record.userPrincipalName;
    place.resource = resource;
    place.grant = record.grant;
    place.credentialKeyId = record.credentialKeyId;
    place.errorCode = record.errorCode;
  }

  /** @returns what is to stand in the record's place. */
  #keepId(id: string, start: number): string | undefined {
    if (id.length !== idBytes) return id;
    this.#ids.write(id, start, "latin1");
    return undefined;
  }

  #idAt(kept: string | undefined, start: number): string {
    return kept ?? this.#ids.toString("latin1", start, start + idBytes);
  }

  /** Oldest first. */
  list(): SignInRecord[] {
    const { length } = this.#places;
    const first = length < this.#maxRecords ? 0 : this.#next;
    return this.#places.map((_, count) => this.#read((first + count) % length));
  }

  #read(index: number): SignInRecord {
    const place = this.#places[index]!;
    const start = index * idsBytes;
    return {
      ...place,
      requestId: this.#idAt(place.requestId, start),
      correlationId: this.#idAt(place.correlationId, start + idBytes),
    };
  }
}
