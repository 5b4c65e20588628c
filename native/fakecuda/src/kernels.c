// Kernels do nothing. They are known by name, counted, refused where a GPU would refuse them, and their
// arguments are looked through for memory that another stream is still writing.
#include "state.h"

#include <stdlib.h>
#include <string.h>

enum { TABLE = 1 << 18, MAX_CONFIGURATIONS = 16, MAX_ARGUMENTS = 64 };
static const unsigned MAX_THREADS_PER_BLOCK = 1024, MAX_GRID_YZ = 65535;
static const size_t MAX_SHARED_BYTES = 101376; // that a block of compute capability 8.6 can ask for
static const size_t MAX_ARGUMENT_BYTES = 1024;

typedef struct {
  const void *function;
  const char *name;
  int arguments;           // -1: not counted yet
  unsigned char *pointers; // by argument: how many it is made of, where its type says so; 0 where it does not
} Function;
typedef struct { Dim3 grid, block; size_t shared_bytes; void *stream; } Configuration;

static Function functions[TABLE];
static _Thread_local Configuration configurations[MAX_CONFIGURATIONS];
static _Thread_local int configured;

extern char *__cxa_demangle(const char *mangled, char *buffer, size_t *length, int *status);

static Function *find(const void *function) { // its place, or the free one where it would go
  size_t i = ((uintptr_t)function * 11400714819323198485ull) >> 46;
  while (functions[i].function && functions[i].function != function) {
    i = (i + 1) % TABLE;
  }
  return &functions[i];
}

EXPORT void __cudaRegisterFunction(void **module, const char *function, char *device_function, const char *name,
    int thread_limit, void *tid, void *bid, void *block, void *grid, int *warp) {
  (void)module, (void)device_function, (void)thread_limit, (void)tid, (void)bid, (void)block, (void)grid, (void)warp;
  pthread_mutex_lock(&lock);
  Function *entry = find(function);
  if (!entry->function) {
    *entry = (Function){function, name, -1, NULL};
  }
  pthread_mutex_unlock(&lock);
}

EXPORT void **__cudaRegisterFatBinary(void *binary) {
  (void)binary;
  static void *module;
  return &module;
}

EXPORT void __cudaRegisterFatBinaryEnd(void **module) { (void)module; }

EXPORT void __cudaUnregisterFatBinary(void **module) { (void)module; }

EXPORT void __cudaRegisterVar(void **module, char *variable, char *address, const char *name, int external,
    size_t bytes, int constant, int global) {
  (void)module, (void)variable, (void)address, (void)name, (void)external, (void)bytes, (void)constant, (void)global;
}

EXPORT unsigned __cudaPushCallConfiguration(Dim3 grid, Dim3 block, size_t shared_bytes, void *stream) {
  if (configured == MAX_CONFIGURATIONS) {
    return 1;
  }
  configurations[configured++] = (Configuration){grid, block, shared_bytes, stream};
  return 0;
}

EXPORT Error __cudaPopCallConfiguration(Dim3 *grid, Dim3 *block, size_t *shared_bytes, void *stream) {
  if (configured == 0) {
    return failed(INVALID_CONFIGURATION);
  }
  Configuration *c = &configurations[--configured];
  *grid = c->grid;
  *block = c->block;
  *shared_bytes = c->shared_bytes;
  *(void **)stream = c->stream;
  return SUCCESS;
}

EXPORT Error __cudaGetKernel(void **kernel, const void *function) {
  *kernel = (void *)(uintptr_t)function;
  return SUCCESS;
}

static bool shape_fits(Dim3 grid, Dim3 block, size_t shared_bytes) {
  unsigned threads = block.x * block.y * block.z;
  return grid.x > 0 && grid.y > 0 && grid.z > 0 && grid.x <= INT32_MAX && grid.y <= MAX_GRID_YZ &&
      grid.z <= MAX_GRID_YZ && threads > 0 && threads <= MAX_THREADS_PER_BLOCK && block.z <= 64 &&
      shared_bytes <= MAX_SHARED_BYTES;
}

// How many pointers a value of a type is made of: T* or std::array<char*, N>; 0 for other types.
static unsigned char pointers_of(const char *type, size_t length) {
  static const char ARRAY[] = "std::array<char*, ";
  if (length >= sizeof ARRAY && memcmp(type, ARRAY, sizeof ARRAY - 1) == 0) {
    return (unsigned char)strtoul(type + sizeof ARRAY - 1, NULL, 10);
  }
  return length > 0 && type[length - 1] == '*';
}

// Reads a kernel's arguments from its C++ name, from the last to the first: commas of the last pair of
// brackets, not of those inside, divide them. Of a C function nothing is known.
static void read_arguments(Function *function) {
  unsigned char pointers[MAX_ARGUMENTS];
  int status, depth = 0, count = 0;
  char *name = __cxa_demangle(function->name, NULL, NULL, &status);
  char *end = name ? strrchr(name, ')') : NULL;
  for (char *at = end; at && at >= name && count < MAX_ARGUMENTS; at--) {
    depth += *at == ')' || *at == '>' || *at == ']' || *at == '}';
    depth -= *at == '(' || *at == '<' || *at == '[' || *at == '{';
    if (depth == 0 || (*at == ',' && depth == 1)) {
      char *type = at[1] == ' ' ? at + 2 : at + 1;
      if (type < end) {
        pointers[count++] = pointers_of(type, (size_t)(end - type));
      }
      end = at;
    }
    if (depth == 0) {
      break;
    }
  }
  free(name);
  function->arguments = count;
  function->pointers = malloc((size_t)count + 1);
  if (!function->pointers) {
    abort();
  }
  for (int i = 0; i < count; i++) {
    function->pointers[i] = pointers[count - 1 - i];
  }
}

