// Device memory is a range of addresses that the host may not touch; its bytes lie in a second range of
// equal size. Each device has a part of both.
#include "memory.h"

#include "state.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static const size_t DEVICE_BYTES = (size_t)128 << 30; // addresses, not memory
static const size_t ALIGNMENT = 512;
static const int EXIT_OF_HOST_ACCESS = 86;

typedef struct { size_t offset, size; bool used; } Block;
typedef struct { Block *blocks; int count, capacity; size_t limit, used; } Heap;
typedef struct Pinned { char *start; size_t bytes; bool owned; struct Pinned *next; } Pinned;

static const size_t PAGE = 512;                      // libtorch's tensors begin at multiples of it
static const size_t LONGEST_TENSOR = (size_t)64 << 20; // that is looked back over

static char *device_start, *bytes_start;
static uint32_t *given, *written; // by page: when a kernel was last given it, and a copy or fill last wrote it
static uint32_t now;
static bool bytes_are_real;
static Heap heaps[MAX_DEVICES];
static Pinned *pinned;
static struct sigaction next_handler;

bool is_device(const void *pointer) {
  const char *p = pointer;
  return p >= device_start && p < device_start + MAX_DEVICES * DEVICE_BYTES;
}

int device_of(const void *device_pointer) {
  return (int)((size_t)((const char *)device_pointer - device_start) / DEVICE_BYTES);
}

char *bytes_at(const void *pointer) {
  return is_device(pointer) ? bytes_start + ((const char *)pointer - device_start) : (char *)(uintptr_t)pointer;
}

// A host that touches device memory gets a signal here, as it would on a GPU; other signals go on to
// whoever had them before, which is Java.
static void on_segmentation_fault(int number, siginfo_t *info, void *context) {
  if (is_device(info->si_addr)) {
    char message[160];
    int length = snprintf(message, sizeof message,
        "fake cuda: the host touched memory of device %d at %p; copy it to the host first\n",
        device_of(info->si_addr), info->si_addr);
    (void)!write(STDERR_FILENO, message, (size_t)length);
    _exit(EXIT_OF_HOST_ACCESS);
  }
  if (next_handler.sa_flags & SA_SIGINFO) {
    next_handler.sa_sigaction(number, info, context);
  } else if (next_handler.sa_handler == SIG_DFL || next_handler.sa_handler == SIG_IGN) {
    sigaction(number, &next_handler, NULL); // the instruction runs again and ends the process
  } else {
    next_handler.sa_handler(number);
  }
}

