// ns-launcher: enters namespaces and becomes the command. Node's child_process starts it in the command's place, so
// that every option, stream and IPC channel of ChildProcess works; see lib/process/launch.ts, the only one that calls
// it.
//
//   ns-launcher [KEY=VALUE]... -- FILE ARGV0 [ARGUMENT]...
//     ns=FD:TYPE    join this namespace (CLONE_NEW* in decimal), in the order given; the descriptor is closed
//     status=FD     on failure "STAGE ERRNO" is written there; close-on-exec, so that its end means success
//     parent=PID    die with the parent (PID), by SIGKILL
//     gid=, uid=    become these, after the namespaces
//     cwd=PATH      change to this directory, after the namespaces
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static int status_fd = -1;

static _Noreturn void fail(const char *stage) {
  char text[64];
  const int length = snprintf(text, sizeof text, "%s %d", stage, errno);
  if (status_fd >= 0 && write(status_fd, text, (size_t)length) != length)
    _exit(126);
  _exit(127);
}

static const char *value_of(const char *argument, const char *key) {
  const size_t length = strlen(key);
  return strncmp(argument, key, length) == 0 && argument[length] == '=' ? argument + length + 1 : NULL;
}

static void join(const char *spec) {
  char *end = NULL;
  const int fd = (int)strtol(spec, &end, 10);
  const int type = (int)strtol(end + 1, NULL, 10);
  if (setns(fd, type) != 0)
    fail("setns");
  close(fd);
  // Inside a new user namespace this process has no id until it takes one; 0 may be unmapped, and then it stays nobody.
  if (type == CLONE_NEWUSER && geteuid() != 0 && setgid(0) == 0 && setuid(0) != 0)
    fail("setuid");
}

int main(int argc, char **argv) {
  const char *cwd = NULL;
  long parent = 0;
  long uid = -1;
  long gid = -1;
  int i = 1;
  for (; i < argc && strcmp(argv[i], "--") != 0; i++) {
    const char *value = NULL;
    if ((value = value_of(argv[i], "ns")) != NULL)
      join(value);
    else if ((value = value_of(argv[i], "status")) != NULL)
      status_fd = atoi(value);
    else if ((value = value_of(argv[i], "parent")) != NULL)
      parent = atol(value);
    else if ((value = value_of(argv[i], "uid")) != NULL)
      uid = atol(value);
    else if ((value = value_of(argv[i], "gid")) != NULL)
      gid = atol(value);
    else if ((value = value_of(argv[i], "cwd")) != NULL)
      cwd = value;
    else
      return 125;
  }
  if (argc - i < 3)
    return 125;
  // Node clears close-on-exec on all it passes.
  if (status_fd >= 0 && fcntl(status_fd, F_SETFD, FD_CLOEXEC) != 0)
    fail("fcntl");
  // As Node does for its own uid and gid options; a rootless user namespace forbids setgroups, and needs none.
  if ((uid >= 0 || gid >= 0) && setgroups(0, NULL) != 0 && errno != EPERM)
    fail("setgroups");
  if (gid >= 0 && setgid((gid_t)gid) != 0)
    fail("setgid");
  if (uid >= 0 && setuid((uid_t)uid) != 0)
    fail("setuid");
  // After every change of identity: each of them clears it.
  if (parent > 0) {
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
      fail("prctl");
    if (getppid() != parent)
      raise(SIGKILL); // it died before the line above
  }
  if (cwd != NULL && chdir(cwd) != 0)
    fail("chdir");
  execvp(argv[i + 1], argv + i + 2);
  fail("exec");
}
