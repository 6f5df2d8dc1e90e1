# shellcheck shell=bash
# Whether, and where, the kernel writes core files; and what to do where it does not (core(5)).
# Sourced, not run; needs lib.sh.

core_pattern() { cat /proc/sys/kernel/core_pattern; }

# can_raise_core_limit: whether a core of any size may be written by a child.
can_raise_core_limit() { (ulimit -c unlimited) 2>/dev/null; }

# kernel_writes_files: whether the kernel would write a core as a file, as far as can be told before.
kernel_writes_files() { [[ $(core_pattern) != '|'* ]] && can_raise_core_limit; }

# explain_core_source: one sentence on who will write the core, and why.
explain_core_source() {
  if [[ $(core_pattern) == '|'* ]]; then
    echo "The kernel hands cores to another program here (/proc/sys/kernel/core_pattern: $(core_pattern))."
    echo "So the service runs under gdb, which writes the core when the service aborts."
  elif ! can_raise_core_limit; then
    echo "Core files are limited to $(ulimit -Hc) blocks here, and this user may not raise the limit."
    echo "So the service runs under gdb, which writes the core when the service aborts."
  else
    echo "The kernel writes the core itself (/proc/sys/kernel/core_pattern: $(core_pattern))."
  fi
}

# require_gdb: stops, and says what to change, if gdb could not write a core either.
require_gdb() {
  local advice="One of these has to be done:
  * as root, let the kernel write cores:  echo core > /proc/sys/kernel/core_pattern
    and allow them, in a shell or unit that may:  ulimit -c unlimited"
  command -v gdb >/dev/null || fail "no core can be had here. $advice
  * install gdb:  apt-get install gdb"
  # A gdb that may not trace its own child says so and goes on.
  [[ $(gdb --batch -nx -ex run --args true 2>&1) == *"exited normally"* ]] ||
    fail "no core can be had here: gdb may not trace its own children. $advice
  * allow tracing: in a container, the SYS_PTRACE capability; elsewhere, as root,
      echo 1 > /proc/sys/kernel/yama/ptrace_scope"
}

# kernel_core PID MARKER: prints the path of the core of a process that worked in this folder and that
# ended after the file MARKER was made. Fails if there is none, or none to be told from others.
kernel_core() {
  local pid=$1 marker=$2 pattern name='' character file found=()
  pattern=$(core_pattern)
  [[ $(</proc/sys/kernel/core_uses_pid) == 0 || $pattern == *%p* ]] || pattern+=.%p
  while [[ -n $pattern ]]; do
    character=${pattern:0:1}
    if [[ $character == % ]]; then
      case ${pattern:1:1} in
        p) name+=$pid ;;
        %) name+=% ;;
        *) name+='*' ;;
      esac
      pattern=${pattern:2}
    else
      name+=$character
      pattern=${pattern:1}
    fi
  done
  while IFS= read -r file; do
    [[ -r $file && -s $file && $file -nt $marker ]] && found+=("$file")
  done < <(compgen -G "$name")
  ((${#found[@]} == 1)) && printf '%s\n' "${found[0]}"
}
