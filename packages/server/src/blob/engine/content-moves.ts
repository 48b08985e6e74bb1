/** What of a blob's bytes is moved when space is given back, and what its list of spans says of it afterwards. Knows no disk. */
import { Content, encodePieces, type Piece, type PlacedSpan, type Span } from "./content.ts";
import { plainBytesOf, unitBytes } from "./content-cipher.ts";
import { recordPayloadBytes } from "./extent-format.ts";

/** Bytes that are moved as one at most. Our choice: what is reserved in an extent at once. */
const maxStretchBytes = 64 * 1024 * 1024;
/** Pieces of one blob that are looked at in one turn of the event loop. Our choice: about a millisecond. */
export const slicePieces = 2_000;

/** Pieces that lie one behind the other in the blob, and are moved as one; or one that stays. */
type Stretch = PlacedSpan & { readonly isMoved: boolean };

/**
 * What is to be moved, and what stays, in order. Pieces that are moved become one run where they follow each other: many small blocks are as few spans as may
 * be afterwards. Each encrypted piece has a nonce of its own and is moved by itself.
 */
export function* planMoves(content: Content, wasteful: ReadonlySet<number>): Generator<Stretch> {
  let first: PlacedSpan | undefined;
  let lengthBytes = 0;
  let joined = 0;
  for (const span of content.spans()) {
    const isMoved = wasteful.has(span.extentId);
    const isAlone = !isMoved || span.cipher !== undefined || first?.cipher !== undefined;
    if (
      first !== undefined &&
      (isAlone || joined === slicePieces || lengthBytes + span.lengthBytes > maxStretchBytes)
    ) {
      yield { ...first, lengthBytes, isMoved: true };
      first = undefined;
    }
    if (!isMoved) yield { ...span, isMoved };
    else if (first === undefined) {
      first = span;
      lengthBytes = span.lengthBytes;
      joined = 1;
    } else {
      lengthBytes += span.lengthBytes;
      joined += 1;
    }
  }
  if (first !== undefined) yield { ...first, lengthBytes, isMoved: true };
}

/** The runs that a piece was moved to; of one in counter mode each goes on in the key stream where the piece was. */
export function placeMoved({ cipher, skipBytes }: Piece, spans: readonly Span[]): Piece[] {
  let startBytes = (cipher?.startBytes ?? 0) + skipBytes;
  return spans.map((span) => {
    const moved = { ...span, skipBytes: 0, runBytes: span.lengthBytes };
    const placed = cipher === undefined ? moved : { ...moved, cipher: { ...cipher, startBytes } };
    startBytes += span.lengthBytes;
    return placed;
  });
}

/** Units of a sealed run, from the first to after the last. */
type UnitRange = { firstUnit: number; endUnit: number };

/**
 * The sealed runs of which a content has pieces that are moved. Without its key a unit can only be moved whole; so what lies between the first and the last that
 * a content needs of a run is moved once, however many pieces of it there are.
 */
export class SealedRuns {
  readonly #ranges = new Map<string, UnitRange>();
  readonly #moved = new Map<string, Promise<readonly Span[]>>();

  constructor(content: Content, wasteful: ReadonlySet<number>) {
    if (content.keySha256 === null) return;
    for (const span of content.spans()) {
      if (span.cipher?.isSealed !== true || !wasteful.has(span.extentId)) continue;
      const firstUnit = Math.floor(span.skipBytes / unitBytes);
      const endUnit = Math.ceil((span.skipBytes + span.lengthBytes) / unitBytes);
      const range = this.#ranges.get(nameOf(span));
      if (range === undefined) this.#ranges.set(nameOf(span), { firstUnit, endUnit });
      else {
        range.firstUnit = Math.min(range.firstUnit, firstUnit);
        range.endUnit = Math.max(range.endUnit, endUnit);
      }
    }
  }

  /** @param write moves units of a run as they lie, which are given as a content of their own. @returns where the piece is then. */
  async place(piece: Piece, write: (units: Content) => Promise<readonly Span[]>): Promise<Piece[]> {
    const { firstUnit, endUnit } = this.#ranges.get(nameOf(piece))!;
    let moving = this.#moved.get(nameOf(piece));
    if (moving === undefined) {
      const skipBytes = firstUnit * recordPayloadBytes;
      const lengthBytes = Math.min(piece.runBytes, endUnit * recordPayloadBytes) - skipBytes;
      const { cipher: _, ...units } = piece;
      moving = write(new Content(encodePieces([{ ...units, skipBytes, lengthBytes }])));
      this.#moved.set(nameOf(piece), moving);
    }
    return placeUnits(piece, firstUnit * unitBytes, await moving);
  }
}

function nameOf({ extentId, offset }: Span): string {
  return `${extentId} ${offset}`;
}

/** @param from where in the piece's run its moved units begin, in bytes of the blob. */
function placeUnits({ cipher, skipBytes, lengthBytes }: Piece, from: number, spans: readonly Span[]): Piece[] {
  const placed: Piece[] = [];
  let start = from;
  for (const [index, span] of spans.entries()) {
    if (index < spans.length - 1 && span.lengthBytes % recordPayloadBytes !== 0)
      throw new Error("a unit was cut in two");
    const end = start + plainBytesOf(span.lengthBytes);
    const first = Math.max(start, skipBytes);
    const last = Math.min(end, skipBytes + lengthBytes);
    if (first < last) {
      placed.push({
        ...span,
        skipBytes: first - start,
        lengthBytes: last - first,
        runBytes: span.lengthBytes,
        cipher: { ...cipher!, startBytes: cipher!.startBytes + start },
      });
    }
    start = end;
  }
  return placed;
}
