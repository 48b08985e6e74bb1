/** What a runtime without files and programs (browser, worker, edge) can do of node.ts: nothing, and it says so. */
import { unavailable } from "../errors.ts";

function refuse(what: string): never {
  throw unavailable("", `This runtime cannot ${what}.`, "Use Node.js, Deno or Bun for this credential.");
}

export const readTextFile = async (): Promise<string> => refuse("read files");
export const readChallengeFile = async (): Promise<string> => refuse("read files");
export const runProgram = async (): Promise<never> => refuse("run programs");
export const sendTrusting = async (): Promise<never> => refuse("trust a certificate authority of your own");
export const sendPinned = async (): Promise<never> => refuse("trust a certificate by its thumbprint");
export const decryptPrivateKey = async (): Promise<never> => refuse("decrypt private keys");
export const receiveRedirect = async (): Promise<never> => refuse("listen for the browser's answer");
export const openBrowser = async (): Promise<never> => refuse("open a browser");
