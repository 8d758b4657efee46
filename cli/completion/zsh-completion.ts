import { completionTable, HELP_WORD, type Offer } from './completion-table';

/** Completes in zsh, evaluated after `compinit` or as the file `_keyward` in a directory of `$fpath`. */
export function zshCompletion(): string {
  const { values, files, commands, options, words } = completionTable();
  const offers = (some: readonly Offer[]): string =>
    some.map(([word, description]) => quoted(`${word.replaceAll(':', '\\:')}:${description}`)).join(' ');
  const args = commands.flatMap(({ name, arguments: all }) =>
    all.flatMap((offered, index) =>
      offered.length === 0 ? [] : [`    '${name} ${index}') offers=(${offered.join(' ')}) ;;`],
    ),
  );
  return `#compdef keyward
# Completion of keyward for zsh, made by: keyward completion zsh
_keyward() {
  local word option ended line command help current="\${words[CURRENT]}"
  local -a offers
  integer i used count
  for (( i = 2; i < CURRENT; i++ )); do
    word="\${words[i]}"
    if [[ -n "$option" ]]; then
      option=''
    elif [[ -n "$ended" || "$word" != -* ]]; then
      line="\${line:+$line }$word"
      (( count += 1 ))
    elif [[ "$word" == -- ]]; then
      ended=1
    else
      case "$word" in
        (${[...values.keys()].join('|')}) option="$word" ;;
      esac
    fi
  done
  if [[ "$line" == ${HELP_WORD} || "$line" == '${HELP_WORD} '* ]]; then
    help=1
    line="\${line#${HELP_WORD}}"
    line="\${line# }"
  fi
  case "$line " in
${commands.map(({ name }) => `    ('${name} '*) command='${name}' used=${name.split(' ').length} ;;`).join('\n')}
  esac
  if [[ -z "$option" && -z "$ended" && "$current" == --*=* ]]; then
    option="\${current%%=*}"
    compset -P '*='
  fi
  if [[ -n "$option" ]]; then
    case "$option" in
      (${files.join('|')}) _files; return ;;
${[...values].flatMap(([name, offered]) => (offered.length === 0 ? [] : [`      (${name}) offers=(${offered.join(' ')}) ;;`])).join('\n')}
    esac
    compadd -- $offers
    return
  fi
  if [[ -z "$ended" && "$current" == -* ]]; then
    case "$command" in
${commands.map(({ name, options: own }) => `      ('${name}') offers=(${offers(own)}) ;;`).join('\n')}
      (*) offers=(${offers(options)}) ;;
    esac
    _describe -o option offers
    return
  fi
  if [[ -z "$command" ]]; then
    case "$line" in
${[...words].map(([beginning, some]) => `      ('${beginning}') offers=(${offers(some)}) ;;`).join('\n')}
    esac
    _describe command offers
    return
  fi
  [[ -n "$help" ]] && return
  case "$command $(( count - used ))" in
${args.map((line) => line.replace("'", "('")).join('\n')}
  esac
  compadd -- $offers
}

if [[ "\${funcstack[1]}" == _keyward ]]; then
  _keyward "$@"
else
  compdef _keyward keyward
fi
`;
}

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
