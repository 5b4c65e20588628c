// Copies and fills: checked for direction and bounds, queued in their stream.
#include "state.h"

#include <string.h>

static const char *const SIDES[] = {"host", "device"};

static bool direction_fits(int kind, bool to_device, bool from_device) {
  switch (kind) {
    case HOST_TO_HOST: return !to_device && !from_device;
    case HOST_TO_DEVICE: return to_device && !from_device;
    case DEVICE_TO_HOST: return !to_device && from_device;
    case DEVICE_TO_DEVICE: return to_device && from_device;
    default: return kind == BY_ADDRESS;
  }
}

static bool allowed(const void *to, const void *from, size_t bytes, int kind) {
  if (!direction_fits(kind, is_device(to), is_device(from))) {
    violation("copy of kind %d from %s memory to %s memory", kind, SIDES[is_device(from)], SIDES[is_device(to)]);
    return false;
  }
  return (!is_device(to) || inside_block(to, bytes, "copy to device memory")) &&
      (!is_device(from) || inside_block(from, bytes, "copy from device memory"));
}

static Error copy(void *to, const void *from, size_t bytes, int kind, void *stream, bool async) {
  if (bytes == 0) {
    return SUCCESS;
  }
  pthread_mutex_lock(&lock);
  int index = stream_index(stream);
  bool valid = index >= 0 && allowed(to, from, bytes, kind);
  if (valid) {
    const void *host_side = is_device(to) ? from : to;
    bool pageable = !is_device(host_side) && !is_pinned(host_side);
    record(COPY, index, bytes, "%s to %s%s%s", SIDES[is_device(from)], SIDES[is_device(to)],
        is_device(host_side) ? "" : pageable ? " pageable" : " pinned", async ? "" : " blocking");
    if (!is_device(to) || settings.skipped_copy == 0 || bytes < settings.skipped_copy) {
      enqueue(index, to, from, bytes, 0, pageable);
    }
    if (!async || (pageable && !is_device(to))) {
      host_joins(index); // the bytes are there when the call returns
    }
  }
  pthread_mutex_unlock(&lock);
  return valid ? SUCCESS : failed(INVALID_VALUE);
}

EXPORT Error cudaMemcpy(void *to, const void *from, size_t bytes, int kind) {
  return copy(to, from, bytes, kind, NULL, false);
}

EXPORT Error cudaMemcpyAsync(void *to, const void *from, size_t bytes, int kind, void *stream) {
  return copy(to, from, bytes, kind, stream, true);
}

EXPORT Error cudaMemcpyPeerAsync(void *to, int to_device, const void *from, int from_device, size_t bytes, void *stream) {
  if (!is_device(to) || !is_device(from) || device_of(to) != to_device || device_of(from) != from_device) {
    pthread_mutex_lock(&lock);
    violation("peer copy from device %d to device %d of memory that is elsewhere", from_device, to_device);
    pthread_mutex_unlock(&lock);
    return failed(INVALID_VALUE);
  }
  return copy(to, from, bytes, DEVICE_TO_DEVICE, stream, true);
}

static Error fill(void *to, int value, size_t bytes, void *stream, bool async) {
  if (bytes == 0) {
    return SUCCESS;
  }
  pthread_mutex_lock(&lock);
  int index = stream_index(stream);
  bool valid = index >= 0 && is_device(to) && inside_block(to, bytes, "fill of device memory");
  if (index >= 0 && !is_device(to)) {
    violation("fill of %zu bytes of host memory", bytes);
  }
  if (valid) {
    record(FILL, index, bytes, "device%s", async ? "" : " blocking");
    if (settings.skipped_copy == 0 || bytes < settings.skipped_copy) {
      enqueue(index, to, NULL, bytes, value, false);
    }
    if (!async) {
      host_joins(index);
    }
  }
  pthread_mutex_unlock(&lock);
  return valid ? SUCCESS : failed(INVALID_VALUE);
}

EXPORT Error cudaMemset(void *to, int value, size_t bytes) { return fill(to, value, bytes, NULL, false); }

EXPORT Error cudaMemsetAsync(void *to, int value, size_t bytes, void *stream) {
  return fill(to, value, bytes, stream, true);
}

// Constants of kernels, which do not run.
EXPORT Error cudaMemcpyToSymbol(const void *symbol, const void *from, size_t bytes, size_t offset, int kind) {
  (void)symbol;
  (void)from;
  (void)bytes;
  (void)offset;
  (void)kind;
  return SUCCESS;
}

Error cudaMalloc(void **pointer, size_t bytes);

EXPORT Error cudaGetSymbolAddress(void **pointer, const void *symbol) {
  (void)symbol;
  static void *symbols; // one block for all: nobody looks into it
  Error error = symbols ? SUCCESS : cudaMalloc(&symbols, 1 << 20);
  *pointer = symbols;
  return error;
}
