/** Time and chance come from outside, so that wire tests can compare bytes and rules stay pure. */
export type Ports = {
  now(): Date;
  /** A fresh lower-case GUID. */
  guid(): string;
  /** Random bytes for secrets. */
  randomBytes(sizeBytes: number): Buffer;
};
