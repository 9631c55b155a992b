/* For the rig only: lets libcamera and picamera2 allocate picture buffers on a kernel without
 * dma-buf heaps. Loaded by LD_PRELOAD, it answers for /dev/dma_heap/linux,cma with memory files
 * (memfd_create), which can be mapped and passed on just like dma-buf descriptors.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE 4096u

/* linux/dma-heap.h */
struct allocation {
  uint64_t length;
  uint32_t descriptor;
  uint32_t descriptor_flags;
  uint64_t heap_flags;
};
#define ALLOCATE _IOWR('H', 0, struct allocation)

/* linux/dma-buf.h; the kernel changed the size of the name's argument once. */
#define SYNC _IOW('b', 0, uint64_t)
#define NAME_SHORT _IOW('b', 1, uint32_t)
#define NAME_LONG _IOW('b', 1, uint64_t)

static int is_heap(const char *path) {
  return path && (!strcmp(path, "/dev/dma_heap/linux,cma") || !strcmp(path, "/dev/dma_heap/system"));
}

static int allocate(struct allocation *wanted) {
  int memory = memfd_create("rig-dma-buf", MFD_CLOEXEC);
  if (memory < 0)
    return -1;
  uint64_t whole_pages = (wanted->length + PAGE - 1) / PAGE * PAGE;
  if (ftruncate(memory, (off_t)whole_pages)) {
    close(memory);
    return -1;
  }
  wanted->descriptor = (uint32_t)memory;
  return 0;
}

#define OPEN(name)                                                     \
  int name(const char *path, int flags, ...) {                         \
    static int (*next)(const char *, int, ...);                        \
    if (!next)                                                         \
      next = dlsym(RTLD_NEXT, #name);                                  \
    va_list rest;                                                      \
    va_start(rest, flags);                                             \
    mode_t mode = va_arg(rest, mode_t);                                \
    va_end(rest);                                                      \
    return is_heap(path) ? memfd_create("rig-dma-heap", MFD_CLOEXEC)   \
                         : next(path, flags, mode);                    \
  }

#define OPEN_AT(name)                                                  \
  int name(int folder, const char *path, int flags, ...) {             \
    static int (*next)(int, const char *, int, ...);                   \
    if (!next)                                                         \
      next = dlsym(RTLD_NEXT, #name);                                  \
    va_list rest;                                                      \
    va_start(rest, flags);                                             \
    mode_t mode = va_arg(rest, mode_t);                                \
    va_end(rest);                                                      \
    return is_heap(path) ? memfd_create("rig-dma-heap", MFD_CLOEXEC)   \
                         : next(folder, path, flags, mode);            \
  }

OPEN(open)
OPEN(open64)
OPEN_AT(openat)
OPEN_AT(openat64)

int ioctl(int descriptor, unsigned long request, ...) {
  static int (*next)(int, unsigned long, ...);
  if (!next)
    next = dlsym(RTLD_NEXT, "ioctl");
  va_list rest;
  va_start(rest, request);
  void *argument = va_arg(rest, void *);
  va_end(rest);
  /* Python passes the number sign-extended. */
  request = (uint32_t)request;
  if (request == ALLOCATE)
    return allocate(argument);
  if (request == SYNC || request == NAME_SHORT || request == NAME_LONG)
    return 0;
  return next(descriptor, request, argument);
}
