/**
 * The log of the process: one event a line, with a level, a time, and the trace it belongs to.
 *
 * Owns: the shape of a line in both formats, and that every text in it went through redaction.ts. May use: pino (JSON only, loaded on demand).
 * As JSON a line is for machines; as text it is for the terminal of whoever runs `postern up`. Never a stack in text below `error`.
 * @see https://opentelemetry.io/docs/specs/otel/compatibility/logging_trace_context/
 */
import { redactField, redactText } from "./redaction.ts";

export const logLevels = ["debug", "info", "warn", "error", "silent"] as const;
export type LogLevel = (typeof logLevels)[number];
export const logFormats = ["json", "text"] as const;
export type LogFormat = (typeof logFormats)[number];

export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** @param text one event, in words; what varies and is looked for goes into fields. */
type Say = (text: string, fields?: LogFields) => void;
export type Log = { readonly [Level in Exclude<LogLevel, "silent">]: Say };

/** Takes one whole line with its end. */
export type WriteLine = (line: string) => void;

export type LogOptions = { readonly format: LogFormat; readonly level: LogLevel; readonly write: WriteLine };

type Level = Exclude<LogLevel, "silent">;
type Emit = (level: Level, text: string, fields: LogFields) => void;

/** Makes the log. */
export async function createLog(options: LogOptions): Promise<Log> {
  return withLevel(options.level, options.format === "json" ? await emitJson(options) : emitText(options.write));
}

/** A log of plain lines, for tests and tools. */
export function createPlainLog(write: (text: string) => void): Log {
  return withLevel("debug", (_, text) => write(text));
}

function withLevel(least: LogLevel, emit: Emit): Log {
  const say = (level: Level): Say => {
    if (logLevels.indexOf(level) < logLevels.indexOf(least)) return ignore;
    return (text, fields = {}) => {
      const clean: Record<string, string | number | boolean> = {};
      for (const [name, value] of Object.entries(fields))
        if (value !== undefined) clean[name] = redactField(name, value);
      emit(level, redactText(text), clean);
    };
  };
  return { debug: say("debug"), info: say("info"), warn: say("warn"), error: say("error") };
}

function ignore(): void {}

async function emitJson({ write }: LogOptions): Promise<Emit> {
  const { default: pino } = await import("pino");
  const logger = pino(
    {
      level: "debug", // what is below the asked level never comes here
      base: { service: "postern", pid: process.pid },
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      messageKey: "msg",
    },
    { write },
  );
  return (level, text, fields) => logger[level](fields, text);
}

function emitText(write: WriteLine): Emit {
  return (level, text, fields) => {
    const pairs = Object.entries(fields).map(([name, value]) => ` ${name}=${quote(String(value))}`);
    // A line end inside would look like another event's line.
    write(`${new Date().toISOString()} ${level} ${text.replace(/\r?\n/g, "\n    ")}${pairs.join("")}\n`);
  };
}

function quote(text: string): string {
  return /^[\w.:/@-]+$/.test(text) ? text : JSON.stringify(text);
}
