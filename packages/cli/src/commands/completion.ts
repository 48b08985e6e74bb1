/** `postern completion SHELL`: a script that completes commands and options, made from the same tables that parsing reads. May use: command/. */
import { type CommandList, defineCommand } from "../command/command.ts";
import { globalOptions } from "../command/global-options.ts";
import { usageFault } from "../faults.ts";

const shells = ["bash", "zsh", "fish"] as const;

export const command = defineCommand({
  positionals: [{ name: "SHELL", summary: `One of: ${shells.join(", ")}.` }],
  options: {},
  examples: [
    { summary: "bash", line: "postern completion bash > ~/.local/share/bash-completion/completions/postern" },
    { summary: "zsh, in a folder of $fpath", line: "postern completion zsh > _postern" },
    { summary: "fish", line: "postern completion fish > ~/.config/fish/completions/postern.fish" },
  ],
  run: async ({ commands }, _args, { positionals }) => {
    const shell = positionals[0]!;
    if (!isShell(shell))
      throw usageFault(`'${shell}' is not a shell there is a script for.`, `There is one for: ${shells.join(", ")}`);
    const text = await writers[shell](commands);
    return { data: text, text };
  },
});

type Shell = (typeof shells)[number];

function isShell(text: string): text is Shell {
  return (shells as readonly string[]).includes(text);
}

const globalFlags = Object.values(globalOptions).flatMap(({ flags }) => flags);

/** Every command's options, and what may follow every group's words. */
async function readTables({ entries, groups, listBelow }: CommandList) {
  const flags = new Map<string, readonly string[]>();
  for (const { path, load } of entries) {
    const { command: one } = await load();
    const own = Object.values(one.options).filter(({ isHidden }) => isHidden !== true);
    flags.set(path, [...new Set([...own.flatMap((option) => option.flags), ...globalFlags])]);
  }
  const words = new Map(["", ...groups].map((path) => [path, [...listBelow(path)]] as const));
  return { flags, words };
}

/** Paths and flags are letters, digits, spaces and hyphens: nothing of theirs is special to a shell. */
async function writeBash(commands: CommandList): Promise<string> {
  const { flags, words } = await readTables(commands);
  const cases = [
    ...[...words].map(([path, below]) => `    "${path}") next="${below.map(([word]) => word).join(" ")}" ;;`),
    ...[...flags]
      .filter(([path]) => !words.has(path))
      .map(([path, own]) => `    "${path}") next="${own.join(" ")}" ;;`),
  ];
  return `# bash completion for postern
_postern() {
  local path="" word next="" i
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    case "$word" in --) return ;; -*) break ;; esac
    path="\${path:+$path }$word"
  done
  case "$path" in
${cases.join("\n")}
  esac
  if [[ -z "$next" ]]; then COMPREPLY=(); return; fi
  COMPREPLY=($(compgen -W "$next" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _postern postern
`;
}

async function writeZsh(commands: CommandList): Promise<string> {
  return `#compdef postern
autoload -U +X bashcompinit && bashcompinit
${await writeBash(commands)}`;
}

async function writeFish(commands: CommandList): Promise<string> {
  const { flags, words } = await readTables(commands);
  const quote = (text: string) => `'${text.replace(/[\\']/g, "\\$&")}'`;
  const lines = [...words].flatMap(([path, below]) =>
    below.map(
      ([word, summary]) => `complete -c postern -f -n ${quote(`__postern_at ${path}`)} -a ${word} -d ${quote(summary)}`,
    ),
  );
  const options = [...flags].flatMap(([path, own]) =>
    own.map(
      (flag) =>
        `complete -c postern -n ${quote(`__postern_in ${path}`)} ${flag.startsWith("--") ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`}`,
    ),
  );
  return `# fish completion for postern
function __postern_words
  set -l words (commandline -opc)
  for word in $words[2..]
    string match -q -- '-*' $word; and break
    echo $word
  end
end
function __postern_at
  test (string join ' ' (__postern_words)) = (string join ' ' $argv)
end
function __postern_in
  string match -q -- (string join ' ' $argv)'*' (string join ' ' (__postern_words))
end
${lines.join("\n")}
${options.join("\n")}
`;
}

const writers: Readonly<Record<Shell, (commands: CommandList) => Promise<string>>> = {
  bash: writeBash,
  zsh: writeZsh,
  fish: writeFish,
};
