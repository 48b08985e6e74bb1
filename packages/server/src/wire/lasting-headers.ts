/**
 * Headers that go out again and again as they are: looked through and written as lines once.
 *
 * Owns: those lines. May use: whole-request.ts, which writes an answer's head as text; to Node's own answers the headers are given like any other.
 */
import { writeLine } from "./head-lines.ts";
import type { OutgoingResponse } from "./messages.ts";
import { WholeResponse } from "./whole-request.ts";

type Fields = Readonly<Record<string, string>>;

export class LastingHeaders {
  readonly fields: Fields;
  /** The same as an answer's head has them, each with its end. */
  readonly lines: string;

  /** @param fields with the length of the body; none of them is about the connection. @throws for a name or value that no header can have. */
  constructor(fields: Fields) {
    this.fields = fields;
    this.lines = Object.entries(fields)
      .map(([name, value]) => writeLine(name, value))
      .join("");
  }
}

/** Whether the head of an answer can be written as lines: what was set before would have to be held against them. */
export function canTakeLines(response: OutgoingResponse): response is WholeResponse {
  return response instanceof WholeResponse && !response.hasFields;
}

/** Writes the head of an answer. @param own headers of this answer alone; none of them is among the lasting ones. */
export function writeHeadWith(response: OutgoingResponse, status: number, own: Fields, lasting: LastingHeaders): void {
  if (canTakeLines(response)) response.writeHead(status, own).addLines(lasting.lines);
  else response.writeHead(status, { ...own, ...lasting.fields });
}
