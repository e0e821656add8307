// without_namespaces PROGRAM ARGUMENT…: runs a program on a machine that gives it no namespaces, as
// a container or a hardened kernel does.
#include <seccomp.h>
#include <unistd.h>

#include <cerrno>

int main(int, char** arguments) {
  scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
  if (filter == nullptr ||
      seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(unshare), 0) != 0 ||
      seccomp_load(filter) != 0 || arguments[1] == nullptr) {
    return 2;
  }
  ::execv(arguments[1], arguments + 1);
  return 127;
}
