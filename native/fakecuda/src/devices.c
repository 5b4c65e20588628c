// Devices, errors, and the start of the library.
#include "state.h"

#include "memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
_Thread_local int current_device;
_Thread_local Error last_error;
Settings settings;

static const int RUNTIME_VERSION = 13030;
enum { MULTIPROCESSORS = 82, MAX_THREADS = 1536, SHARED = 49152, SHARED_OPTIN = 101376, SHARED_ALL = 102400, L2 = 6 << 20 };

static size_t setting(const char *name, size_t otherwise) {
  const char *value = getenv(name);
  return value ? strtoull(value, NULL, 10) : otherwise;
}

__attribute__((constructor)) static void start(void) {
  settings = (Settings){
      .devices = (int)setting("FAKE_CUDA_DEVICES", 2),
      .capability = (int)setting("FAKE_CUDA_CC", 86),
      .driver = (int)setting("FAKE_CUDA_DRIVER", (size_t)RUNTIME_VERSION),
      .memory = setting("FAKE_CUDA_MEM_MIB", 24000) << 20,
      .skipped_copy = setting("FAKE_CUDA_SKIP_COPY_MIB", 0) << 20,
  };
  if (settings.devices > MAX_DEVICES) {
    fprintf(stderr, "fake cuda: FAKE_CUDA_DEVICES is %d, expected at most %d\n", settings.devices, MAX_DEVICES);
    abort();
  }
  start_memory();
}

Error failed(Error error) { return last_error = error; }

Error driver_error(void) {
  return settings.driver < RUNTIME_VERSION / 1000 * 1000 ? INSUFFICIENT_DRIVER : settings.devices == 0 ? NO_DEVICE : SUCCESS;
}

EXPORT Error cudaGetDeviceCount(int *count) {
  *count = driver_error() ? 0 : settings.devices;
  return driver_error() ? failed(driver_error()) : SUCCESS;
}

EXPORT Error cudaGetDevice(int *device) {
  *device = current_device;
  return driver_error() ? failed(driver_error()) : SUCCESS;
}

EXPORT Error cudaSetDevice(int device) {
  if (device < 0 || device >= settings.devices) {
    return failed(driver_error() ? driver_error() : INVALID_DEVICE);
  }
  current_device = device;
  return driver_error() ? failed(driver_error()) : SUCCESS;
}

EXPORT Error cudaDriverGetVersion(int *version) {
  *version = settings.driver;
  return SUCCESS;
}

EXPORT Error cudaRuntimeGetVersion(int *version) {
  *version = RUNTIME_VERSION;
  return SUCCESS;
}

EXPORT Error cudaGetDeviceProperties(DeviceProperties *p, int device) {
  if (device < 0 || device >= settings.devices) {
    return failed(INVALID_DEVICE);
  }
  *p = (DeviceProperties){
      .total_memory = settings.memory, .shared_per_block = SHARED, .registers_per_block = 65536, .warp_size = 32,
      .max_threads_per_block = 1024, .max_threads = {1024, 1024, 64}, .max_grid = {INT32_MAX, 65535, 65535},
      .total_const = 65536, .major = settings.capability / 10, .minor = settings.capability % 10,
      .texture_alignment = 512, .multiprocessors = MULTIPROCESSORS, .concurrent_kernels = 1, .pci_bus = device + 1,
      .async_engines = 2, .unified_addressing = 1, .memory_bus_width = 384, .l2_bytes = L2,
      .max_threads_per_multiprocessor = MAX_THREADS, .stream_priorities = 1, .shared_per_multiprocessor = SHARED_ALL,
      .registers_per_multiprocessor = 65536, .shared_per_block_optin = SHARED_OPTIN, .max_blocks_per_multiprocessor = 16};
  snprintf(p->name, sizeof p->name, "Fake GPU %d", device);
  return SUCCESS;
}