static void *reserve(size_t bytes, int protection) {
  void *start = mmap(NULL, bytes, protection, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (start == MAP_FAILED) {
    perror("fake cuda: addresses for device memory");
    abort();
  }
  return start;
}

void start_memory(void) {
  size_t bytes = MAX_DEVICES * DEVICE_BYTES;
  device_start = reserve(bytes, PROT_NONE);
  bytes_start = reserve(bytes, PROT_READ | PROT_WRITE);
  given = reserve(bytes / PAGE * sizeof *given, PROT_READ | PROT_WRITE);
  written = reserve(bytes / PAGE * sizeof *written, PROT_READ | PROT_WRITE);
  for (int i = 0; i < settings.devices; i++) {
    heaps[i] = (Heap){malloc(sizeof(Block)), 1, 1, settings.memory, 0};
    heaps[i].blocks[0] = (Block){0, DEVICE_BYTES, false};
  }
  struct sigaction handler = {.sa_sigaction = on_segmentation_fault, .sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK};
  sigemptyset(&handler.sa_mask);
  sigaction(SIGSEGV, &handler, &next_handler);
}

void limit_memory(int device, size_t bytes) { heaps[device].limit = bytes; }

size_t used_memory(int device) { return heaps[device].used; }

static void insert(Heap *heap, int index, Block block) {
  if (heap->count == heap->capacity) {
    heap->capacity *= 2;
    heap->blocks = realloc(heap->blocks, (size_t)heap->capacity * sizeof(Block));
    if (!heap->blocks) {
      abort();
    }
  }
  memmove(heap->blocks + index + 1, heap->blocks + index, (size_t)(heap->count - index) * sizeof(Block));
  heap->blocks[index] = block;
  heap->count++;
}

static void erase(Heap *heap, int index) {
  heap->count--;
  memmove(heap->blocks + index, heap->blocks + index + 1, (size_t)(heap->count - index) * sizeof(Block));
}

static char *take(int device, size_t bytes) { // the first free block that is large enough
  Heap *heap = &heaps[device];
  for (int i = 0; i < heap->count; i++) {
    Block *block = &heap->blocks[i];
    if (!block->used && block->size >= bytes) {
      Block rest = {block->offset + bytes, block->size - bytes, false};
      block->size = bytes;
      block->used = true;
      size_t offset = block->offset;
      if (rest.size > 0) {
        insert(heap, i + 1, rest);
      }
      heap->used += bytes;
      return device_start + (size_t)device * DEVICE_BYTES + offset;
    }
  }
  return NULL;
}

static void merge(Heap *heap, int i) { // with free neighbours
  if (i + 1 < heap->count && !heap->blocks[i + 1].used) {
    heap->blocks[i].size += heap->blocks[i + 1].size;
    erase(heap, i + 1);
  }
  if (i > 0 && !heap->blocks[i - 1].used) {
    heap->blocks[i - 1].size += heap->blocks[i].size;
    erase(heap, i);
  }
}

static Block *block_of(const void *pointer) {
  int device = device_of(pointer);
  Heap *heap = &heaps[device];
  size_t offset = (size_t)((const char *)pointer - device_start) - (size_t)device * DEVICE_BYTES;
  int low = 0, high = heap->count - 1; // blocks are in the order of their addresses
  while (low < high) {
    int middle = (low + high + 1) / 2;
    if (heap->blocks[middle].offset <= offset) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return heap->count == 0 ? NULL : &heap->blocks[low];
}

bool inside_block(const void *pointer, size_t bytes, const char *what) {
  const Block *block = block_of(pointer);
  size_t offset = (size_t)((const char *)pointer - device_start) - (size_t)device_of(pointer) * DEVICE_BYTES;
  if (block && block->used && offset + bytes <= block->offset + block->size) {
    return true;
  }
  violation("%s of %zu bytes at %p leaves the block that is allocated there", what, bytes, pointer);
  return false;
}

static size_t page_of(const void *pointer) { return (size_t)((const char *)pointer - device_start) / PAGE; }

void give(const void *pointer) { given[page_of(pointer)] = ++now; }

void write_over(const void *pointer, size_t bytes) {
  now++;
  for (size_t page = page_of(pointer), end = page_of((const char *)pointer + bytes - 1); page <= end; page++) {
    written[page] = now;
  }
}

bool is_known(const void *pointer) {
  size_t page = page_of(pointer), first = page > LONGEST_TENSOR / PAGE ? page - LONGEST_TENSOR / PAGE : 0;
  if (bytes_are_real) {
    return true;
  }
  for (size_t before = page; before > first; before--) {
    if (given[before] > written[page]) {
      return false;
    }
    if (given[before]) {
      return true;
    }
  }
  return true;
}

EXPORT Error cudaMalloc(void **pointer, size_t bytes) {
  Error error = driver_error();
  if (error) {
    return failed(error);
  }
  pthread_mutex_lock(&lock);
  Heap *heap = &heaps[current_device];
  size_t size = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  *pointer = heap->used + size <= heap->limit ? take(current_device, size) : NULL;
  record(ALLOCATION, 0, bytes, "%s", *pointer ? "device" : "refused");
  pthread_mutex_unlock(&lock);
  return *pointer ? SUCCESS : failed(OUT_OF_MEMORY);
}

EXPORT Error cudaMallocAsync(void **pointer, size_t bytes, void *stream) {
  (void)stream;
  return cudaMalloc(pointer, bytes);
}

EXPORT Error cudaFree(void *pointer) {
  if (!pointer) {
    return SUCCESS;
  }
  pthread_mutex_lock(&lock);
  host_joins_all(); // freeing waits for the device
  Error error = SUCCESS;
  Block *block = is_device(pointer) ? block_of(pointer) : NULL;
  size_t base = block ? (size_t)device_of(pointer) * DEVICE_BYTES : 0;
  if (!block || !block->used || device_start + base + block->offset != (char *)pointer) {
    violation("cudaFree of %p, which is not the start of a block", pointer);
    error = failed(INVALID_VALUE);
  } else {
    Heap *heap = &heaps[device_of(pointer)];
    record(RELEASE, 0, block->size, "device");
    heap->used -= block->size;
    block->used = false;
    madvise(bytes_at(pointer), block->size, MADV_DONTNEED);
    merge(heap, (int)(block - heap->blocks));
  }
  pthread_mutex_unlock(&lock);
  return error;
}

EXPORT Error cudaFreeAsync(void *pointer, void *stream) {
  (void)stream;
  return cudaFree(pointer);
}

EXPORT Error cudaMemGetInfo(size_t *free_bytes, size_t *total_bytes) {
  pthread_mutex_lock(&lock);
  const Heap *heap = &heaps[current_device];
  *total_bytes = heap->limit;
  *free_bytes = heap->limit > heap->used ? heap->limit - heap->used : 0; // a test may limit it to less than is used
  pthread_mutex_unlock(&lock);
  return SUCCESS;
}

static void pin(char *start, size_t bytes, bool owned) {
  Pinned *entry = malloc(sizeof *entry);
  if (!entry) {
    abort();
  }
  pthread_mutex_lock(&lock);
  *entry = (Pinned){start, bytes, owned, pinned};
  pinned = entry;
  record(ALLOCATION, 0, bytes, "pinned");
  pthread_mutex_unlock(&lock);
}

static Error unpin(const void *start, bool owned) {
  pthread_mutex_lock(&lock);
  host_joins_all();
  Error error = INVALID_VALUE;
  for (Pinned **entry = &pinned; *entry; entry = &(*entry)->next) {
    if ((*entry)->start == start && (*entry)->owned == owned) {
      Pinned *gone = *entry;
      *entry = gone->next;
      record(RELEASE, 0, gone->bytes, "pinned");
      free(gone);
      error = SUCCESS;
      break;
    }
  }
  pthread_mutex_unlock(&lock);
  return error ? failed(error) : SUCCESS;
}

bool is_pinned(const void *pointer) {
  for (const Pinned *entry = pinned; entry; entry = entry->next) {
    if ((const char *)pointer >= entry->start && (const char *)pointer < entry->start + entry->bytes) {
      return true;
    }
  }
  return false;
}

EXPORT Error cudaHostAlloc(void **pointer, size_t bytes, unsigned flags) {
  (void)flags;
  if (posix_memalign(pointer, 4096, bytes ? bytes : 1)) {
    return failed(OUT_OF_MEMORY);
  }
  pin(*pointer, bytes, true);
  return SUCCESS;
}

EXPORT Error cudaFreeHost(void *pointer) {
  Error error = unpin(pointer, true);
  if (!error) {
    free(pointer);
  }
  return error;
}

EXPORT Error cudaHostRegister(void *pointer, size_t bytes, unsigned flags) {
  (void)flags;
  pin(pointer, bytes, false);
  return SUCCESS;
}

EXPORT Error cudaHostUnregister(void *pointer) { return unpin(pointer, false); }

EXPORT Error cudaPointerGetAttributes(PointerAttributes *attributes, const void *pointer) {
  pthread_mutex_lock(&lock);
  *attributes = (PointerAttributes){.type = UNREGISTERED, .device = -2};
  if (is_device(pointer)) {
    *attributes = (PointerAttributes){DEVICE, device_of(pointer), (void *)(uintptr_t)pointer, NULL, {0}};
  } else if (is_pinned(pointer)) {
    *attributes = (PointerAttributes){PINNED, current_device, (void *)(uintptr_t)pointer, (void *)(uintptr_t)pointer, {0}};
  }
  pthread_mutex_unlock(&lock);
  return SUCCESS;
}

// For the variant with numbers: where the bytes of device memory lie, with every queued copy made. Whoever
// asks computes with them, so they are what a GPU would have from then on.
EXPORT void *fake_cuda_shadow(const void *pointer) {
  pthread_mutex_lock(&lock);
  bytes_are_real = true;
  move_all_bytes();
  pthread_mutex_unlock(&lock);
  return bytes_at(pointer);
}
