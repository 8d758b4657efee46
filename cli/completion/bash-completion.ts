import { completionTable, HELP_WORD, type Offer } from './completion-table';

/**
 * Completes in bash, from 3.2 on. Bash splits words at each "=" and ":" (COMP_WORDBREAKS), so they are joined first, and
 * only what follows the last "=" is answered: https://www.gnu.org/software/bash/manual/html_node/Programmable-Completion.html
 * What follows < and > is a file, which bash leaves to the completion function; the descriptor before them is a word
 * of its own there.
 */
export function bashCompletion(): string {
  const { values, files, withProgram, commands, options, words } = completionTable();
  const cases = (rows: readonly (readonly [string, readonly string[]])[]): string =>
    rows
      .filter(([, offered]) => offered.length > 0)
      .map(([pattern, offered]) => `    ${pattern}) echo "${offered.join(' ')}" ;;`)
      .join('\n');
  const following = [...words].map(([beginning, offers]) => [`"${beginning}"`, wordsOf(offers)] as const);
  const args = commands.flatMap(({ name, arguments: all }) =>
    all.map((offered, index) => [`"${name} ${index}"`, offered] as const),
  );
  return `# Completion of keyward for bash, made by: keyward completion bash
_keyward_values() {
  case "$1" in
${cases([...values])}
  esac
}

_keyward_options() {
  case "$1" in
${cases([...commands.map(({ name, options: own }) => [`"${name}"`, wordsOf(own)] as const), ['*', wordsOf(options)]])}
  esac
}

_keyward_words() {
  case "$1" in
${cases([...following, ...args])}
  esac
}

_keyward_files() {
  local IFS=$'\n'
  COMPREPLY=($(compgen -f -- "$1"))
  compopt -o filenames 2> /dev/null
  return 0
}

# The first word behind -- is a program, or the path of one; the others are whatever it takes.
_keyward_program() {
  _keyward_files "$1"
  [[ "$2" == 0 && "$1" != */* ]] && COMPREPLY=($(compgen -c -- "$1"))
  return 0
}

_keyward() {
  local i=0 word="" before="" next="" target="" option="" ended="" line="" command="" used=0 count=0 prefix="" help=""
  local words
  words=()
  for ((i = 1; i <= COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    next="\${COMP_WORDS[i + 1]}"
    if [[ "$word" == ["<>"]* ]]; then
      target=next
    elif [[ "$target" == next || ( -n "$target" && ( "$word" == [=:]* || "$before" == *[=:] ) ) ]]; then
      target=named
    elif [[ $i -lt $COMP_CWORD && "$word" == [0-9] && "$next" == ["<>"]* && "$COMP_LINE" == *" $word$next"* ]]; then
      target=""
    elif [[ \${#words[@]} -gt 0 && -z "$target" && ( "$word" == [=:]* || "$before" == *[=:] ) ]]; then
      words[\${#words[@]}-1]+="$word"
    else
      words[\${#words[@]}]="$word"
      target=""
    fi
    before="$word"
  done
  if [[ -n "$target" ]]; then
    _keyward_files "$2"
    return
  fi
  local current="\${words[\${#words[@]}-1]}"
  for ((i = 0; i < \${#words[@]} - 1; i++)); do
    word="\${words[i]}"
    if [[ -n "$option" ]]; then
      option=""
    elif [[ -n "$ended" || "$word" != -* ]]; then
      line="\${line:+$line }$word"
      count=$((count + 1))
    elif [[ "$word" == -- ]]; then
      ended=1
    else
      case "$word" in
        ${[...values.keys()].join('|')}) option="$word" ;;
      esac
    fi
  done
  if [[ "$line" == ${HELP_WORD} || "$line" == "${HELP_WORD} "* ]]; then
    help=1
    line="\${line#${HELP_WORD}}"
    line="\${line# }"
  fi
  case "$line " in
${commands.map(({ name }) => `    "${name} "*) command="${name}" used=${name.split(' ').length} ;;`).join('\n')}
  esac
  COMPREPLY=()
  case "$option" in
    ${files.join('|')}) _keyward_files "$current"; return ;;
  esac
  if [[ -n "$ended" && -z "$help" ]]; then
    case "$command" in
      ${withProgram.map((name) => `"${name}"`).join('|')}) _keyward_program "$current" $((count - used)); return ;;
    esac
  fi
  local offered="" part="$current"
  if [[ -n "$option" ]]; then
    offered="$(_keyward_values "$option")"
  elif [[ -z "$ended" && "$current" == --*=* ]]; then
    offered="$(_keyward_values "\${current%%=*}")"
    part="\${current#*=}"
    [[ "$COMP_WORDBREAKS" == *=* ]] || prefix="\${current%%=*}="
  elif [[ -z "$ended" && "$current" == -* ]]; then
    offered="$(_keyward_options "$command")"
  elif [[ -z "$command" ]]; then
    offered="$(_keyward_words "$line")"
  elif [[ -z "$help" ]]; then
    offered="$(_keyward_words "$command $((count - used))")"
  fi
  [[ -n "$offered" ]] && COMPREPLY=($(compgen -P "$prefix" -W "$offered" -- "$part"))
  return 0
}

complete -F _keyward keyward
`;
}

const wordsOf = (offers: readonly Offer[]): readonly string[] => offers.map(([word]) => word);
