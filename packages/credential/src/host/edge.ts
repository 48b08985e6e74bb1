/** What a runtime without files and programs (browser, worker, edge) can do of node.ts: send by fetch, and say what it cannot. */
import { unavailable } from "../errors.ts";
import type { HttpAnswer, HttpRequest } from "../http.ts";

function refuse(what: string): never {
  throw unavailable("", `This runtime cannot ${what}.`, "Use Node.js, Deno or Bun for this credential.");
}

export const readTextFile = async (): Promise<string> => refuse("read files");
export const readChallengeFile = async (): Promise<string> => refuse("read files");
export const runProgram = async (): Promise<never> => refuse("run programs");
export const sendPinned = async (): Promise<never> => refuse("trust a certificate by its thumbprint");
export const decryptPrivateKey = async (): Promise<never> => refuse("decrypt private keys");
export const receiveRedirect = async (): Promise<never> => refuse("listen for the browser's answer");
export const openBrowser = async (): Promise<never> => refuse("open a browser");

/** Sends one request, by the runtime's own fetch; redirects are not followed. */
export async function exchange(
  { url, ...request }: HttpRequest,
  signal: AbortSignal,
  caFile?: string,
): Promise<HttpAnswer> {
  if (caFile) refuse("trust a certificate authority of your own");
  const answer = await fetch(url, { ...request, signal, redirect: "manual" });
  return { status: answer.status, text: await answer.text(), header: (name) => answer.headers.get(name) };
}
