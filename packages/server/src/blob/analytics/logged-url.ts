/** URLs as logs have them: with everything but what would let a reader of the log do what their sender could. */

/** What Azure writes in the place of a signature. Seen in the logs of Azure's own programs. */
const removed = "XXXXX";

/** Parameters whose values are secrets: a signature's, and what programs put into a URL against all advice. */
const secretPattern =
  /([?&](?:sig|signature|access_token|token|code|password|secret|client_secret|authorization)=)[^&#]*/gi;
/** A name and password before a host. */
const userPattern = /^([a-z][a-z0-9+.-]*:\/\/)[^/?#@]*@/i;
/** Escapes of a parameter's name would hide it: `%73ig` is `sig`. */
const escapedName = /[?&][^=&#]*%[^=&#]*=/;

/** @param url raw, of a request, a copy's source, or a page that led here. */
export function withoutSecrets(url: string): string {
  const cut = url.indexOf("?");
  const plain = cut < 0 || !escapedName.test(url) ? url : `${url.slice(0, cut)}${decodeNames(url.slice(cut))}`;
  return plain.replace(userPattern, "$1").replace(secretPattern, `$1${removed}`);
}

function decodeNames(query: string): string {
  return query.replace(/([?&])([^=&#]*)/g, (_whole, mark: string, name: string) => {
    try {
      return `${mark}${decodeURIComponent(name)}`;
    } catch {
      return `${mark}${name}`;
    }
  });
}
