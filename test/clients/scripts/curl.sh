#!/usr/bin/env bash
# Reads a request a line and writes a reply a line, as client-process.ts speaks of.
reply=$(mktemp) && trap 'rm -f "$reply"' EXIT
while IFS= read -r line; do
  # Of tabs, one after the other, bash would make one, and lose a field that is empty.
  IFS=$'\x1f' read -r -a fields <<<"${line//$'\t'/$'\x1f'}"
  arguments=(-s -o "$reply" -w '%{http_code}' --aws-sigv4 "aws:amz:$AWS_REGION:execute-api" -X "${fields[0]}")
  arguments+=(--user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY")
  for header in "${fields[@]:3}"; do arguments+=(-H "${header%%=*}: ${header#*=}"); done
  : >"$reply"
  if [ "${fields[2]}" = - ]; then
    status=$(curl "${arguments[@]}" "${fields[1]}") || status=ERROR
  else
    # From a file, as it is: an argument loses line ends.
    status=$(base64 -d <<<"${fields[2]}" | curl "${arguments[@]}" --data-binary @- "${fields[1]}") || status=ERROR
  fi
  printf '%s\t%s\n' "$status" "$(base64 -w 0 <"$reply")"
done
