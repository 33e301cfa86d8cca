#!/usr/bin/env bash
# Tries an image as it will run: read-only, without rights, not as root. scripts/try-image.sh <image> [platform]
set -euo pipefail
image="$1"
platform="${2:-linux/amd64}"
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"

run() { # arguments of docker run, then --, then those of the container
  local options=()
  while [ "$1" != -- ]; do options+=("$1"); shift; done
  shift
  docker run --rm --platform "$platform" --read-only --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges \
    "${options[@]+"${options[@]}"}" "$image" "$@"
}

printf '== %s on %s\n' "$image" "$platform"
run -- version
run --volume "$root/examples/quickstart:/workspace:ro" -- validate
for program in git gpg ssh ssh-keygen tini; do run --entrypoint sh -- -c "command -v $program >/dev/null"; done
run --entrypoint sh -- -c '! command -v npm && ! command -v gcc && ! command -v make && test "$(id -u)" = 1000'
# Without a configuration it says so, and ends.
if run -- run --config /etc/mailkeel/mailkeel.yaml; then
  printf 'it runs without a configuration\n'
  exit 1
fi