typedef struct { uintptr_t start, end; } Range;

// This thread's stack, on which launches put their arguments.
static Range this_stack(void) {
  static _Thread_local Range stack;
  if (stack.end == 0) {
    pthread_attr_t attributes;
    void *start;
    size_t bytes;
    if (pthread_getattr_np(pthread_self(), &attributes)) {
      abort();
    }
    pthread_attr_getstack(&attributes, &start, &bytes);
    pthread_attr_destroy(&attributes);
    stack = (Range){(uintptr_t)start, (uintptr_t)start + bytes};
  }
  return stack;
}

// The runtime is not told how large an argument is: it goes to the next one at most.
static size_t bytes_of_argument(void **arguments, int count, int index) {
  Range stack = this_stack();
  uintptr_t start = (uintptr_t)arguments[index], end = stack.end;
  if (start < stack.start || start >= end) {
    return sizeof(void *); // nothing is known of what follows
  }
  for (int i = 0; i < count; i++) {
    uintptr_t other = (uintptr_t)arguments[i];
    if (other > start && other < end) {
      end = other;
    }
  }
  return end - start < MAX_ARGUMENT_BYTES ? end - start : MAX_ARGUMENT_BYTES;
}

// Every pointer to device memory among the arguments is something that the kernel may read or write. Behind an
// argument whose size is not known there may be what an earlier call left, so only what is certainly a pointer of
// this launch makes a race.
static void follow_arguments(Function *function, void **arguments, int stream) {
  bool races_are_possible = any_unordered_write(stream);
  if (function->arguments < 0) {
    read_arguments(function);
  }
  for (int i = 0; i < function->arguments; i++) {
    size_t bytes = bytes_of_argument(arguments, function->arguments, i);
    for (size_t at = 0; at + sizeof(void *) <= bytes; at += sizeof(void *)) {
      void *pointer;
      memcpy(&pointer, (char *)arguments[i] + at, sizeof pointer);
      if (!is_device(pointer)) {
        continue;
      }
      give(pointer);
      bool certain = at / sizeof(void *) < function->pointers[i];
      Operation *write = races_are_possible && certain ? unordered_write(stream, pointer) : NULL;
      if (write) {
        violation("race: %s on stream %d uses the %zu bytes that a copy on stream %d still writes; nothing orders them",
            function->name, stream, write->bytes, write->stream);
        write->raced = true; // one kernel is enough
      }
    }
  }
}

static Error launch(const void *function, Dim3 grid, Dim3 block, void **arguments, size_t shared_bytes, void *stream) {
  if (driver_error()) {
    return failed(driver_error());
  }
  if (settings.capability < 75) {
    return failed(NO_KERNEL_IMAGE); // the oldest that libtorch is built for
  }
  Error error = SUCCESS;
  pthread_mutex_lock(&lock);
  Function *known = find(function);
  int index = stream_index(stream);
  if (index < 0 || !known->function) {
    error = failed(INVALID_HANDLE);
  } else if (stream_device(index) != current_device) {
    violation("%s: its stream %d is one of device %d, the current device is %d", known->name, index,
        stream_device(index), current_device);
    error = failed(INVALID_HANDLE);
  } else if (!shape_fits(grid, block, shared_bytes)) {
    violation("%s: grid (%u, %u, %u), block (%u, %u, %u), %zu bytes of shared memory", known->name, grid.x, grid.y,
        grid.z, block.x, block.y, block.z, shared_bytes);
    error = failed(INVALID_CONFIGURATION);
  } else {
    next_position(index);
    record(KERNEL, index, 0, "%s", known->name);
    if (arguments) {
      follow_arguments(known, arguments, index);
    }
  }
  pthread_mutex_unlock(&lock);
  return error;
}

EXPORT Error cudaLaunchKernel(const void *function, Dim3 grid, Dim3 block, void **arguments, size_t shared_bytes,
    void *stream) {
  return launch(function, grid, block, arguments, shared_bytes, stream);
}

EXPORT Error __cudaLaunchKernel(const void *kernel, Dim3 grid, Dim3 block, void **arguments, size_t shared_bytes,
    void *stream) {
  return launch(kernel, grid, block, arguments, shared_bytes, stream);
}

EXPORT Error cudaLaunchKernelExC(const LaunchConfig *config, const void *function, void **arguments) {
  return launch(function, config->grid, config->block, arguments, config->shared_bytes, config->stream);
}

EXPORT Error cudaFuncGetAttributes(FunctionAttributes *attributes, const void *function) {
  (void)function;
  int version = settings.capability >= 90 ? 90 : 80;
  *attributes = (FunctionAttributes){.max_threads_per_block = (int)MAX_THREADS_PER_BLOCK, .registers = 32,
      .ptx_version = version, .binary_version = version, .max_dynamic_shared_bytes = 49152};
  return settings.capability < 75 ? failed(NO_KERNEL_IMAGE) : SUCCESS;
}

EXPORT Error cudaFuncSetAttribute(const void *function, int attribute, int value) {
  (void)function, (void)attribute, (void)value;
  return SUCCESS;
}

EXPORT Error cudaKernelSetAttributeForDevice(void *kernel, int attribute, int value, int device) {
  (void)kernel, (void)attribute, (void)value, (void)device;
  return SUCCESS;
}

EXPORT Error cudaOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(int *blocks, const void *function, int block_size,
    size_t shared_bytes, unsigned flags) {
  (void)function, (void)block_size, (void)shared_bytes, (void)flags;
  *blocks = 2;
  return SUCCESS;
}
