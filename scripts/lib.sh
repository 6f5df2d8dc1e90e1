# shellcheck shell=bash
# What the scripts share: messages, the lists of packages, and getting them installed.
# Sourced, not run.
# shellcheck disable=SC2034  # the lists are used by those who source this

# The one place that names packages. Debian 12 and 13, Ubuntu 22.04 and 24.04 have all of them.
# a|b|c: any of these will do; if none is there, the first that apt offers is installed.
readonly BUILD_PACKAGES=(build-essential cmake ninja-build libelf-dev libdw-dev libfmt-dev
  libcli11-dev nlohmann-json3-dev libtbb-dev libedit-dev zlib1g-dev libzstd-dev)
readonly LLDB_COMMANDS=(lldb lldb-22 lldb-21 lldb-20 lldb-19 lldb-18 lldb-17 lldb-16 lldb-15 lldb-14)
LLDB_PACKAGES=("$(IFS='|' && echo "${LLDB_COMMANDS[*]}")")
# The plugin needs LLDB's headers, of any version; those of the LLDB that is installed, if one is,
# because two versions exclude each other.
installed_lldb=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' 'lldb-[0-9]*' 2>/dev/null |
  sed -n 's/^installed lldb-//p' | tail -n 1) || true
readonly PLUGIN_PACKAGES=("${installed_lldb:+liblldb-$installed_lldb-dev|}liblldb-dev")
readonly NODE_PACKAGES=(python3 npm ca-certificates)
readonly DUMP_PACKAGES=(gdb)
readonly TEST_PACKAGES=(catch2 python3)
readonly CORE_PACKAGES=(python3-jsonschema binutils "${DUMP_PACKAGES[@]}" "${LLDB_PACKAGES[@]}")

readonly EXIT_ENVIRONMENT=2

if [[ -t 1 && -z ${NO_COLOR:-} ]]; then
  readonly BOLD=$'\e[1m' PLAIN=$'\e[0m'
else
  readonly BOLD='' PLAIN=''
fi

# fail TEXT...: one message on stderr, then the exit that means "change something and try again".
fail() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit "$EXIT_ENVIRONMENT"
}

# bad_usage ARGUMENT: for a flag that is not known.
bad_usage() { fail "no such option: $1; see $0 --help"; }

# print_help: the comment at the head of the running script is its help.
print_help() { awk 'NR > 1 { if (!/^#/) exit; sub(/^# ?/, ""); print }' "$0"; }

heading() { printf '\n%s== %s%s\n' "$BOLD" "$*" "$PLAIN"; }

# phase NAME COMMAND...: runs it under a heading and says how long it took.
phase() {
  local name=$1 began=$SECONDS
  shift
  heading "$name"
  "$@"
  printf -- '-- %s: %d s\n' "$name" "$((SECONDS - began))"
}

# has_package NAME: installed as a package, or, if it is one program, there by other means (npm
# often is).
has_package() {
  [[ $(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null) == installed ]] ||
    command -v "$1" >/dev/null
}

# offered NAME: whether apt could install it.
offered() { [[ $(apt-cache policy "$1" 2>/dev/null) == *'  Candidate: '[!\(]* ]]; }

# missing_packages SPEC...: prints the specs of which nothing is installed.
missing_packages() {
  local spec name names
  for spec in "$@"; do
    IFS='|' read -ra names <<<"$spec"
    for name in "${names[@]}"; do
      if has_package "$name"; then continue 2; fi
    done
    printf '%s\n' "$spec"
  done
}

# choose_packages SPEC...: prints, of each spec, the first name that apt offers.
choose_packages() {
  local spec name names
  for spec in "$@"; do
    IFS='|' read -ra names <<<"$spec"
    for name in "${names[@]}"; do
      if offered "$name"; then
        printf '%s\n' "$name"
        continue 2
      fi
    done
    printf '%s\n' "${names[0]}"
  done
}

# root_words: prints what has to stand before a command that only root may run; fails if there is
# no way.
root_words() {
  if ((EUID == 0)); then return 0; fi
  command -v sudo >/dev/null || return 1
  # Without a terminal nobody could type a password.
  sudo -n true 2>/dev/null || [[ -t 0 ]] || return 1
  echo sudo
}

# install_packages REASON SPEC...: makes sure that they are there; says what it does before it does
# it, and stops with the command to run if it may not.
install_packages() {
  local reason=$1 missing chosen words as_root output
  shift
  mapfile -t missing < <(missing_packages "$@")
  if ((${#missing[@]} == 0)); then
    echo "All packages needed $reason are there."
    return
  fi
  command -v apt-get >/dev/null ||
    fail "there is no apt-get here. Install what these packages hold: ${missing[*]%%|*}. Then add --no-install."
  if ! words=$(root_words); then
    mapfile -t chosen < <(choose_packages "${missing[@]}")
    fail "packages are missing that only root can install. As root, run:
  apt-get update && apt-get install -y --no-install-recommends ${chosen[*]}"
  fi
  read -ra as_root <<<"$words"
  "${as_root[@]}" apt-get update -qq || fail "apt-get update did not work; its message is above."
  mapfile -t chosen < <(choose_packages "${missing[@]}")
  echo "Missing, and needed $reason. Installing with apt-get (this may take minutes):"
  echo "  ${chosen[*]}"
  output=$("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
    --no-install-recommends --no-remove "${chosen[@]}" 2>&1) || {
    tail -n 20 <<<"$output" >&2
    fail "apt-get install did not work; its last messages are above."
  }
}

# first_command NAME...: prints the first that is on the PATH.
first_command() {
  local name
  for name in "$@"; do
    if command -v "$name"; then return; fi
  done
  return 1
}

# source_files PATTERN...: prints the files of the project, committed or about to be, by name.
source_files() { git ls-files --cached --others --exclude-standard -- "$@"; }
