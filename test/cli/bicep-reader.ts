/**
 * Compiles the Bicep that `export` writes to the template it stands for, by Bicep's rules, as far as that Bicep goes: parameters, resources, texts,
 * lists, objects and calls of functions. Anything else is an error. Not Bicep's own compiler, which is not at hand. May use: nothing.
 * @see https://learn.microsoft.com/azure/azure-resource-manager/bicep/file
 * @see https://learn.microsoft.com/azure/azure-resource-manager/bicep/data-types#strings
 */

/** An expression, by its text in a template. */
class Expression {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Value = string | number | boolean | null | Expression | Value[] | { [name: string]: Value };

const token = /\s*(?:'((?:[^'\\\n]|\\.)*)'|([A-Za-z_]\w*)|(-?\d+)|([()[\]{}:,.=@]))/y;
const escapes: Readonly<Record<string, string>> = { "\\": "\\", "'": "'", n: "\n", r: "\r", t: "\t", $: "$" };

class Reader {
  readonly #text: string;
  readonly #parameters = new Map<string, string | undefined>();
  /** IDs of resources by their symbols, as `dependsOn` names them. */
  readonly #ids = new Map<string, string>();
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): Record<string, unknown> {
    const resources: { [name: string]: Value }[] = [];
    const metadata: { [name: string]: string } = {};
    let description: string | undefined;
    this.#expectWords("targetScope", "=");
    const scope = this.#string();
    while (this.#peek() !== "") {
      const word = this.#word();
      if (word === "@") {
        this.#expectWords("description", "(");
        description = this.#string();
        this.#expectWords(")");
      } else if (word === "param") {
        this.#parameters.set(this.#word(), description);
        description = undefined;
        this.#expectWords("string");
      } else if (word === "metadata") {
        const name = this.#word();
        this.#expectWords("=");
        metadata[name] = this.#string();
      } else if (word === "resource") resources.push(this.#resource());
      else throw new Error(`${word} begins no statement that is known here`);
    }
    const parameters = [...this.#parameters].map(([name, about]) => [
      name,
      { type: "string", ...(about === undefined ? {} : { metadata: { description: about } }) },
    ]);
    return { scope, metadata, parameters: Object.fromEntries(parameters), resources: resources.map(inTemplate) };
  }

  #resource(): { [name: string]: Value } {
    const symbol = this.#word();
    const [type = "", apiVersion = ""] = this.#string().split("@");
    this.#expectWords("=");
    const { scope, ...body } = this.#value() as { [name: string]: Value };
    const name = body.name instanceof Expression ? body.name.text : quote(String(body.name));
    this.#ids.set(symbol, `subscriptionResourceId('${type}', ${name})`);
    const group = scope instanceof Expression ? /^resourceGroup\('(.*)'\)$/.exec(scope.text)?.[1] : undefined;
    if (scope !== undefined && group === undefined) throw new Error(`${symbol} is of a scope that is not known here`);
    return {
      type,
      apiVersion,
      ...(group === undefined ? {} : { resourceGroup: group.replaceAll("''", "'") }),
      ...body,
    };
  }

  #value(): Value {
    switch (this.#peek()) {
      case "'":
        return this.#string();
      case "[":
        return this.#list();
      case "{":
        return this.#object();
    }
    const number = /\s*(-?\d+)\b/y;
    number.lastIndex = this.#at;
    const found = number.exec(this.#text);
    if (found !== null) {
      this.#at = number.lastIndex;
      return Number(found[1]);
    }
    return this.#expression();
  }

  /** Items stand on lines of their own: a list on one line has commas, which `export` never writes. */
  #list(): Value[] {
    const items: Value[] = [];
    this.#expectWords("[");
    while (this.#peek() !== "]") items.push(this.#onOwnLine());
    this.#expectWords("]");
    return items;
  }

  #object(): { [name: string]: Value } {
    const members: { [name: string]: Value } = {};
    this.#expectWords("{");
    while (this.#peek() !== "}") {
      const name = this.#peek() === "'" ? this.#string() : this.#word();
      this.#expectWords(":");
      members[name] = this.#onOwnLine();
    }
    this.#expectWords("}");
    return members;
  }

  #onOwnLine(): Value {
    const value = this.#value();
    if (!/^[ \t]*\r?\n/.test(this.#text.slice(this.#at))) throw new Error(`two values on one line at ${this.#at}`);
    return value;
  }

  /** A word, and what is called or taken of it. */
  #expression(): Value {
    const name = this.#word();
    if (name === "true" || name === "false") return name === "true";
    if (name === "null") return null;
    if (this.#peek() !== "(") {
      if (this.#parameters.has(name)) return new Expression(`parameters('${name}')`);
      const id = this.#ids.get(name);
      if (id === undefined) throw new Error(`${name} is not declared`);
      return new Expression(id);
    }
    this.#expectWords("(");
    const words: string[] = [];
    while (this.#peek() !== ")") {
      const argument = this.#value();
      words.push(argument instanceof Expression ? argument.text : quote(String(argument)));
      if (this.#peek() === ",") this.#expectWords(",");
    }
    this.#expectWords(")");
    let text = `${name}(${words.join(", ")})`;
    while (this.#text[this.#at] === ".") {
      this.#expectWords(".");
      text += `.${this.#word()}`;
    }
    return new Expression(text);
  }

  #string(): string {
    token.lastIndex = this.#at;
    const raw = token.exec(this.#text)?.[1];
    if (raw === undefined) throw new Error(`a text is missing at ${this.#at}`);
    this.#at = token.lastIndex;
    if (/(?<!\\)(?:\\\\)*\$\{/.test(raw)) throw new Error(`a text with something to fill in: ${raw}`);
    return raw.replace(/\\(.)/g, (_, one: string) => {
      const meant = escapes[one];
      if (meant === undefined) throw new Error(`\\${one} is no escape of Bicep's`);
      return meant;
    });
  }

  #word(): string {
    token.lastIndex = this.#at;
    const [, , word, , mark] = token.exec(this.#text) ?? [];
    const found = word ?? mark;
    if (found === undefined)
      throw new Error(`a word is missing at ${this.#at}: ${this.#text.slice(this.#at, this.#at + 40)}`);
    this.#at = token.lastIndex;
    return found;
  }

  #expectWords(...words: readonly string[]): void {
    for (const word of words) {
      const found = this.#word();
      if (found !== word) throw new Error(`${word} is expected, ${found} is there`);
    }
  }

  #peek(): string {
    return /^\s*(\S?)/.exec(this.#text.slice(this.#at))![1]!;
  }
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** As Bicep writes a template: expressions in brackets, and a text that begins with one has two. */
function inTemplate(value: Value): unknown {
  if (value instanceof Expression) return `[${value.text}]`;
  if (typeof value === "string") return value.startsWith("[") ? `[${value}` : value;
  if (Array.isArray(value)) return value.map(inTemplate);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, inTemplate(member)]));
}

/** @returns the scope the file is for, and the template's parameters and resources. */
export function compileBicep(text: string): Record<string, unknown> {
  return new Reader(text).read();
}
