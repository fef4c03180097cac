import { shellQuoted } from "../connections/shell";
import type { Completions } from "./words";

/**
 * A script for bash that completes `npm run COMMAND -- ...` in one checkout, and leaves every other command line of npm
 * to npm's own completion. It holds all words: a program that is asked at each key would take a third of a second.
 * @param root folder of the checkout
 * @param scripts names of all scripts of its package.json
 */
export function bashScript(root: string, scripts: string[], completions: Completions[]): string {
  const values = completions.flatMap(({ path, values: byOption }) =>
    Object.entries(byOption).map(
      ([option, words]) =>
        `    ${shellQuoted(`${path} ${option}`)}) printf '%s' ${list(words)}; return 0 ;;`,
    ),
  );
  const words = completions.map(
    ({ path, words: all }) => `    ${shellQuoted(path)}) printf '%s' ${list(all)} ;;`,
  );
  return `# Completion of npm run in ${root}. In ~/.bashrc, after npm's own:
#   eval "$(npm run -s --prefix ${root} completion)"

_learning_platform_words() {
  case "$1 $2" in
${values.join("\n")}
  esac
  case "$1" in
${words.join("\n")}
  esac
}

_learning_platform_npm() {
  local current="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD - 1]}"
  local position word script="" path="" is_run="" is_after=""
  for ((position = 1; position < COMP_CWORD; position++)); do
    word="\${COMP_WORDS[position]}"
    case "$is_after$word" in
      run | run-script) is_run=1 ;;
      --) is_after=1 ;;
      -*) ;;
      1*) word="\${word#1}"; [[ -z $(_learning_platform_words "$script $word") ]] || path="$script $word" ;;
      *) [[ -z $is_run || -n $script ]] || script="$word" path="$word" ;;
    esac
  done
  if [[ $PWD/ != ${shellQuoted(`${root}/`)}* || -z $is_run || (-n $script && -z $(_learning_platform_words "$script")) ]]; then
    if declare -F _npm_completion > /dev/null; then _npm_completion "$@"; fi
    return
  fi
  if [[ -z $script ]]; then
    COMPREPLY=($(compgen -W ${list(scripts)} -- "$current"))
  elif [[ -z $is_after ]]; then
    COMPREPLY=($(compgen -W '--' -- "$current"))
  else
    COMPREPLY=($(compgen -W "$(_learning_platform_words "$path" "$before")" -- "$current"))
  fi
}

complete -o default -F _learning_platform_npm npm
`;
}

const list = (words: string[]) => shellQuoted(words.join(" "));
