/* Preloaded into a build: writes to files fail from a chosen one on, as on a full or broken disk.

   cc -shared -fPIC -O1 -o failing.so failing.c -ldl */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static long seen, first = -1;
static int reason, once;

void plansearch_fail(long at, int error, int only_once) { seen = 0; first = at; reason = error; once = only_once; }
long plansearch_seen(void) { return seen; }

/* True when this write is to fail. Pipes, sockets and the standard streams are none of ours. */
static int due(int descriptor) {
    struct stat status;
    if (descriptor <= 2 || fstat(descriptor, &status) != 0 || S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode)) return 0;
    long number = seen++;
    if (first < 0 || number < first || (once && number > first)) return 0;
    errno = reason;
    return 1;
}

#define REAL(name) ((__typeof__(&name)) dlsym(RTLD_NEXT, #name))

ssize_t write(int d, const void *data, size_t size) { return due(d) ? -1 : REAL(write)(d, data, size); }
ssize_t writev(int d, const struct iovec *data, int count) { return due(d) ? -1 : REAL(writev)(d, data, count); }
ssize_t pwrite(int d, const void *data, size_t size, off_t at) { return due(d) ? -1 : REAL(pwrite)(d, data, size, at); }
ssize_t pwrite64(int d, const void *data, size_t size, off64_t at) { return due(d) ? -1 : REAL(pwrite64)(d, data, size, at); }
int fsync(int d) { return due(d) ? -1 : REAL(fsync)(d); }
int fdatasync(int d) { return due(d) ? -1 : REAL(fdatasync)(d); }
size_t fwrite(const void *data, size_t size, size_t count, FILE *file) {
    return due(fileno(file)) ? 0 : REAL(fwrite)(data, size, count, file);
}
