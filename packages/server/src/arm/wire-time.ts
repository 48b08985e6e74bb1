/** Times as Resource Manager writes them: seven decimals. */
export function wireTime(iso: string): string {
  return iso.replace(/\.(\d{3})Z$/, ".$10000Z");
}