EXPORT Error cudaDeviceGetAttribute(int *value, int attribute, int device) {
  DeviceProperties p;
  Error error = cudaGetDeviceProperties(&p, device);
  if (error) {
    return error;
  }
  switch (attribute) { // the numbers are cudaDeviceAttr's
    case 1: *value = p.max_threads_per_block; break;
    case 2: case 3: case 4: *value = p.max_threads[attribute - 2]; break;
    case 5: case 6: case 7: *value = p.max_grid[attribute - 5]; break;
    case 8: *value = SHARED; break;
    case 9: *value = (int)p.total_const; break;
    case 10: *value = p.warp_size; break;
    case 12: *value = p.registers_per_block; break;
    case 16: *value = p.multiprocessors; break;
    case 38: *value = p.l2_bytes; break;
    case 39: *value = p.max_threads_per_multiprocessor; break;
    case 75: *value = p.major; break;
    case 76: *value = p.minor; break;
    case 81: *value = SHARED_ALL; break;
    case 82: *value = p.registers_per_multiprocessor; break;
    case 97: *value = SHARED_OPTIN; break;
    case 106: *value = p.max_blocks_per_multiprocessor; break;
    default: *value = 0; // a feature that this device does not have
  }
  return SUCCESS;
}

EXPORT Error cudaDeviceGetPCIBusId(char *text, int length, int device) {
  snprintf(text, (size_t)length, "0000:%02d:00.0", device + 1);
  return SUCCESS;
}

EXPORT Error cudaDeviceCanAccessPeer(int *can, int device, int peer) {
  (void)device, (void)peer;
  *can = 0;
  return SUCCESS;
}

EXPORT Error cudaDeviceGetStreamPriorityRange(int *least, int *greatest) {
  *least = 0;
  *greatest = -5;
  return SUCCESS;
}

EXPORT Error cudaDeviceGetDefaultMemPool(void **pool, int device) {
  *pool = (void *)(uintptr_t)(device + 1);
  return SUCCESS;
}

EXPORT Error cudaStreamIsCapturing(void *stream, int *status) {
  (void)stream;
  *status = 0;
  return SUCCESS;
}

EXPORT Error cudaThreadExchangeStreamCaptureMode(int *mode) {
  (void)mode;
  return SUCCESS;
}

EXPORT Error cudaStreamGetCaptureInfo(void *stream, int *status, unsigned long long *id, void **graph,
    const void **dependencies, const void **edges, size_t *count) {
  (void)stream, (void)graph, (void)dependencies, (void)edges, (void)count;
  *status = 0;
  if (id) {
    *id = 0;
  }
  return SUCCESS;
}

// -- errors

EXPORT Error cudaGetLastError(void) {
  Error error = last_error;
  last_error = SUCCESS;
  return error;
}

EXPORT Error cudaPeekAtLastError(void) { return last_error; }

EXPORT const char *cudaGetErrorString(Error error) {
  switch (error) {
    case SUCCESS: return "no error";
    case INVALID_VALUE: return "invalid argument";
    case OUT_OF_MEMORY: return "out of memory";
    case INVALID_CONFIGURATION: return "invalid configuration argument";
    case INSUFFICIENT_DRIVER: return "CUDA driver version is insufficient for CUDA runtime version";
    case NO_DEVICE: return "no CUDA-capable device is detected";
    case INVALID_DEVICE: return "invalid device ordinal";
    case NO_KERNEL_IMAGE: return "no kernel image is available for execution on the device";
    case INVALID_HANDLE: return "invalid resource handle";
    case NOT_READY: return "device not ready";
    case NOT_SUPPORTED: return "operation not supported";
    default: return "unknown error";
  }
}

EXPORT const char *cudaGetErrorName(Error error) {
  switch (error) {
    case SUCCESS: return "cudaSuccess";
    case OUT_OF_MEMORY: return "cudaErrorMemoryAllocation";
    case INSUFFICIENT_DRIVER: return "cudaErrorInsufficientDriver";
    case NO_DEVICE: return "cudaErrorNoDevice";
    case NO_KERNEL_IMAGE: return "cudaErrorNoKernelImageForDevice";
    default: return "cudaErrorUnknown";
  }
}

// -- the driver, which libtorch asks for single functions

int fake_cuda_called(const char *function);

static Error driver_function(void) { return fake_cuda_called("a function of the driver"); }

EXPORT Error cudaGetDriverEntryPointByVersion(const char *name, void **function, unsigned version,
    unsigned long long flags, int *status) {
  (void)name, (void)version, (void)flags;
  Error (*stand_in)(void) = driver_function;
  memcpy(function, &stand_in, sizeof stand_in);
  if (status) {
    *status = 0;
  }
  return SUCCESS;
}
