/**
 * The JSON that Resource Manager takes for a deployment: az sends the template's file as it stands, so there may be comments, line ends inside texts,
 * commas at the end, and az itself writes the name `template` without quotes. Made plain here, then read like any other JSON.
 * @see https://learn.microsoft.com/azure/azure-resource-manager/templates/syntax#comments-and-metadata
 */

/** @returns JSON that says the same; a text that is no such JSON stays none. */
export function makePlain(text: string): string {
  const token =
    /"(?:[^"\\]|\\[\s\S])*"|\/\/[^\n]*|\/\*[\s\S]*?\*\/|,(?=(?:\s|\/\/[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*[\]}])|[A-Za-z_$][\w$]*(?=\s*:)/g;
  return text.replace(token, (part) => {
    switch (part[0]) {
      case '"':
        return part.replace(/[\n\r\t]/g, (mark) => (mark === "\n" ? "\\n" : mark === "\r" ? "\\r" : "\\t"));
      case "/":
        return " ";
      case ",":
        return "";
      default:
        return `"${part}"`;
    }
  });
}
