/*
 * Writes down what the device has of one directory: loaded before libc (LD_PRELOAD), it keeps a journal of names made, moved
 * and removed under KEYWARD_SHADOWED, and, at every fsync, fdatasync and write with O_DSYNC, what the file held at that moment. From a prefix of
 * the journal a test makes the directory as a power cut would have left it.
 *
 * Each line of <KEYWARD_SHADOW>/journal: an operation, then its operands, separated by tabs.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int journal = -1;
static unsigned long copies = 0;

static const char *shadowed(void) { return getenv("KEYWARD_SHADOWED"); }

static int concerns(const char *path) {
  const char *root = shadowed();
  return root != NULL && path != NULL && strncmp(path, root, strlen(root)) == 0;
}

static void *real(const char *name) { return dlsym(RTLD_NEXT, name); }

static int real_open(const char *path, int flags, mode_t mode) {
  return ((int (*)(const char *, int, ...))real("open64"))(path, flags, mode);
}

/* One write of one line: whole for who reads along. */
static void note(const char *format, ...) {
  char line[3 * PATH_MAX];
  va_list arguments;
  va_start(arguments, format);
  int length = vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  pthread_mutex_lock(&lock);
  if (journal < 0) {
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/journal", getenv("KEYWARD_SHADOW"));
    journal = real_open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
  }
  if (write(journal, line, length) != length) abort();
  pthread_mutex_unlock(&lock);
}

static void note_created(const char *path, int fd) {
  struct stat found;
  if (concerns(path) && fd >= 0 && fstat(fd, &found) == 0 && S_ISREG(found.st_mode))
    note("create\t%s\t%lu\t%o\n", path, (unsigned long)found.st_ino, found.st_mode & 0777);
}

#define OPEN(name)                                                        \
  int name(const char *path, int flags, ...) {                            \
    mode_t mode = 0;                                                      \
    if (flags & O_CREAT) {                                                \
      va_list arguments;                                                  \
      va_start(arguments, flags);                                         \
      mode = va_arg(arguments, mode_t);                                   \
      va_end(arguments);                                                  \
    }                                                                     \
    int fd = ((int (*)(const char *, int, ...))real(#name))(path, flags, mode); \
    if (flags & O_CREAT) note_created(path, fd);                          \
    return fd;                                                            \
  }
OPEN(open)
OPEN(open64)

#define FOPEN(name)                                                       \
  FILE *name(const char *path, const char *mode) {                        \
    FILE *file = ((FILE * (*)(const char *, const char *)) real(#name))(path, mode); \
    if (file != NULL && mode[0] != 'r') note_created(path, fileno(file)); \
    return file;                                                          \
  }
FOPEN(fopen)
FOPEN(fopen64)

/* Copies what a file holds at this moment. Returns the copy's number, or 0 where the file is none of ours; `found` is what it is. */
static unsigned long copy_of(int fd, char *path, struct stat *found) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, PATH_MAX - 1);
  if (length < 0) return 0;
  path[length] = 0;
  if (!concerns(path) || fstat(fd, found) != 0) return 0;
  unsigned long number = __atomic_add_fetch(&copies, 1, __ATOMIC_SEQ_CST);
  if (S_ISDIR(found->st_mode)) return number;
  char copy[PATH_MAX];
  snprintf(copy, sizeof copy, "%s/%d-%lu", getenv("KEYWARD_SHADOW"), getpid(), number);
  int from = real_open(link, O_RDONLY, 0), to = real_open(copy, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (from < 0 || to < 0) abort();
  char buffer[65536];
  for (ssize_t got; (got = read(from, buffer, sizeof buffer)) > 0;)
    if (write(to, buffer, got) != got) abort();
  close(to);
  close(from);
  return number;
}

static void note_synced(const char *path, const struct stat *found, unsigned long number) {
  if (S_ISDIR(found->st_mode)) note("syncdir\t%s\n", path);
  else note("sync\t%lu\t%d-%lu\n", (unsigned long)found->st_ino, getpid(), number);
}

/* What is in the file before the sync is on the device after it. */
static int sync_and_note(int fd, const char *name) {
  char path[PATH_MAX];
  struct stat found;
  unsigned long number = copy_of(fd, path, &found);
  int result = ((int (*)(int))real(name))(fd);
  if (number != 0 && result == 0) note_synced(path, &found, number);
  return result;
}
int fsync(int fd) { return sync_and_note(fd, "fsync"); }
int fdatasync(int fd) { return sync_and_note(fd, "fdatasync"); }

/* A write to a file that was opened with O_DSYNC returns once the device has it (open(2)). */
static void note_if_synced(int fd) {
  if ((fcntl(fd, F_GETFL) & O_DSYNC) == 0) return;
  char path[PATH_MAX];
  struct stat found;
  unsigned long number = copy_of(fd, path, &found);
  if (number != 0) note_synced(path, &found, number);
}
ssize_t write(int fd, const void *bytes, size_t length) {
  ssize_t result = ((ssize_t (*)(int, const void *, size_t))real("write"))(fd, bytes, length);
  if (result > 0) note_if_synced(fd);
  return result;
}
ssize_t writev(int fd, const struct iovec *parts, int count) {
  ssize_t result = ((ssize_t (*)(int, const struct iovec *, int))real("writev"))(fd, parts, count);
  if (result > 0) note_if_synced(fd);
  return result;
}

int rename(const char *from, const char *to) {
  int result = ((int (*)(const char *, const char *))real("rename"))(from, to);
  if (result == 0 && concerns(to)) note("rename\t%s\t%s\n", from, to);
  return result;
}
int link(const char *from, const char *to) {
  int result = ((int (*)(const char *, const char *))real("link"))(from, to);
  if (result == 0 && concerns(to)) note("link\t%s\t%s\n", from, to);
  return result;
}
int unlink(const char *path) {
  int result = ((int (*)(const char *))real("unlink"))(path);
  if (result == 0 && concerns(path)) note("unlink\t%s\n", path);
  return result;
}
int rmdir(const char *path) {
  int result = ((int (*)(const char *))real("rmdir"))(path);
  if (result == 0 && concerns(path)) note("rmdir\t%s\n", path);
  return result;
}
int mkdir(const char *path, mode_t mode) {
  int result = ((int (*)(const char *, mode_t))real("mkdir"))(path, mode);
  if (result == 0 && concerns(path)) note("mkdir\t%s\n", path);
  return result;
}
